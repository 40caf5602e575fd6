/**
 * How long one turn may act on a checkout. Longer than the slowest turn: an answer awaited for 3 s, sent once more on a
 * stale connection, then looked up; shorter than a buyer waits for a dead worker's successor.
 */
export const leaseMs = 20_000
/** Steps of many checkouts go to Postgres together: two statements on their way, up to so many rows each. */
export const batchLimits = { sizeMax: 64, parallel: 2 } as const

/** A turn that has not sent its next command by then gives up, so that no command leaves after the lease is over. */
export const sendWithinMs = 8_000

/** Time to pay for goods at their list price, with the bank's step. Guess; flash sales have the hold's own time. */
export const payWithinMs = 10 * 60_000

/**
 * Unpaid checkouts of one buyer before another at the list price is refused: each keeps units from others while the time
 * to pay runs. Flash sales have their own limit a buyer. Guess.
 */
export const openCheckoutsMax = 10
export const openCheckoutsRetryMs = 5_000

/**
 * Purchases of one process that are on their way to their end before nobody new is let in, however slow the machine. As
 * many end in two and a half seconds on two cores (measured 2026-11-22).
 */
export const inHandMax = 640
/** A buyer who waits longer for the end of a payment taps again. Guess. */
export const payingPatienceMs = 3_000
/** A purchase that nobody told the end of is not waited for any longer. Guess: several times the patience. */
export const inHandMaxMs = 30_000

/** The job should have acted by then; a sweep looks otherwise. */
export const jobGraceMs = 5_000
export const sweepEveryMs = 2_000
export const sweepBatchMax = 200
export const sweepParallel = 8

/** Pauses before a checkout that waits for somebody else is looked at again, by how often it was looked at. */
export const lookAgainMs = (turn: number): number => Math.min(15_000, 1_000 * 2 ** Math.min(turn, 4))

/** An event that finds somebody looking at the payment comes back, because that look may have come too early. */
export const eventLookAgainMs = 250
export const eventLooksMax = 4

/** For so long a failed checkout with an unanswered command is watched for a late effect of it. */
export const watchMs = 10 * 60_000
export const watchEveryMs = 15_000

/** While a page waits, its checkout is also read from Postgres that often, in case a wake-up was lost. */
export const waitPollMs = 3_000

/** A buyer who is back from the bank's step waits so long for whoever looks at the payment already. */
export const continueWaitMs = 5_000

export const boardEveryMs = 500
export const boardLinesMax = 20
