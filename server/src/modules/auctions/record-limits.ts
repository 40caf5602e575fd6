/** Auctions and shows whose unchanging facts are kept in memory. */
export const knownAuctionsMax = 2_000

/** Running auctions are read anew this often, and at once after a start in the same process. */
export const listEveryMs = 1_000
/** An auction is looked at this often even when its end is far: a purchase may have closed it. */
export const lookMsMax = 1_000

/** Auctions whose logs are copied beside each other, and how many of them in one statement. */
export const copiesAtOnceMax = 64
export const copiesTogetherMax = 64

/** A log that could not be copied is left alone for this long: whatever is wrong is not mended twenty times a second. */
export const copyRestMs = 500

/** A restoration that meets movement begins again this often; then a sweep comes back to it. */
export const restoreAttemptsMax = 5
/** Rest of one process between two restorations of one gate that bidders' taps asked for. */
export const restoreGapMs = 250

/** Positions in the queue lie so far apart that a lot can be put between two others without moving them. */
export const positionStep = 1_024

/** Closed auctions that a show's state goes on telling; older ones are read from their lots. */
export const closedAuctionsTold = 3

/** Wins that were not paid within so many days count against a bidder. */
export const nonPaymentDays = 30
export const nonPaymentsForDeposit = 2
export const nonPaymentsForBar = 3

/** A bid counts as late when it comes within this time after the end; later ones are from people who did not look. */
export const lateMs = 10_000
/** Figures of fairness are read anew this often, however many ask. */
export const fairnessCacheMs = 2_000
/** What processes know of latencies reaches Postgres this often. */
export const flushEveryMs = 2_000

/** Auctions that one list of own bids shows. */
export const myBidsMax = 100
