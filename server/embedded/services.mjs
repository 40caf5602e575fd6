import path from 'node:path'
import { ManagedProcess, setLogAside } from './managed-process.mjs'
import { freePort, isTcpPortFree } from './ports.mjs'
import {
  accountFor,
  databaseName,
  databaseUser,
  makeDatabaseFolder,
  postgresBinaries,
  postgresRecipe,
  removeStaleLock,
} from './postgres.mjs'
import { SetupProblem } from './problems.mjs'
import { redisRecipe, writeRedisConfig } from './redis.mjs'
import { findProgram } from './system-packages.mjs'

/**
 * A database server that this program started and can stop.
 * @typedef {object} EmbeddedService
 * @property {ManagedProcess} process
 * @property {string} url With user, password and database.
 * @property {number} port
 * @property {() => Promise<void>} start Starts it again after `stop` or `kill`; answers when it serves.
 * @property {() => Promise<void>} stop Ends it in order.
 * @property {() => Promise<void>} kill Ends it with kill -9.
 */

/** @typedef {ConstructorParameters<typeof ManagedProcess>[1]} Listeners */

/** Tests give up durability for speed; a crash of the server alone still loses nothing, only a crash of the machine. */
const settingsWithoutDurability = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

/** @returns {Promise<string>} The Redis or Valkey server of this machine. */
export async function redisProgram() {
  const program = await findProgram(['redis-server', 'valkey-server'])
  if (program) return program
  throw new SetupProblem('Neither redis-server nor valkey-server was found: run `npm start`, which installs it.')
}

/**
 * @param {ManagedProcess} managed
 * @param {string} url
 * @param {number} port
 * @returns {EmbeddedService}
 */
function serviceOf(managed, url, port) {
  return {
    process: managed,
    url,
    port,
    start: () => managed.start(),
    stop: () => managed.stop(),
    kill: () => managed.kill('SIGKILL'),
  }
}

/**
 * Starts an embedded Postgres whose data lies in `<dataDir>/postgres`, which is made when it is not there.
 * @param {{ root: string, dataDir: string, password: string, port?: number, durable?: boolean, listeners?: Listeners }} options
 * @returns {Promise<EmbeddedService>}
 */
export async function startEmbeddedPostgres({ root, dataDir, password, port, durable = true, listeners }) {
  const folder = path.join(dataDir, 'postgres')
  const binaries = postgresBinaries(root)
  const account = await accountFor(binaries, folder)
  await makeDatabaseFolder({ binaries, account, folder, password, durable })
  removeStaleLock(folder)
  const usedPort = port ?? (await freePort())
  const logFile = path.join(dataDir, 'logs', 'postgres.log')
  setLogAside(logFile)
  const settings = durable ? {} : settingsWithoutDurability
  const recipe = postgresRecipe({ binaries, account, folder, port: usedPort, logFile, settings })
  const managed = new ManagedProcess(recipe, listeners)
  await managed.start()
  const url = `postgres://${databaseUser}:${password}@127.0.0.1:${usedPort}/${databaseName}`
  return serviceOf(managed, url, usedPort)
}

/**
 * Starts an embedded Redis whose data lies in `<dataDir>/redis`.
 * @param {{ dataDir: string, password: string, port?: number, appendfsync?: 'always' | 'everysec' | 'no', databaseCount?: number, settings?: readonly string[], listeners?: Listeners }} options `settings` are further lines of its configuration.
 * @returns {Promise<EmbeddedService>}
 */
export async function startEmbeddedRedis({ dataDir, password, port, appendfsync, databaseCount, settings, listeners }) {
  const program = await redisProgram()
  const folder = path.join(dataDir, 'redis')
  const usedPort = port ?? (await freePort())
  const configFile = writeRedisConfig({ folder, port: usedPort, password, appendfsync, databaseCount, settings })
  const logFile = path.join(dataDir, 'logs', 'redis.log')
  setLogAside(logFile)
  const recipe = redisRecipe({ program, folder, configFile, port: usedPort, password, logFile })
  const managed = new ManagedProcess(recipe, listeners)
  await managed.start()
  return serviceOf(managed, `redis://:${password}@127.0.0.1:${usedPort}`, usedPort)
}

/**
 * @param {number | undefined} remembered The port of the last run.
 * @param {Iterable<number>} avoid
 * @returns {Promise<number>} The same port again when it is still free, else another.
 */
export async function steadyPort(remembered, avoid) {
  if (remembered && (await isTcpPortFree(remembered, '127.0.0.1'))) return remembered
  return freePort({ avoid })
}
