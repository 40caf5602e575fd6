import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { platformEnvironment } from './platform-environment.mjs'
import { nodeFlags, platformNode } from './platform-processes.mjs'
import { reportFailure, requireNode, SetupProblem } from './problems.mjs'
import { runAttached } from './run-attached.mjs'
import { readOrMakeSecrets } from './secrets.mjs'
import { dataDirOf } from './setup.mjs'

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** Checks the platform that the environment names, or the one that `npm start` runs here. */
async function main() {
  requireNode()
  const { args, env } = process.env.DATABASE_URL ? { args: [], env: process.env } : embedded(dataDirOf(root))
  const script = path.join(root, 'server', 'bin', 'check-invariants.ts')
  const all = [...nodeFlags, script, ...args, ...process.argv.slice(2)]
  process.exitCode = await runAttached(platformNode(root), all, { cwd: root, env })
}

/** @param {string} dataDir */
function embedded(dataDir) {
  const file = path.join(dataDir, 'ports.json')
  if (!existsSync(file)) {
    throw new SetupProblem('No platform was started here: run `npm start` first, or set DATABASE_URL and the rest.')
  }
  /** @type {{ postgres: number, redis: number }} */
  const { postgres, redis } = JSON.parse(readFileSync(file, 'utf8'))
  const secrets = readOrMakeSecrets(dataDir)
  const ports = { postgres, redis, http: [0], mediaControl: 0, sandbox: 0, rtcBase: 0 }
  const env = platformEnvironment({
    ...{ root, dataDir, ports, secrets, mediaWorker: undefined, given: process.env },
    databaseUrl: `postgres://livelot:${secrets.databasePassword}@127.0.0.1:${postgres}/livelot`,
    redisUrl: `redis://:${secrets.redisPassword}@127.0.0.1:${redis}`,
  })
  // The media node is on another port after each start, which nothing remembers; the provider's journal is a file here.
  const args = ['--without', 'media', '--provider-journal', env.SANDBOX_JOURNAL_DIR ?? dataDir]
  return { args, env }
}

main().catch((error) => {
  reportFailure(error)
  process.exit(2)
})
