/** Cards one account may keep: more is no wallet but somebody trying out stolen numbers. Guess. */
export const cardsPerAccountMax = 12

/**
 * How long a key at the provider counts as remembered. Providers keep keys for 24 hours; an hour is left for clocks and
 * queues. Source: https://docs.stripe.com/api/idempotent_requests, read 2026-11-22.
 */
export const keyAgeMsMax = 23 * 3_600_000

/** Events are kept longer than a provider repeats them (3 days), for questions afterwards. */
export const eventsKeptDays = 30

/** Events go to Postgres together: two statements on their way, up to so many rows each. */
export const batchLimits = { sizeMax: 64, parallel: 2 } as const
