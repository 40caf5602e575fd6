import { createWorker, type types } from 'mediasoup'
import type { Logger } from 'pino'
import { WorkerBudget } from './admission.ts'
import { type MediaConfig, pipePortCount } from './config.ts'
import type { MediaLimits } from './limits.ts'

/** One running mediasoup worker with its one WebRtcServer. A replacement is a new slot object with the same index. */
export interface WorkerSlot {
  readonly index: number
  readonly worker: types.Worker
  readonly webRtcServer: types.WebRtcServer
  readonly budget: WorkerBudget
}

interface PoolOptions {
  readonly config: MediaConfig
  readonly limits: MediaLimits
  readonly log: Logger
  /** Called at once when a worker has died, before its replacement is started. */
  readonly onDied: (slot: WorkerSlot) => void
}

const reportDelayMs = 200
/** A worker that has not ended by then hangs, and is killed. */
const processEndMs = 2_000
const restartDelayMs = { first: 50, max: 5_000 } as const

/** Keeps one worker per index alive: starts them, offers the living, replaces the dead with a growing delay. */
export class WorkerPool {
  readonly #options: PoolOptions
  readonly #slots = new Map<number, WorkerSlot>()
  readonly #restarts = new Map<number, NodeJS.Timeout>()
  readonly #waiting = new Set<() => void>()
  #deaths = 0
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Starts all workers. Rejects when one cannot start, with a sentence that names the port or the binary. */
  async start(): Promise<void> {
    const indexes = Array.from({ length: this.#options.config.workers }, (_, index) => index)
    const results = await Promise.allSettled(indexes.map((index) => this.#startSlot(index)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed === undefined) return
    await this.close()
    throw failed.reason
  }

  /** Living workers, by index. */
  get slots(): readonly WorkerSlot[] {
    return [...this.#slots.values()].filter((slot) => !slot.worker.closed)
  }
  get deaths(): number {
    return this.#deaths
  }
  get complete(): boolean {
    return this.slots.length === this.#options.config.workers
  }

  /** Resolves as soon as a worker lives, or after the time given: a lone worker that has died is back in a moment. */
  async whenAvailable(waitMs: number): Promise<void> {
    if (this.slots.length > 0 || this.#closed) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      this.#waiting.add(done)
    })
  }

  /** Closes all workers and waits until their processes are gone. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#restarts.values()) clearTimeout(timer)
    this.#restarts.clear()
    const workers = [...this.#slots.values()].map(({ worker }) => worker)
    this.#slots.clear()
    for (const done of [...this.#waiting]) done()
    await Promise.all(workers.map((worker) => endProcess(worker)))
  }

  async #startSlot(index: number): Promise<void> {
    const { config, limits, log } = this.#options
    const worker = await createWorker({ workerBin: config.workerBin, logLevel: 'error' })
    if (this.#closed) return worker.close()
    const port = config.rtcBasePort + index
    const listen = {
      ip: config.listenIp,
      port,
      ...(config.announcedAddress === undefined ? {} : { announcedAddress: config.announcedAddress }),
    }
    try {
      const webRtcServer = await worker.createWebRtcServer({
        listenInfos: [
          { protocol: 'udp', ...listen },
          { protocol: 'tcp', ...listen },
        ],
      })
      const slot: WorkerSlot = { index, worker, webRtcServer, budget: new WorkerBudget(limits) }
      worker.once('died', (error) => this.#died(slot, error))
      this.#slots.set(index, slot)
      for (const done of [...this.#waiting]) done()
      log.info({ worker: index, workerPid: worker.pid, port }, 'media worker started')
    } catch (error) {
      worker.close()
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(
        `Media worker ${index} cannot listen on ${config.listenIp} port ${port} (UDP and TCP): ${reason}`,
        {
          cause: error,
        },
      )
    }
  }

  #died(slot: WorkerSlot, error: Error): void {
    this.#deaths += 1
    if (this.#slots.get(slot.index) === slot) this.#slots.delete(slot.index)
    this.#options.onDied(slot)
    this.#reportDeath(slot, error)
    this.#replace(slot.index, 0)
  }

  /** Ctrl-C ends the workers a moment before the node is asked to stop; that is no death to report. */
  #reportDeath(slot: WorkerSlot, error: Error): void {
    setTimeout(() => {
      if (this.#closed) return
      this.#options.log.error({ worker: slot.index, workerPid: slot.worker.pid, err: error }, 'media worker died')
    }, reportDelayMs).unref()
  }

  #replace(index: number, delayMs: number): void {
    if (this.#closed) return
    const attempt = (): void => {
      this.#restarts.delete(index)
      this.#startSlot(index).catch((error: unknown) => {
        this.#options.log.error({ worker: index, err: error }, 'media worker cannot be replaced yet')
        this.#replace(index, Math.min(Math.max(delayMs * 2, restartDelayMs.first), restartDelayMs.max))
      })
    }
    this.#restarts.set(index, setTimeout(attempt, delayMs))
  }
}

const killProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It ended in this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const endProcess = async (worker: types.Worker): Promise<void> => {
  if (worker.subprocessClosed) return
  const gone = Promise.withResolvers<void>()
  worker.once('subprocessclose', gone.resolve)
  worker.close()
  const cut = setTimeout(() => killProcess(worker.pid), processEndMs)
  await gone.promise
  clearTimeout(cut)
}

/** Where pipes between workers listen: behind the workers' own ports, on the loopback address only. */
export const pipeListenInfo = (config: MediaConfig): types.TransportListenInfo => ({
  protocol: 'udp',
  ip: '127.0.0.1',
  portRange: {
    min: config.rtcBasePort + config.workers,
    max: config.rtcBasePort + config.workers + pipePortCount - 1,
  },
})
