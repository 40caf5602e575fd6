import os from 'node:os'
import path from 'node:path'
import { SetupProblem } from './problems.mjs'

/**
 * @typedef {object} PlatformPorts
 * @property {number[]} http One for each API process, the first is the public one.
 * @property {number} mediaControl
 * @property {number} sandbox
 * @property {number} rtcBase
 * @property {number} postgres
 * @property {number} redis
 */

/** What any program needs from the machine; everything else is told below, or by the caller. */
const inheritedNames = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'NO_COLOR', 'NODE_OPTIONS', 'DISPLAY']

/** A process tells that it is ready at the level info; a quieter log would leave its start unseen. */
const levelsThatTellReady = ['trace', 'debug', 'info']

/**
 * The environment of all processes of the platform. What the caller gives wins over what is worked out here.
 * @param {object} facts
 * @param {string} facts.root
 * @param {string} facts.dataDir
 * @param {PlatformPorts} facts.ports
 * @param {import('./secrets.mjs').Secrets} facts.secrets
 * @param {string} facts.databaseUrl
 * @param {string} facts.redisUrl
 * @param {string | undefined} facts.mediaWorker
 * @param {Record<string, string | undefined>} facts.given
 * @returns {Record<string, string>}
 */
export function platformEnvironment({ root, dataDir, ports, secrets, databaseUrl, redisUrl, mediaWorker, given }) {
  const inherited = inheritedNames.map((name) => [name, process.env[name]])
  const publicUrl = given.PUBLIC_URL || `http://localhost:${ports.http[0]}`
  const local = ports.http.flatMap((port) => [`http://localhost:${port}`, `http://127.0.0.1:${port}`])
  if (!URL.canParse(publicUrl)) {
    throw new SetupProblem(`PUBLIC_URL=${publicUrl} is not an address: set it to one like https://shop.example.com.`)
  }
  const origins = [...new Set([new URL(publicUrl).origin, ...local])].join(',')
  const told = {
    // Compiled code is kept between starts: each process is ready in half the time.
    NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'node-compile'),
    LIVELOT_MODE: 'embedded',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: ports.http[0],
    PUBLIC_URL: publicUrl,
    ALLOWED_ORIGINS: origins,
    MEDIA_CONTROL_URL: `ws://127.0.0.1:${ports.mediaControl}`,
    MEDIA_CONTROL_SECRET: secrets.mediaControlSecret,
    MEDIA_CONTROL_PORT: ports.mediaControl,
    MEDIA_RTC_BASE_PORT: ports.rtcBase,
    MEDIA_WORKERS: os.availableParallelism(),
    MEDIASOUP_WORKER_BIN: mediaWorker,
    PAYMENT_URL: `http://127.0.0.1:${ports.sandbox}`,
    PAYMENT_PUBLIC_URL: `http://localhost:${ports.sandbox}`,
    PAYMENT_API_KEY: secrets.paymentApiKey,
    PAYMENT_WEBHOOK_SECRET: secrets.paymentWebhookSecret,
    SANDBOX_PORT: ports.sandbox,
    SANDBOX_JOURNAL_DIR: path.join(dataDir, 'payment-sandbox'),
    SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${ports.http[0]}/v1/webhooks/payments`,
    SANDBOX_ALLOWED_ORIGINS: origins,
    AUTH_PRIVATE_KEY: secrets.authPrivateKey,
    DEMO_PICTURES_DIR: path.join(root, 'server', 'demo', 'pictures'),
  }
  const all = [...inherited, ...Object.entries(told), ...Object.entries(given)]
  /** @type {Record<string, string>} */
  const environment = {}
  for (const [name, value] of all) {
    if (name !== undefined && value !== undefined && value !== '') environment[name] = String(value)
  }
  if (!levelsThatTellReady.includes(environment.LOG_LEVEL ?? 'info')) environment.LOG_LEVEL = 'info'
  return environment
}

/**
 * What this program's own environment says to the platform: all but what npm adds for its scripts.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string | undefined>}
 */
export function withoutNpmVariables(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(npm_|INIT_CWD$|NODE$)/i.test(name)))
}
