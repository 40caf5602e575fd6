import { auctionLimits } from '@livelot/client/contracts'

/** The gate answers repeated bids for this long after the close; then they are told that it is closed. */
export const keepKeysMs = 3_600_000

/** A show's desk outlives its longest auction by a day. */
export const deskKeepMs = auctionLimits.durationSecondsMax * 1_000 + 24 * 3_600_000

/** Ledger entries copied to Postgres in one transaction. */
export const logBatchMax = 500

/** What was read from Postgres for a new gate or desk may be this old when it is written. */
export const rebuildStaleMs = 5_000

/** Least time to bid after an outage where no extension says otherwise: the soft close's own window. */
export const resumedMsMin = auctionLimits.softCloseWindowSeconds * 1_000

/** Bids that a rebuilt gate remembers with their answers; of older ones it knows the ids. */
export const rememberedBidsMax = 5_000

/** Entries of an exported ledger that are in memory at a time: about half a megabyte. */
export const ledgerPageMax = 1_000
