import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setLogAside } from './managed-process.mjs'
import { findMediaWorker } from './media-worker.mjs'
import { platformEnvironment } from './platform-environment.mjs'
import { choosePorts } from './platform-ports.mjs'
import { logFileOf, nodeFlags, platformNode, platformPrograms, programRecipe } from './platform-processes.mjs'
import { diskFullSentence, SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { ProcessKeeper } from './process-keeper.mjs'
import { lastLines, runCommand } from './run-command.mjs'
import { RunRecord } from './run-record.mjs'
import { readOrMakeSecrets } from './secrets.mjs'
import { startEmbeddedPostgres, startEmbeddedRedis } from './services.mjs'

/** @typedef {import('./supervisor.d.mts').PlatformOptions} PlatformOptions */
/** @typedef {import('./supervisor.d.mts').Platform} Platform */
/** @typedef {import('./supervisor.d.mts').Demo} Demo */

/**
 * Starts the whole platform on this machine and answers when every process is ready. When any of them does not start,
 * all are stopped again. `npm start`, tests and benches use this one function.
 * @param {PlatformOptions} options
 * @returns {Promise<Platform>}
 */
export async function startPlatform(options) {
  const { signal, log, restartDead = false } = options
  const dataDir = path.resolve(options.dataDir)
  const record = new RunRecord(dataDir)
  const leftoverCount = await record.claim()
  const keeper = new ProcessKeeper(record, { restartDead, tell: (event) => log?.(event) })
  if (leftoverCount > 0) {
    log?.({ kind: 'note', text: `Stopped ${leftoverCount} processes that an earlier run had left behind.` })
  }
  const onAbort = () => void keeper.stop()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal?.aborted) throw new SetupProblem('Livelot was stopped before it started.')
    return await startAll(keeper, { ...options, dataDir })
  } catch (error) {
    await keeper.stop()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * @param {ProcessKeeper} keeper
 * @param {PlatformOptions} options
 * @returns {Promise<Platform>}
 */
async function startAll(keeper, options) {
  const { root, dataDir, env: given = {}, seed = true, apiProcesses = 1, workerProcesses: workerCount = 1 } = options
  const secrets = readOrMakeSecrets(dataDir)
  const ports = await choosePorts(dataDir, options.ports ?? {}, apiProcesses)
  const withMedia = !given.MEDIA_CONTROL_URL
  const withSandbox = !given.PAYMENT_URL
  const mediaWorker = withMedia ? await findMediaWorker(root) : undefined
  if (withMedia && !mediaWorker) {
    throw new SetupProblem('The media worker is not there yet: run `npm start` or `npm test` once, which brings it.')
  }
  const stores = { root, dataDir, secrets, ports, given }
  const urls = { databaseUrl: databaseUrlOf(stores), redisUrl: redisUrlOf(stores) }
  const reached = await reachedBy(stores, options)
  const env = platformEnvironment({ root, dataDir, ports, secrets, ...reached, mediaWorker, given: reached.given })
  const context = { root, dataDir, env }
  const { beside, workers, apis } = platformPrograms({ ports, workerCount, withMedia, withSandbox })
  const begin = (/** @type {(typeof workers)[number]} */ program) =>
    timed(options, program.name, () => keeper.begin(programRecipe(context, program)))
  const redisReady = startHotStore(keeper, stores, options)
  const migrated = startDatabase(keeper, stores, options).then(() =>
    timed(options, 'migrate', () => runOnce(keeper, context, 'migrate', options)),
  )
  const seeded = Promise.all([migrated, redisReady]).then(() =>
    seed ? timed(options, 'seed', () => runOnce(keeper, context, 'seed', options)) : '',
  )
  await allOrNothing(keeper, [seeded, ...beside.map(begin)])
  await allOrNothing(keeper, [...workers, ...apis].map(begin))
  const apiUrls = ports.http.map((port) => `http://localhost:${port}`)
  const http = env.PUBLIC_URL ?? apiUrls[0] ?? ''
  return {
    ...urls,
    urls: { http, apis: apiUrls, mediaControl: env.MEDIA_CONTROL_URL ?? '', payments: env.PAYMENT_PUBLIC_URL ?? '' },
    env,
    demo: parseDemo(await seeded),
    dataDir,
    processes: keeper.processes,
    stop: () => keeper.stop(),
    kill: (name, killSignal = 'SIGKILL') => keeper.kill(name, killSignal),
    restart: (name) => keeper.restart(name),
  }
}

/** @typedef {{ root: string, dataDir: string, secrets: import('./secrets.mjs').Secrets, ports: import('./platform-environment.mjs').PlatformPorts, given: Record<string, string | undefined> }} Stores */

/** @param {Stores} stores */
const databaseUrlOf = ({ given, secrets, ports }) =>
  given.DATABASE_URL || `postgres://livelot:${secrets.databasePassword}@127.0.0.1:${ports.postgres}/livelot`

/** @param {Stores} stores */
const redisUrlOf = ({ given, secrets, ports }) =>
  given.REDIS_URL || `redis://:${secrets.redisPassword}@127.0.0.1:${ports.redis}`

/**
 * How our processes reach the services: by the wires that the caller puts in between, or straight.
 * @param {Stores} stores
 * @param {PlatformOptions} options
 */
async function reachedBy(stores, { wire }) {
  const { given, ports } = stores
  const databaseUrl = databaseUrlOf(stores)
  const redisUrl = redisUrlOf(stores)
  if (!wire) return { databaseUrl, redisUrl, given }
  const by = async (/** @type {import('./supervisor.d.mts').WiredService} */ service, /** @type {string} */ url) => {
    const address = new URL(url)
    address.port = String(await wire(service, Number(address.port)))
    return address.href.replace(/\/$/, '')
  }
  return {
    databaseUrl: await by('postgres', databaseUrl),
    redisUrl: await by('redis', redisUrl),
    given: {
      ...given,
      PAYMENT_URL: await by('payment-sandbox', given.PAYMENT_URL || `http://127.0.0.1:${ports.sandbox}`),
    },
  }
}

/** @param {ProcessKeeper} keeper @param {Stores} stores @param {PlatformOptions} options */
async function startDatabase(keeper, { root, dataDir, secrets, ports, given }, options) {
  if (given.DATABASE_URL) return
  await timed(options, 'postgres', async () => {
    const listeners = keeper.listenersFor('postgres')
    const password = secrets.databasePassword
    const service = await startEmbeddedPostgres({ root, dataDir, password, port: ports.postgres, listeners })
    keeper.add(service.process)
  })
}

/** @param {ProcessKeeper} keeper @param {Stores} stores @param {PlatformOptions} options */
async function startHotStore(keeper, { dataDir, secrets, ports, given }, options) {
  if (given.REDIS_URL) return
  await timed(options, 'redis', async () => {
    const listeners = keeper.listenersFor('redis')
    const service = await startEmbeddedRedis({ dataDir, password: secrets.redisPassword, port: ports.redis, listeners })
    keeper.add(service.process)
  })
}

/**
 * Tells the listener when a step begins and ends.
 * @template Result
 * @param {PlatformOptions} options
 * @param {string} name
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function timed({ log }, name, work) {
  const begin = performance.now()
  log?.({ kind: 'starting', name, text: `${name} starts` })
  const result = await work()
  const ms = performance.now() - begin
  log?.({ kind: 'ready', name, ms, text: `${name} ready after ${Math.round(ms)} ms` })
  return result
}

/**
 * Waits for all. At the first failure everything is stopped, so that nothing goes on starting behind its back, and the
 * failure is thrown.
 * @param {ProcessKeeper} keeper
 * @param {Promise<unknown>[]} steps
 */
async function allOrNothing(keeper, steps) {
  try {
    await Promise.all(steps)
  } catch (error) {
    await keeper.stop()
    await Promise.allSettled(steps)
    throw error
  }
}

/**
 * @param {ProcessKeeper} keeper
 * @param {{ root: string, dataDir: string, env: Record<string, string> }} context
 * @param {'migrate' | 'seed'} name
 * @param {PlatformOptions} options
 * @returns {Promise<string>} What it wrote.
 */
async function runOnce(keeper, { root, dataDir, env }, name, { signal }) {
  keeper.refuseWhenStopping()
  const logFile = logFileOf(dataDir, name)
  mkdirSync(path.dirname(logFile), { recursive: true })
  setLogAside(logFile)
  const args = [...nodeFlags, path.join(root, 'server', 'bin', `${name}.ts`)]
  const result = await runCommand(platformNode(root), args, { cwd: root, env, signal })
  writeFileSync(logFile, result.output)
  if (result.code === 0) return result.output
  if (signal?.aborted) throw new SetupProblem('Livelot was stopped while it started.')
  if (tellsOfFullDisk(result.output)) throw new SetupProblem(diskFullSentence)
  throw new SetupProblem(
    `The step ${name} failed: mend what the last lines of ${logFile} say, and start again.\n${lastLines(result.output, 8)}`,
  )
}

/**
 * @param {string} output What the seed wrote; its last line of JSON tells the sign-ins.
 * @returns {Demo | undefined}
 */
export function parseDemo(output) {
  for (const line of output.trimEnd().split('\n').reverse()) {
    try {
      const told = JSON.parse(line)
      if (Array.isArray(told?.signIns)) return { signIns: told.signIns, links: told.links ?? [] }
    } catch {
      // A line for people, not the one that is looked for.
    }
  }
  return undefined
}
