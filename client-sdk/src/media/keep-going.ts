import { isRefusal, LivelotError } from '../errors.ts'
import { backoffMs } from '../wire/backoff.ts'
import { delay } from '../wire/waiting.ts'

/** How one run of a video session ended. */
export interface Over {
  next: 'rejoin' | 'end'
  reason: string
  /** Wait this long before the next run. */
  afterMs?: number
}

export type Outcome = { kind: 'ended'; reason: string } | { kind: 'failed'; error: LivelotError }

const rejoinBackoff = { baseMs: 500, maxMs: 10_000 }
/** A run that lasted this long was a good one: what follows starts counting anew. */
const GOOD_RUN_MS = 10_000
/** Refusals that a new token or a new join may mend, but not for ever. */
const MENDABLE_MAX = 5
const mendable = ['media.token_invalid', 'media.token_used', 'media.no_peer', 'client.protocol'] as const

/** Runs a video session again and again until it ends by itself, fails for good, or the signal aborts. */
export async function keepGoing(options: {
  signal: AbortSignal
  run(nth: number, signal: AbortSignal): Promise<Over>
  /** Told before each further run. */
  again(reason: string, error: LivelotError | null): void
}): Promise<Outcome> {
  let failures = 0
  for (let nth = 0; ; nth += 1) {
    const startedTick = performance.now()
    let over: Over
    let error: LivelotError | null = null
    try {
      over = await options.run(nth, options.signal)
    } catch (thrown) {
      if (options.signal.aborted) return { kind: 'ended', reason: 'closed' }
      error = thrown instanceof LivelotError ? thrown : new LivelotError({ code: 'media.unsupported', cause: thrown })
      if (isFinal(error, failures)) return { kind: 'failed', error }
      over = { next: 'rejoin', reason: error.code, afterMs: error.retryAfterMs ?? 0 }
    }
    if (options.signal.aborted) return { kind: 'ended', reason: 'closed' }
    if (over.next === 'end') return { kind: 'ended', reason: over.reason }
    if (performance.now() - startedTick > GOOD_RUN_MS) failures = 0
    options.again(over.reason, error)
    const waitMs = failures === 0 && error === null ? 0 : backoffMs(failures, rejoinBackoff)
    failures += 1
    await delay(Math.max(waitMs, over.afterMs ?? 0), options.signal).catch(() => undefined)
    if (options.signal.aborted) return { kind: 'ended', reason: 'closed' }
  }
}

function isFinal(error: LivelotError, failures: number): boolean {
  if (error.retry !== 'never') return false
  return !mendable.some((code) => isRefusal(error, code)) || failures >= MENDABLE_MAX
}
