export interface Countdown {
  /** Never below 0. */
  readonly remainingMs: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  /** Over for the eye only: whether the sale is open or closed is what the server tells. */
  readonly over: boolean
}

/** Rounded up to whole seconds, so that the last second reads 1 and 0 means over. */
export function countdownTo(targetMs: number, nowMs: number): Countdown {
  const remainingMs = Math.max(0, targetMs - nowMs)
  const total = Math.ceil(remainingMs / 1000)
  return {
    remainingMs,
    hours: Math.floor(total / 3600),
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
    over: remainingMs === 0,
  }
}
