import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { tryLock, unlock } from './lock.mjs'
import { SetupProblem } from './problems.mjs'
import { identifyProcess, isStillRunning } from './process-identity.mjs'

/** A process left by a killed run gets this long to end by itself before it is killed. */
const leftoverStopMsMax = 10_000
const leftoverPollMs = 50

/** @typedef {{ name: string, signal: NodeJS.Signals, identity: import('./process-identity.mjs').ProcessIdentity }} RecordedChild */

/**
 * The list of the processes that this run has started, kept on disk, so that the next run can stop what a killed one
 * left behind, and nothing else.
 */
export class RunRecord {
  /** @type {Map<string, RecordedChild>} */
  #children = new Map()
  #file
  #lockFile

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.#file = path.join(dataDir, 'run.json')
    this.#lockFile = path.join(dataDir, 'run.lock')
  }

  /**
   * Takes the data folder for this run and stops what a killed run left in it.
   * Refuses in one sentence when another run has it.
   * @returns {Promise<number>} How many leftover processes were stopped.
   */
  async claim() {
    const holder = tryLock(this.#lockFile)
    if (holder) {
      throw new SetupProblem(
        `Livelot already runs from this folder: use it as it is, or stop it first with Ctrl-C in its terminal or with \`kill ${holder.pid}\`.`,
      )
    }
    const leftovers = this.#read().filter(({ identity }) => isStillRunning(identity))
    await Promise.all(leftovers.map(stopLeftover))
    this.#write()
    return leftovers.length
  }

  /** @returns {RecordedChild[]} */
  #read() {
    try {
      const children = JSON.parse(readFileSync(this.#file, 'utf8'))
      return Array.isArray(children) ? children : []
    } catch {
      return []
    }
  }

  #write() {
    mkdirSync(path.dirname(this.#file), { recursive: true })
    const next = `${this.#file}.new`
    writeFileSync(next, JSON.stringify([...this.#children.values()], null, 2))
    renameSync(next, this.#file)
  }

  /**
   * @param {string} name
   * @param {number} pid
   * @param {NodeJS.Signals} signal The one that asks it to end.
   */
  note(name, pid, signal) {
    const identity = identifyProcess(pid)
    if (!identity) return
    this.#children.set(name, { name, signal, identity })
    this.#write()
  }

  /** Ends the claim, after everything has stopped. */
  release() {
    rmSync(this.#file, { force: true })
    unlock(this.#lockFile)
  }
}

/** @param {RecordedChild} child */
async function stopLeftover({ identity, signal }) {
  const deadline = performance.now() + leftoverStopMsMax
  try {
    process.kill(identity.pid, signal)
    while (isStillRunning(identity)) {
      if (performance.now() > deadline) process.kill(identity.pid, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, leftoverPollMs))
    }
  } catch (error) {
    // ESRCH: it ended in between. Anything else means that it is not ours to stop, so it is told.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error
  }
}
