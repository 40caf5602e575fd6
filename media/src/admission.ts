import { cpuPercentPerNewViewer, type MediaLimits } from './limits.ts'

/** `open`: takes anybody. `soft`: takes viewers when no other worker can. `closed`: takes nobody. */
export type WorkerState = 'open' | 'soft' | 'closed'

/**
 * What one worker may still carry: CPU as sampled, viewers and packets as counted, joins as a token bucket.
 * A worker beyond 100 % loses packets of everybody on it, so the bounds are kept here and not hoped for.
 */
export class WorkerBudget {
  readonly #limits: MediaLimits
  readonly #now: () => number
  #cpuPercent = 0
  #viewersSinceSample = 0
  #viewers = 0
  #packetsPerSecond = 0
  #tokens: number
  #refilledAtMs: number
  #refusedSinceRefill = 0

  constructor(limits: MediaLimits, now: () => number = performance.now.bind(performance)) {
    this.#limits = limits
    this.#now = now
    this.#tokens = limits.joinBurst
    this.#refilledAtMs = now()
  }

  get cpuPercent(): number {
    return this.#cpuPercent
  }
  get viewers(): number {
    return this.#viewers
  }
  get packetsPerSecond(): number {
    return this.#packetsPerSecond
  }

  /** The sample covers those who joined before it; half of the old value smooths a single busy second. */
  sampled(cpuPercent: number): void {
    this.#cpuPercent = (this.#cpuPercent + cpuPercent) / 2
    this.#viewersSinceSample = 0
  }

  viewerAdded(): void {
    this.#viewers += 1
    this.#viewersSinceSample += 1
  }
  viewerRemoved(): void {
    this.#viewers -= 1
  }
  flowAdded(packetsPerSecond: number): void {
    this.#packetsPerSecond += packetsPerSecond
  }
  flowRemoved(packetsPerSecond: number): void {
    this.#packetsPerSecond -= packetsPerSecond
  }

  get state(): WorkerState {
    const limits = this.#limits
    const cpu = this.#cpuPercent + this.#viewersSinceSample * cpuPercentPerNewViewer
    if (
      cpu >= limits.cpuPercentHard ||
      this.#viewers >= limits.viewersPerWorkerHard ||
      this.#packetsPerSecond >= limits.packetsPerSecondHard
    ) {
      return 'closed'
    }
    const soft =
      cpu >= limits.cpuPercentSoft ||
      this.#viewers >= limits.viewersPerWorkerSoft ||
      this.#packetsPerSecond >= limits.packetsPerSecondSoft
    return soft ? 'soft' : 'open'
  }

  /** How full the fullest of its bounds is; 1 is the hard bound. Least loaded means the smallest of these. */
  get load(): number {
    const limits = this.#limits
    return Math.max(
      (this.#cpuPercent + this.#viewersSinceSample * cpuPercentPerNewViewer) / limits.cpuPercentHard,
      this.#viewers / limits.viewersPerWorkerHard,
      this.#packetsPerSecond / limits.packetsPerSecondHard,
    )
  }

  /** Takes one join from the bucket, or says in how many milliseconds there will be one for this caller. */
  takeJoin(): { taken: true } | { taken: false; retryAfterMs: number } {
    const nowMs = this.#now()
    const { joinsPerSecond, joinBurst } = this.#limits
    const refill = ((nowMs - this.#refilledAtMs) / 1000) * joinsPerSecond
    this.#tokens = Math.min(joinBurst, this.#tokens + refill)
    this.#refilledAtMs = nowMs
    this.#refusedSinceRefill = Math.max(0, this.#refusedSinceRefill - refill)
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return { taken: true }
    }
    // Those refused before come back first, so a crowd is spread out instead of returning all at once.
    this.#refusedSinceRefill += 1
    return { taken: false, retryAfterMs: ((this.#refusedSinceRefill + 1 - this.#tokens) / joinsPerSecond) * 1000 }
  }
}
