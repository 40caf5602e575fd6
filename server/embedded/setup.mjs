import { existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { firstStartBytes, laterStartBytes, requireDiskSpace } from './disk-space.mjs'
import { withLock } from './lock.mjs'
import { findMediaWorker, provideMediaWorker } from './media-worker.mjs'
import { installPackages } from './packages.mjs'
import { SetupProblem } from './problems.mjs'
import { findProgram, installSystemPackages } from './system-packages.mjs'
import { buildWeb } from './web-build.mjs'

/** A step that only found everything in its place is not worth a line. */
const quietBelowMs = 300

/** @param {string} root @returns {string} Where this checkout keeps its data, secrets and logs. */
export function dataDirOf(root) {
  return path.join(root, '.livelot')
}

/**
 * Brings everything that the platform needs on this machine: npm packages, Node, a Redis, the media worker, the built
 * pages, and for tests a browser. Repeats: what is there already costs nothing.
 * @param {object} options
 * @param {string} options.root
 * @param {import('./terminal.mjs').Terminal} options.terminal
 * @param {boolean} [options.needsBrowser]
 * @param {NodeJS.ProcessEnv} [options.env] Servers that it names need not be brought.
 * @returns {Promise<{ mediaWorker: string | undefined, browser: string | undefined }>}
 */
export async function prepareMachine({ root, terminal, needsBrowser = false, env = process.env }) {
  const isFirst = !existsSync(path.join(root, 'node_modules', '.package-lock.json'))
  await requireDiskSpace(root, isFirst ? firstStartBytes : laterStartBytes)
  await requireDiskSpace(os.tmpdir(), laterStartBytes / 3)
  const lock = path.join(dataDirOf(root), 'setup.lock')
  const onWait = (/** @type {number} */ pid) =>
    terminal.line(`  Waiting for the set-up that process ${pid} is doing here.`)
  return withLock(lock, onWait, async () => {
    const packages = terminal.step('npm packages and Node 24', (tell) => installPackages(root, tell), { quietBelowMs })
    const system = bringPrograms({ terminal, needsBrowser, env })
    const [browser] = await firstFailure([system, packages])
    const [mediaWorker] = await firstFailure([
      bringMediaWorker({ root, terminal, env }),
      bringPages({ root, terminal }),
    ])
    return { mediaWorker, browser }
  })
}

/**
 * Waits for all, and then throws the first failure: a step that still works would write over its message.
 * @param {Promise<any>[]} steps
 * @returns {Promise<any[]>}
 */
async function firstFailure(steps) {
  const outcomes = await Promise.allSettled(steps)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  return outcomes.map((outcome) => /** @type {PromiseFulfilledResult<unknown>} */ (outcome).value)
}

/**
 * @param {{ terminal: import('./terminal.mjs').Terminal, needsBrowser: boolean, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<string | undefined>} The browser, when one is needed.
 */
async function bringPrograms({ terminal, needsBrowser, env }) {
  if (!env.REDIS_URL || needsBrowser) {
    if (!(await findProgram(['redis-server', 'valkey-server']))) {
      await terminal.step('Redis', (tell) => installSystemPackages(['redis-server'], 'for live stock', tell))
    }
  }
  return needsBrowser ? bringBrowser(terminal, env) : undefined
}

/** @param {import('./terminal.mjs').Terminal} terminal @param {NodeJS.ProcessEnv} env */
async function bringBrowser(terminal, env) {
  const find = async () => env.CHROMIUM_BIN || (await findProgram(['chromium', 'chromium-browser', 'google-chrome']))
  const found = await find()
  if (found) return found
  await terminal.step('Chromium', (tell) => installSystemPackages(['chromium'], 'for the browser tests', tell))
  const installed = await find()
  if (installed) return installed
  throw new SetupProblem('Chromium was installed but cannot be found: set CHROMIUM_BIN to its path, and start again.')
}

/** @param {{ root: string, terminal: import('./terminal.mjs').Terminal, env: NodeJS.ProcessEnv }} options */
async function bringMediaWorker({ root, terminal, env }) {
  // A media node elsewhere brings its own.
  if (env.MEDIA_CONTROL_URL) return undefined
  return (await findMediaWorker(root)) ?? terminal.step('media worker', (tell) => provideMediaWorker(root, tell))
}

/** @param {{ root: string, terminal: import('./terminal.mjs').Terminal }} options */
function bringPages({ root, terminal }) {
  return terminal.step('pages', (tell) => buildWeb(root, tell), { quietBelowMs })
}
