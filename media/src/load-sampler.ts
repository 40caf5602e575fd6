import type { WorkerPool, WorkerSlot } from './worker-pool.ts'

const intervalMs = 1_000

interface Reading {
  readonly atMs: number
  readonly cpuMs: number
}

/** Reads each worker's CPU time once a second and hands the share of one core to its budget. */
export class LoadSampler {
  readonly #pool: WorkerPool
  readonly #last = new WeakMap<WorkerSlot, Reading>()
  readonly #timer: NodeJS.Timeout
  #sampling = false

  constructor(pool: WorkerPool) {
    this.#pool = pool
    this.#timer = setInterval(() => void this.#sample(), intervalMs)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** A worker too busy to answer is not asked again until it has; its budget keeps the last figure meanwhile. */
  async #sample(): Promise<void> {
    if (this.#sampling) return
    this.#sampling = true
    await Promise.allSettled(this.#pool.slots.map((slot) => this.#sampleOne(slot)))
    this.#sampling = false
  }

  async #sampleOne(slot: WorkerSlot): Promise<void> {
    const usage = await slot.worker.getResourceUsage()
    const reading = { atMs: performance.now(), cpuMs: usage.ru_utime + usage.ru_stime }
    const before = this.#last.get(slot)
    this.#last.set(slot, reading)
    if (before === undefined) return
    slot.budget.sampled(((reading.cpuMs - before.cpuMs) / (reading.atMs - before.atMs)) * 100)
  }
}
