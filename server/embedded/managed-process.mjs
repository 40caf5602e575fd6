import { spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { endWithThisProcess } from './exit-guard.mjs'
import { diskFullSentence, SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { lastLines } from './run-command.mjs'

/** How often a starting process is looked at. */
const readinessPollMs = 20

/** How much of the end of a log is read. */
const tailBytes = 64 * 1024

/**
 * @typedef {object} ProcessRecipe
 * @property {string} name Also the name of its log file.
 * @property {string} command
 * @property {string[]} args
 * @property {string} cwd
 * @property {NodeJS.ProcessEnv} env
 * @property {string} logFile
 * @property {number} readyMsMax It must be ready this soon after its start.
 * @property {number} stopMsMax It is killed when it has not ended this long after it was asked to.
 * @property {NodeJS.Signals} [stopSignal] SIGTERM unless told otherwise.
 * @property {NodeJS.Signals} [killSignal] SIGKILL unless told otherwise.
 * @property {number} [uid]
 * @property {number} [gid]
 * @property {() => Promise<void>} [whenFree] Resolves when nothing that the last run has left behind is in the way any more.
 * @property {(child: { pid: number, logSince: () => string }) => Promise<boolean> | boolean} isReady
 */

/** One process of the platform: started, waited for, stopped. Its output goes to its log file. */
export class ManagedProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child
  /** @type {Promise<void>} */
  #ended = Promise.resolve()
  #logStart = 0
  #stopping = false

  /**
   * @param {ProcessRecipe} recipe
   * @param {{ onStart?: () => void, onUnexpectedEnd?: (how: string) => void }} [listeners]
   */
  constructor(recipe, listeners = {}) {
    this.recipe = recipe
    this.listeners = listeners
  }

  get name() {
    return this.recipe.name
  }

  /** @returns {number | undefined} Undefined while it does not run. */
  get pid() {
    return this.#child?.pid
  }

  get isRunning() {
    return this.#child !== undefined
  }

  /** Starts the process and answers when it is ready. Throws one sentence when it ends or hangs before that. */
  async start() {
    if (this.#child) return
    const { command, args, cwd, env, logFile, uid, gid, readyMsMax, whenFree } = this.recipe
    await whenFree?.()
    await mkdir(path.dirname(logFile), { recursive: true })
    const log = openSync(logFile, 'a')
    this.#logStart = fstatSync(log).size
    this.#stopping = false
    // A group of its own: Ctrl-C at the terminal then reaches this program alone, which stops the parts in order.
    const child = spawn(command, args, { cwd, env, uid, gid, detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    this.#child = child
    const release = endWithThisProcess(child, this.recipe.killSignal ?? 'SIGKILL')
    /** @type {string | undefined} */
    let end
    let ready = false
    this.#ended = new Promise((resolve) => {
      /** @param {string} how */
      const finish = (how) => {
        if (this.#child !== child) return
        end = how
        this.#child = undefined
        release()
        resolve()
        if (ready && !this.#stopping) this.listeners.onUnexpectedEnd?.(how)
      }
      child.once('error', (error) => finish(error.message))
      child.once('exit', (code, signal) => finish(signal ? `ended by ${signal}` : `exit code ${code}`))
    })
    this.listeners.onStart?.()
    const deadline = performance.now() + readyMsMax
    while (end === undefined) {
      if (child.pid && (await this.recipe.isReady({ pid: child.pid, logSince: () => this.logSinceStart() }))) {
        ready = true
        return
      }
      if (performance.now() > deadline) {
        await this.kill()
        throw this.#problem(`was not ready after ${readyMsMax / 1000} s`)
      }
      await new Promise((resolve) => setTimeout(resolve, readinessPollMs))
    }
    throw this.#problem(`ended at its start (${end})`)
  }

  /** @param {string} what @returns {Error} */
  #problem(what) {
    const log = this.logSinceStart()
    if (tellsOfFullDisk(log)) return new SetupProblem(diskFullSentence)
    if (this.#stopping) return new SetupProblem(`The process ${this.name} was stopped while it started.`)
    const tail = lastLines(log, 8)
    return new SetupProblem(
      `The process ${this.name} ${what}: mend what the last lines of ${this.recipe.logFile} say, and start again.${tail && `\n${tail}`}`,
    )
  }

  /** @returns {string} What it has written since its last start, the last 64 KiB of it. */
  logSinceStart() {
    if (!existsSync(this.recipe.logFile)) return ''
    const log = openSync(this.recipe.logFile, 'r')
    try {
      const size = fstatSync(log).size
      const from = Math.max(this.#logStart, size - tailBytes)
      const bytes = Buffer.alloc(Math.max(0, size - from))
      readSync(log, bytes, 0, bytes.length, from)
      return bytes.toString('utf8')
    } finally {
      closeSync(log)
    }
  }

  /** Asks the process to end, and kills it when it does not in time. Repeats: a stopped one costs nothing. */
  async stop() {
    if (!this.#child) return
    this.#stopping = true
    this.#child.kill(this.recipe.stopSignal ?? 'SIGTERM')
    let timer
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.recipe.stopMsMax, 'late')
    })
    const outcome = await Promise.race([this.#ended, late])
    clearTimeout(timer)
    if (outcome === 'late') await this.kill()
  }

  /**
   * Ends the process and those that it started, at once and without asking.
   * @param {NodeJS.Signals} [signal]
   */
  async kill(signal = this.recipe.killSignal ?? 'SIGKILL') {
    const child = this.#child
    if (!child?.pid) return
    this.#stopping = true
    try {
      process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal)
    } catch {
      // It ended by itself in between, which is what was wanted.
    }
    await this.#ended
  }
}

/** @param {string} logFile Puts the log of an earlier run aside as <name>.1, in place of the one before it. */
export function setLogAside(logFile) {
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`)
}

/** A process of the project is ready when it has logged the message "ready". */
export const isReadyByLog = (/** @type {{ logSince: () => string }} */ { logSince }) =>
  logSince().includes('"msg":"ready"')
