import { type Currency, settlementLimits } from '@livelot/client/contracts'

/** Open offers are looked at this often; most are looked at sooner, when their checkout is told to have moved. */
export const offersEveryMs = 500
export const offersPageMax = 200
export const offersParallel = 8
/** Steps that one look may take: a failure, its end, the next bidder's offer. More come with the next look. */
export const stepsMax = 4

/** Won auctions that nobody was offered after this long have lost their job. */
export const unbegunEveryMs = 5_000
export const unbegunAfterMs = 3_000
export const unbegunWithinDays = 7
export const unbegunMax = 100

/** Time to mend a failed payment. */
export const fixMs = (depth: number): number =>
  (depth === 0 ? settlementLimits.winnerFixSeconds : settlementLimits.runnerUpFixSeconds) * 1_000

/** A payment that is begun in the last moment has this long for the bank's step. */
export const lastMomentMs = 30_000

/** After a failure of ours or the provider's the same card is tried again, so often. Guess. */
export const tryAgainMs = 20_000
export const ownFaultsMax = 5

/** Offers that one list of own wins shows. */
export const winsMax = 200

/** Held at most for a show; a lower own limit lowers it. 50 dollars, and about as much elsewhere. */
export const depositMinorMax: Readonly<Record<Currency, number>> = {
  USD: 5_000,
  EUR: 5_000,
  GBP: 4_000,
  CNY: 35_000,
  JPY: 7_500,
}
export const depositsEveryMs = 5_000
export const depositsMax = 50
/** A deposit that is not yet due is looked at again after this. */
export const depositLookMs = 30_000
/** A deposit that its bidder did not come back for. */
export const depositAbandonedMs = 15 * 60_000
/** Offers of auctions that closed with the show are there by then. */
export const depositAfterShowMs = 10 * 60_000
/** Banks let holds go after seven days; the show of an older one did not end in time. */
export const depositDaysMax = 6
