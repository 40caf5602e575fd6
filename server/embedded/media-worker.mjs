import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { identifyProcess } from './process-identity.mjs'
import { lastLines, runCommand } from './run-command.mjs'
import { installSystemPackages } from './system-packages.mjs'

/** The download is worth waiting for only this long: the build needs about four minutes, but no network. */
const downloadMsMax = 20_000
const connectMsMax = 6_000

/** What the build needs from Debian; see media/worker-build/CMakeLists.txt. */
const buildPackages = [
  'cmake',
  'ninja-build',
  'pkg-config',
  'g++',
  'libssl-dev',
  'libuv1-dev',
  'libsrtp2-dev',
  'libabsl-dev',
  'libflatbuffers-dev',
  'flatbuffers-compiler',
]

/** mediasoup-worker answers with this exit code when it is started by hand: it runs on this machine. */
const startedByHandExitCode = 41

/** @param {string} binary @returns {Promise<boolean>} Whether the worker's binary can run on this machine. */
async function runs(binary) {
  return (await runCommand(binary, [], { env: {} })).code === startedByHandExitCode
}

/** @param {string} root @returns {Promise<string>} */
async function mediasoupVersion(root) {
  const lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'))
  return lock.packages['node_modules/mediasoup'].version
}

/** @returns {Promise<string>} For example debian12-x64: a binary built against one distribution does not fit another. */
async function distribution() {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '')
  /** @param {string} name */
  const field = (name) => text.match(new RegExp(`^${name}="?([^"\n]*)"?$`, 'm'))?.[1] ?? ''
  return `${field('ID') || process.platform}${field('VERSION_ID')}-${process.arch}`
}

/** @param {string} folder @returns {Promise<string>} A short hash of the names and contents of all files in it. */
export async function hashOfFolder(folder) {
  const hash = createHash('sha256')
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const file = path.join(folder, name)
    if (!(await stat(file)).isFile()) continue
    hash.update(name).update('\0')
    hash.update(await readFile(file)).update('\0')
  }
  return hash.digest('hex').slice(0, 12)
}

/**
 * Where the worker of this version, distribution and recipe is kept for this user, outside the checkout, so that a
 * fresh clone does not pay for the build again.
 * @param {string} root
 */
export async function mediaWorkerPath(root) {
  const recipe = await hashOfFolder(path.join(root, 'media', 'worker-build'))
  const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache')
  const folder = `mediasoup-worker-${await mediasoupVersion(root)}-${await distribution()}-${recipe}`
  return path.join(cache, 'livelot', folder, 'mediasoup-worker')
}

/**
 * The worker that can be used at once: the one that the environment names, or the cached one.
 * @param {string} root
 * @returns {Promise<string | undefined>}
 */
export async function findMediaWorker(root) {
  const named = process.env.MEDIASOUP_WORKER_BIN
  if (named) {
    if (await runs(named)) return named
    throw new SetupProblem(
      `MEDIASOUP_WORKER_BIN names ${named}, which does not run here: correct it, or unset it to have the worker built.`,
    )
  }
  const cached = await mediaWorkerPath(root)
  return (await runs(cached)) ? cached : undefined
}

/**
 * Finds, downloads or builds the media worker. Repeats: a second call finds it in the cache.
 * @param {string} root
 * @param {(detail: string) => void} tell Told what is being done, many times.
 * @returns {Promise<string>} The path of the binary.
 */
