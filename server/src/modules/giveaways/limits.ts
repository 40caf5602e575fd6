/** Entries written in one transaction: some milliseconds of Postgres, in which the other entries wait. */
export const entryBatchMax = 500

/** People must have the hash of the list before the seed is revealed; this is several times a slow connection's delay. */
export const drawAfterCloseMs = 3_000

/** The room is told of new entries at most this often; a little less than two steps of the sweep. */
export const countGapMs = 450

/** Winners who have not claimed are reminded when this is left of their time. */
export const remindBeforeMs = 6 * 3_600_000

/** Facts of this many giveaways are kept in memory; they never change. */
export const knownGiveawaysMax = 1_000

/** A proof is some megabytes at most and never changes; the latest are kept, because everybody looks at the same one. */
export const knownExportsMax = 8

/** Prizes whose time is over that one step of the sweep passes on. */
export const expiryBatchMax = 100
