import { ManagedProcess, setLogAside } from './managed-process.mjs'
import { diskFullSentence, SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { lastLines } from './run-command.mjs'

/** @typedef {import('./supervisor.d.mts').PlatformEvent} PlatformEvent */

/** A process that keeps dying is started again after 0.5, 1, 2 ... 30 s; one that has lived this long begins anew. */
const backOffMsMin = 500
const backOffMsMax = 30_000
const healthyMsMin = 60_000

/** Keeps the processes of one platform: notes them, starts dead ones again, stops all in order. */
export class ProcessKeeper {
  /** @type {Map<string, ManagedProcess>} */
  processes = new Map()
  /** Those that the caller has stopped or killed: their end is expected and they stay down. */
  #held = new Set()
  /** @type {Map<string, { restarts: number, startedMs: number, timer?: NodeJS.Timeout }>} */
  #lives = new Map()
  #stopping = false

  /**
   * @param {import('./run-record.mjs').RunRecord} record
   * @param {{ restartDead: boolean, tell: (event: PlatformEvent) => void }} options
   */
  constructor(record, { restartDead, tell }) {
    this.record = record
    this.restartDead = restartDead
    this.tell = tell
  }

  /**
   * @param {string} name
   * @returns {{ onStart: () => void, onUnexpectedEnd: (how: string) => void }}
   */
  listenersFor(name) {
    return {
      onStart: () => this.#onStart(name),
      onUnexpectedEnd: (how) => this.#onUnexpectedEnd(name, how),
    }
  }

  /**
   * Takes a process that has been started elsewhere.
   * @param {ManagedProcess} managed
   */
  add(managed) {
    this.processes.set(managed.name, managed)
    this.#onStart(managed.name)
  }

  /**
   * Starts a process and answers when it is ready.
   * @param {import('./managed-process.mjs').ProcessRecipe} recipe
   */
  async begin(recipe) {
    this.refuseWhenStopping()
    const managed = new ManagedProcess(recipe, this.listenersFor(recipe.name))
    this.processes.set(recipe.name, managed)
    setLogAside(recipe.logFile)
    await managed.start()
  }

  refuseWhenStopping() {
    if (this.#stopping) throw new SetupProblem('Livelot was stopped while it started.')
  }

  /** @param {string} name */
  #onStart(name) {
    const life = this.#lives.get(name) ?? { restarts: 0, startedMs: 0 }
    this.#lives.set(name, { ...life, startedMs: performance.now() })
    const managed = this.processes.get(name)
    if (managed?.pid) this.record.note(name, managed.pid, managed.recipe.stopSignal ?? 'SIGTERM')
  }

  /** @param {string} name @param {string} how */
  #onUnexpectedEnd(name, how) {
    if (this.#stopping || this.#held.has(name)) return
    const managed = this.processes.get(name)
    const life = this.#lives.get(name)
    if (!managed || !life) return
    const tail = lastLines(managed.logSinceStart(), 5)
    if (tellsOfFullDisk(tail)) this.tell({ kind: 'note', text: diskFullSentence })
    if (!this.restartDead) {
      this.tell({ kind: 'died', name, text: `${name} ended by itself (${how}).`, tail })
      return
    }
    const restarts = performance.now() - life.startedMs > healthyMsMin ? 0 : life.restarts
    const waitMs = Math.min(backOffMsMax, backOffMsMin * 2 ** restarts)
    this.tell({
      kind: 'died',
      name,
      text: `${name} ended by itself (${how}); it starts again in ${waitMs / 1000} s.`,
      tail,
    })
    const timer = setTimeout(() => this.#revive(managed), waitMs)
    this.#lives.set(name, { ...life, restarts: restarts + 1, timer })
  }

  /** @param {ManagedProcess} managed */
  async #revive(managed) {
    if (this.#stopping || this.#held.has(managed.name)) return
    try {
      await managed.start()
      this.tell({ kind: 'restarted', name: managed.name, text: `${managed.name} runs again.` })
    } catch (error) {
      this.#onUnexpectedEnd(managed.name, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
    }
  }

  /** @param {string} name @returns {ManagedProcess} */
  #named(name) {
    const managed = this.processes.get(name)
    if (managed) return managed
    throw new Error(`There is no process ${name}; there are ${[...this.processes.keys()].join(', ')}`)
  }

  /** @param {string} name @param {NodeJS.Signals} signal */
  async kill(name, signal) {
    this.#held.add(name)
    await this.#named(name).kill(signal)
  }

  /** @param {string} name */
  async restart(name) {
    const managed = this.#named(name)
    this.#held.add(name)
    await managed.stop()
    await managed.start()
    this.#held.delete(name)
  }

  /** Stops everything in order: those that serve people first, those that keep the data last. */
  async stop() {
    this.#stopping = true
    for (const { timer } of this.#lives.values()) clearTimeout(timer)
    const all = [...this.processes.values()]
    const isStore = (/** @type {ManagedProcess} */ one) => one.name === 'postgres' || one.name === 'redis'
    const groups = [
      all.filter((one) => one.name.startsWith('api')),
      all.filter((one) => one.name === 'worker'),
      all.filter((one) => !one.name.startsWith('api') && one.name !== 'worker' && !isStore(one)),
      all.filter(isStore),
    ]
    for (const group of groups) await Promise.all(group.map((one) => one.stop()))
    this.record.release()
  }
}
