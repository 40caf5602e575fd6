import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { SetupProblem } from './problems.mjs'

/** @typedef {ReturnType<typeof makeSecrets>} Secrets */

function makeSecrets() {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    databasePassword: randomBytes(24).toString('hex'),
    redisPassword: randomBytes(24).toString('hex'),
    mediaControlSecret: randomBytes(32).toString('base64url'),
    paymentApiKey: `sandbox_${randomBytes(24).toString('hex')}`,
    paymentWebhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
    authPrivateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  }
}

/**
 * The secrets of this data folder, made once and kept in a file that only its owner may read.
 * Refuses to make new ones beside a database that was made with others.
 * @param {string} dataDir
 * @returns {Secrets}
 */
export function readOrMakeSecrets(dataDir) {
  const file = path.join(dataDir, 'secrets.json')
  if (existsSync(file)) {
    chmodSync(file, 0o600)
    return parseSecrets(file)
  }
  if (existsSync(path.join(dataDir, 'postgres'))) {
    throw new SetupProblem(
      `${file} is missing, and the data beside it cannot be opened without it: put the file back, or remove ${dataDir} to begin with an empty platform.`,
    )
  }
  const secrets = makeSecrets()
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}

/** @param {string} file @returns {Secrets} */
function parseSecrets(file) {
  const broken = new SetupProblem(
    `${file} cannot be read as secrets: put a good copy back, or remove ${path.dirname(file)} to begin with an empty platform.`,
  )
  /** @type {Record<string, unknown>} */
  let found
  try {
    found = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw broken
  }
  const wanted = Object.keys(makeSecrets())
  if (wanted.some((name) => typeof found?.[name] !== 'string' || found[name] === '')) throw broken
  return /** @type {Secrets} */ (found)
}
