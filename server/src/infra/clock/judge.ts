/** One look at a clock: what it said, and between which moments of this process' monotonic time. */
export interface Reading {
  readonly clockMs: number
  readonly askedAtMs: number
  readonly answeredAtMs: number
}

/**
 * `steady`: as expected. `jumped`: it is off since this look. `off`: it still is. `back`: it is right again, as if
 * nothing had been. `settled`: it has gone on steadily from where it jumped to, long enough to be believed.
 */
export type Verdict = 'steady' | 'jumped' | 'off' | 'back' | 'settled'

/** A clock that is off by more has jumped; less is what a busy machine and time servers do. */
export const toleranceMs = 2_000
/** Guess: long enough for a clock that is set wrongly and then right again, short enough for a live show to wait. */
export const settleMs = 30_000
/** Time servers slew clocks by at most 0.5 ms a second; twice that is followed silently, as two crystals differ too. */
const driftPerMs = 1 / 1_000

/**
 * Compares a clock with monotonic time, which no one can set. Follows what is slower than drift, and tells of what is
 * faster. How long an answer took only widens what is believed: a slow answer is never taken for a jump.
 */
export class ClockJudge {
  /** What must be added to monotonic time to have the clock's. */
  #offsetMs = 0
  /** Half the time that the best look took: nothing is known more exactly. */
  #precisionMs = Number.POSITIVE_INFINITY
  #lookedAtMs = 0
  /** Where the clock is since it jumped, and since when. */
  #other: { offsetMs: number; sinceMs: number } | null = null

  get isSteady(): boolean {
    return this.#other === null
  }

  /** Null before the first look. While the clock is off: what it would say had it not jumped. */
  timeAt(monotonicMs: number): number | null {
    return this.#precisionMs === Number.POSITIVE_INFINITY ? null : monotonicMs + this.#offsetMs
  }

  /** How far the clock is from where it was expected; positive when it is ahead. */
  get jumpMs(): number {
    return this.#other === null ? 0 : this.#other.offsetMs - this.#offsetMs
  }

  look({ clockMs, askedAtMs, answeredAtMs }: Reading): Verdict {
    const low = clockMs - answeredAtMs
    const high = clockMs - askedAtMs
    const precisionMs = (high - low) / 2
    const middle = low + precisionMs
    const distance = (offsetMs: number) => Math.max(0, low - offsetMs, offsetMs - high)
    const elapsedMs = answeredAtMs - this.#lookedAtMs
    this.#lookedAtMs = answeredAtMs
    if (this.#precisionMs === Number.POSITIVE_INFINITY) {
      this.#adopt(middle, precisionMs)
      return 'steady'
    }
    if (distance(this.#offsetMs) <= toleranceMs) {
      const isBack = this.#other !== null
      this.#other = null
      if (precisionMs < this.#precisionMs) this.#adopt(middle, precisionMs)
      else this.#follow(Math.min(high, Math.max(low, this.#offsetMs)), elapsedMs)
      return isBack ? 'back' : 'steady'
    }
    if (this.#other === null || distance(this.#other.offsetMs) > toleranceMs) {
      const isFirst = this.#other === null
      this.#other = { offsetMs: middle, sinceMs: answeredAtMs }
      return isFirst ? 'jumped' : 'off'
    }
    return answeredAtMs - this.#other.sinceMs >= settleMs ? 'settled' : 'off'
  }

  /** From now on where the clock has settled is where it is expected. */
  settle(): void {
    if (this.#other === null) return
    this.#offsetMs = this.#other.offsetMs
    this.#other = null
  }

  #adopt(offsetMs: number, precisionMs: number): void {
    this.#offsetMs = offsetMs
    this.#precisionMs = precisionMs
  }

  #follow(offsetMs: number, elapsedMs: number): void {
    const mostMs = Math.max(0, elapsedMs) * driftPerMs
    this.#offsetMs += Math.min(mostMs, Math.max(-mostMs, offsetMs - this.#offsetMs))
  }
}
