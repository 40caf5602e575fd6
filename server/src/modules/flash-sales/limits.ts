/** A hold's time, and what the start of payment adds to it once. Source: the market's defaults for flash sales. */
export const holdMs = 120_000
export const paymentExtraMs = 180_000

/** A start may be planned this far ahead. */
export const planAheadMs = 7 * 24 * 3_600_000

/** An honest strike-through price is the lowest of this many days. */
export const priorPriceDays = 30

/** The gate answers repeated requests for this long after the end of the sale. */
export const keepKeysMs = 3_600_000

/** Holds ended, and offers made, in one step of the clock: a script of this size runs about a millisecond. */
export const tickBatchMax = 200

/** A hold whose end Postgres must decide is reported again after this, in case the process that asked has died. */
export const askAgainMs = 2_000

/** Log entries copied to Postgres in one transaction. */
export const logBatchMax = 500

/** What was read from Postgres for a new gate may be this old when the gate is written. */
export const rebuildStaleMs = 5_000

/** Ended holds whose operation ids a new gate remembers; the oldest are left out. */
export const endedHoldsMax = 20_000

/** A sale is looked at this often even when nothing is due, so that a change by another process is seen. */
export const lookMsMax = 1_000
export const lookFarMsMax = 15_000
/** Sales that open later than this are looked at seldom. */
export const nearMs = 600_000

/** Facts of this many sales are kept in memory; they never change. */
export const knownSalesMax = 2_000

/** A rebuild that meets movement begins again this often; then a sweep comes back to it. */
export const rebuildAttemptsMax = 5
/** Rest of one process between two rebuilds of one gate that buyers' taps asked for. */
export const rebuildGapMs = 250

/** Gate and Postgres must differ in as many looks, with the same figures in each, before the gate is written anew. */
export const differingLooksMax = 3
