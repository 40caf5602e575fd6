export type CircuitBreakerOptions = {
  /** How many of the latest calls are judged. */
  readonly windowCalls: number
  /** The breaker opens when at least this share of a full window failed. */
  readonly failureShareMax: number
  /** How long it stays open before one call may try again. */
  readonly openMs: number
  readonly nowMs?: () => number
}

/**
 * Stops calls to a peer that mostly does not answer, so that callers learn at once instead of each waiting for a time-out.
 * After a while a single call may try; if it succeeds, all may again.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions
  readonly #nowMs: () => number
  #latest: boolean[] = []
  #openUntilMs = 0
  #isProbing = false

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? Date.now
  }

  /** True while calls are not made, but for one that tries. */
  get isOpen(): boolean {
    return this.#openUntilMs !== 0
  }

  /** Null where no call may be made now; else the function to be told, once, whether the call was answered. */
  admit(): ((isAnswered: boolean) => void) | null {
    if (this.#openUntilMs === 0) return (isAnswered) => this.#judge(isAnswered)
    if (this.#isProbing || this.#nowMs() < this.#openUntilMs) return null
    this.#isProbing = true
    return (isAnswered) => {
      this.#isProbing = false
      if (isAnswered) this.#close()
      else this.#open()
    }
  }

  #judge(isAnswered: boolean): void {
    // A call that began before the breaker opened says nothing new.
    if (this.#openUntilMs !== 0) return
    this.#latest.push(isAnswered)
    if (this.#latest.length > this.#options.windowCalls) this.#latest.shift()
    if (isAnswered || this.#latest.length < this.#options.windowCalls) return
    const failures = this.#latest.filter((one) => !one).length
    if (failures / this.#latest.length >= this.#options.failureShareMax) this.#open()
  }

  #open(): void {
    this.#openUntilMs = this.#nowMs() + this.#options.openMs
    this.#latest = []
  }

  #close(): void {
    this.#openUntilMs = 0
    this.#latest = []
  }
}
