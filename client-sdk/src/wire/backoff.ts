import { LivelotError } from '../errors.ts'

/** Doubles from `baseMs` to `maxMs`, then takes a random half of it, so that many clients do not come back together. */
export interface Backoff {
  baseMs: number
  maxMs: number
}

/** Guess: the first retry is hardly felt by a person, the last spares a server that is down. */
export const callBackoff: Backoff = { baseMs: 150, maxMs: 4_000 }
/** Guess: a lost connection mostly comes back at once; a whole room coming back is spread over seconds, and a sale is short. */
export const connectionBackoff: Backoff = { baseMs: 400, maxMs: 5_000 }

export function backoffMs(attempt: number, { baseMs, maxMs }: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** attempt)
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}

/**
 * How long to wait before the same request is sent again, or null when it must not be. `later` is followed only for
 * overload (503, rate limit): that a sale has not opened yet is an answer for the person, not a reason to wait.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  repeatable: boolean,
  random: () => number = Math.random,
): number | null {
  if (!(error instanceof LivelotError) || error.retry === 'never') return null
  const backoff = backoffMs(attempt, callBackoff, random)
  if (error.retry === 'same') return repeatable ? Math.max(backoff, error.retryAfterMs ?? 0) : null
  const overloaded = error.status === 503 || error.code === 'request.rate_limited'
  if (!overloaded) return null
  const waitMs = error.retryAfterMs ?? backoff
  return waitMs + Math.round(random() * callBackoff.baseMs)
}