export async function provideMediaWorker(root, tell) {
  const found = await findMediaWorker(root)
  if (found) return found
  const target = await mediaWorkerPath(root)
  await mkdir(path.dirname(target), { recursive: true })
  for (const name of await readdir(path.dirname(target))) {
    // A set-up that was ended in the middle left it.
    const [, pid] = name.match(/^making-(\d+)-/) ?? []
    if (pid && !identifyProcess(Number(pid))) await rm(path.join(path.dirname(target), name), { recursive: true })
  }
  // Two set-ups may run at once: each works in a folder of its own, and a rename puts the whole binary in place.
  const workFolder = path.join(path.dirname(target), `making-${process.pid}-${randomBytes(4).toString('hex')}`)
  await mkdir(workFolder)
  try {
    tell('asking for the prebuilt worker')
    const made = (await downloadWorker(root, workFolder)) ?? (await buildWorker(root, workFolder, tell))
    await rename(made, target)
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
  return target
}

/**
 * @param {string} root
 * @param {string} workFolder
 * @returns {Promise<string | undefined>} Undefined when the download is not there, not in time, or does not run here.
 */
async function downloadWorker(root, workFolder) {
  try {
    const about = JSON.parse(await readFile(path.join(root, 'node_modules', 'mediasoup', 'package.json'), 'utf8'))
    const releases = about.repository.url.replace(/^git\+/, '').replace(/\.git$/, '')
    const kernel = process.platform === 'linux' ? `-kernel${os.release().split('.')[0]}` : ''
    const archive = `mediasoup-worker-${about.version}-${process.platform}-${process.arch}${kernel}.tgz`
    const bytes = await download(`${releases}/releases/download/${about.version}/${archive}`)
    const archivePath = path.join(workFolder, archive)
    await writeFile(archivePath, bytes)
    const unpacked = await runCommand('tar', ['-xzf', archivePath, '-C', workFolder])
    const binary = path.join(workFolder, 'mediasoup-worker')
    if (unpacked.code !== 0) return undefined
    await chmod(binary, 0o755)
    return (await runs(binary)) ? binary : undefined
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOSPC') throw error
    return undefined
  }
}

/** @param {string} url @returns {Promise<Buffer>} */
async function download(url) {
  const unreachable = new AbortController()
  const timer = setTimeout(() => unreachable.abort(), connectMsMax)
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([unreachable.signal, AbortSignal.timeout(downloadMsMax)]),
    })
    clearTimeout(timer)
    if (!response.ok) throw new Error(`answer ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  } finally {
    clearTimeout(timer)
  }
}

/**
 * @param {string} root
 * @param {string} workFolder
 * @param {(detail: string) => void} tell
 * @returns {Promise<string>}
 */
async function buildWorker(root, workFolder, tell) {
  tell('installing the compiler and libraries')
  await installSystemPackages(buildPackages, 'to build the media worker', tell)
  // A binary in the cache may only have missed its libraries, which are there now.
  const cached = await mediaWorkerPath(root)
  if (await runs(cached)) return cached
  const recipe = path.join(root, 'media', 'worker-build')
  const sources = path.join(root, 'node_modules', 'mediasoup')
  const buildFolder = path.join(workFolder, 'build')
  tell('preparing the build')
  const prepared = await runCommand('cmake', [
    '-G',
    'Ninja',
    '-S',
    recipe,
    '-B',
    buildFolder,
    `-DMEDIASOUP_DIR=${sources}`,
  ])
  if (prepared.code !== 0) throw buildProblem(prepared.output)
  const built = await runCommand('ninja', ['-C', buildFolder], {
    onOutput: (text) => {
      const at = [...text.matchAll(/\[(\d+)\/(\d+)\]/g)].at(-1)
      if (at) tell(`compiled ${at[1]} of ${at[2]} files`)
    },
  })
  const binary = path.join(buildFolder, 'mediasoup-worker')
  if (built.code !== 0 || !(await runs(binary))) throw buildProblem(built.output)
  return binary
}

/** @param {string} output */
function buildProblem(output) {
  if (tellsOfFullDisk(output)) return Object.assign(new Error('disk full'), { code: 'ENOSPC' })
  return new SetupProblem(
    `The media worker could not be built: mend what the compiler says below, or name a ready binary in MEDIASOUP_WORKER_BIN.\n${lastLines(output, 15)}`,
  )
}
