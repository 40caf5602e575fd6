import type {
  AccountId,
  AuctionId,
  BundleId,
  CardId,
  CheckoutId,
  CheckoutState,
  Currency,
  OfferFailure,
  OfferId,
  OfferState,
  OrderId,
  ShowId,
  Win,
} from '@livelot/client/contracts'
import { money } from '#kernel/money'

/** An offer as stored. `isLate` and `isTryDue` are said by the database's clock. */
export interface OfferRow {
  readonly offerId: OfferId
  readonly auctionId: AuctionId
  readonly showId: ShowId
  readonly accountId: AccountId
  readonly depth: number
  readonly amountMinor: number
  readonly currency: Currency
  readonly lotNumber: number
  readonly title: string
  readonly pictureUrl: string
  readonly state: OfferState
  readonly cardId: CardId | null
  readonly checkoutId: CheckoutId | null
  readonly failure: OfferFailure | null
  readonly isBiddersTurn: boolean
  readonly ownFaults: number
  readonly payBeforeMs: number | null
  readonly isLate: boolean
  readonly isTryDue: boolean
  /** The database's clock when it was read. */
  readonly nowMs: number
}

/** Where the checkout of an offer stands. */
export interface TryStanding {
  readonly checkoutId: CheckoutId
  readonly state: CheckoutState
  readonly isOpen: boolean
  readonly failure: OfferFailure | null
  readonly actionUrl: string | null
  readonly orderId: OrderId
  readonly orderNumber: string
  readonly totalMinor: number
  readonly bundleId: BundleId | null
}

/** What an offer does next. `fault`: whose it is that the try failed. */
export type Step =
  | { readonly kind: 'none' }
  | { readonly kind: 'paid' }
  | { readonly kind: 'follow'; readonly state: 'charging' | 'needs_action' }
  | { readonly kind: 'fail'; readonly failure: OfferFailure; readonly fault: 'bidder' | 'ours' }
  | { readonly kind: 'try-again' }
  | { readonly kind: 'end'; readonly as: 'passed_on' | 'void' }

const none: Step = { kind: 'none' }

/** Decides from the offer and the standing of its last try. Pure: every process comes to the same. */
export function stepOf(offer: OfferRow, standing: TryStanding | null): Step {
  if (!isOpen(offer.state)) return none
  if (standing?.state === 'paid') return { kind: 'paid' }
  if (standing?.isOpen) {
    // It is failing already, and the money is being let go: whose turn it was decides whose fault that is.
    if (standing.failure !== null) return none
    const state = standing.state === 'needs_action' ? 'needs_action' : 'charging'
    return state === offer.state ? none : { kind: 'follow', state }
  }
  if (offer.state !== 'payment_failed') {
    const failure = standing?.failure ?? 'provider_error'
    return { kind: 'fail', failure, fault: faultOf(failure, offer) }
  }
  if (offer.isTryDue) return { kind: 'try-again' }
  if (offer.isLate) return { kind: 'end', as: offer.isBiddersTurn ? 'passed_on' : 'void' }
  return none
}

/** Time that runs out counts against the bidder only where the bank's step was the bidder's to do. */
function faultOf(failure: OfferFailure, offer: OfferRow): 'bidder' | 'ours' {
  if (failure === 'provider_error' || failure === 'out_of_stock') return 'ours'
  return failure === 'time_over' && !offer.isBiddersTurn ? 'ours' : 'bidder'
}

export const isOpen = (state: OfferState): boolean =>
  state === 'charging' || state === 'needs_action' || state === 'payment_failed'

/** What its bidder sees of it. */
export function winOf(offer: OfferRow, standing: TryStanding | null): Win {
  const { offerId, auctionId, showId, depth, state, currency, amountMinor, lotNumber, title, pictureUrl } = offer
  const hasToAct = state === 'needs_action' || state === 'payment_failed'
  return {
    auctionId,
    showId,
    lotNumber,
    title,
    pictureUrl,
    hammer: money(amountMinor, currency),
    total: money(standing?.totalMinor ?? amountMinor, currency),
    offer: {
      offerId,
      depth,
      isRunnerUp: depth > 0,
      state,
      actionUrl: state === 'needs_action' ? (standing?.actionUrl ?? null) : null,
      failure: state === 'paid' ? null : offer.failure,
      payBeforeMs: hasToAct ? offer.payBeforeMs : null,
    },
    checkoutId: standing?.checkoutId ?? null,
    orderId: standing?.orderId ?? null,
    orderNumber: standing?.orderNumber ?? null,
    bundleId: standing?.bundleId ?? null,
  }
}

/** A bidder of an auction with the highest that the bidder has bid there. */
export interface Bidder {
  readonly accountId: AccountId
  readonly amountMinor: number
  /** What the own limit of the show still allows; null where there is none. */
  readonly limitLeftMinor: number | null
}

/**
 * Who is offered the lot next, at the own last bid: the best of those not asked yet, never below the reserve, and nobody
 * beyond the own limit: the money of a bid that was outbid may have been bid elsewhere since.
 */
export function nextBidder(
  bestFirst: readonly Bidder[],
  asked: ReadonlySet<AccountId>,
  reserveMinor: number | null,
): Bidder | null {
  const isWithinLimit = ({ amountMinor, limitLeftMinor }: Bidder) => amountMinor <= (limitLeftMinor ?? amountMinor)
  const next = bestFirst.find((bidder) => !asked.has(bidder.accountId) && isWithinLimit(bidder)) ?? null
  return next && next.amountMinor >= (reserveMinor ?? 0) ? next : null
}
