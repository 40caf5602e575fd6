import type { RateLimit } from '@livelot/client/contracts'

/** One token bucket. Made at the first use, so that an idle connection carries none. */
export class Rate {
  readonly #limit: RateLimit
  #level: number
  #atMs: number

  constructor(limit: RateLimit, nowMs = performance.now()) {
    this.#limit = limit
    this.#level = limit.burst
    this.#atMs = nowMs
  }

  /** Takes one. Answers 0, or the milliseconds to wait. */
  take(nowMs = performance.now()): number {
    const { burst, perSecond } = this.#limit
    this.#level = Math.min(burst, this.#level + ((nowMs - this.#atMs) / 1_000) * perSecond)
    this.#atMs = nowMs
    if (this.#level >= 1) {
      this.#level -= 1
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#level) / perSecond) * 1_000))
  }
}

export const faster = ({ burst, perSecond }: RateLimit, factor: number): RateLimit => ({
  burst: burst * factor,
  perSecond: perSecond * factor,
})
