import { z } from 'zod'
import { CheckoutFailure } from './checkout.ts'
import { AuctionId, BundleId, CardId, CheckoutId, OfferId, OperationId, OrderId, ShowId } from './ids.ts'
import { AmountMinor, Currency, Money } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { CountryCode } from './profiles.ts'
import { EpochMs } from './time.ts'

/**
 * What follows the hammer. Source of the figures: market-facts section 4, read 2026-11-22.
 */
export const settlementLimits = {
  /** A lot is offered to its winner (depth 0), then to so many runners-up, one after the other. */
  depthMax: 3,
  /** Time to mend a payment that failed, counted from the failure. */
  winnerFixSeconds: 120,
  runnerUpFixSeconds: 60,
} as const

/**
 * charging → paid, or needs_action (the bank’s step) or payment_failed; from both the bidder may mend it in time.
 * passed_on: not paid in time. void: ended without any fault of the bidder’s.
 */
export const OfferState = z.enum(['charging', 'needs_action', 'payment_failed', 'paid', 'passed_on', 'void'])
export type OfferState = z.infer<typeof OfferState>

/** Why the card was not charged; the last three are known before the bank is asked. */
export const OfferFailure = z.enum([...CheckoutFailure.options, 'card_missing', 'address_missing', 'cannot_ship'])
export type OfferFailure = z.infer<typeof OfferFailure>

/** A lot offered to one bidder: to the winner at the hammer, to a runner-up at the own last bid. */
export const Offer = z.strictObject({
  offerId: OfferId,
  /** 0: the winner. 1 to 3: runners-up, in their order. */
  depth: z.int().min(0).max(settlementLimits.depthMax),
  isRunnerUp: z.boolean(),
  state: OfferState,
  /** Where to go for the bank’s step; only in needs_action. */
  actionUrl: z.string().nullable(),
  /** Of the last try that failed; null where none did, and once it is paid. */
  failure: OfferFailure.nullable(),
  /** Only where the bidder has to act: the payment must be begun before this. */
  payBeforeMs: EpochMs.nullable(),
})
export type Offer = z.infer<typeof Offer>

/** A lot that the caller won, or was offered as runner-up, with its payment. */
export const Win = z.strictObject({
  auctionId: AuctionId,
  showId: ShowId,
  lotNumber: z.int().min(1),
  title: z.string(),
  pictureUrl: z.string(),
  /** What is charged for the lot itself: the hammer, or a runner-up’s own last bid. */
  hammer: Money,
  /** With shipping, tax and fees, as charged by the last try. The hammer alone where no try could be begun. */
  total: Money,
  offer: Offer,
  /** Of the last try to pay; all null where none could be begun. */
  checkoutId: CheckoutId.nullable(),
  orderId: OrderId.nullable(),
  orderNumber: z.string().nullable(),
  /** All that one buyer wins in a show ships together. */
  bundleId: BundleId.nullable(),
})
export type Win = z.infer<typeof Win>

export const listMyWins = operation({
  name: 'settlement:list-my-wins',
  summary: 'Lots that the caller won or was offered as runner-up, newest first, of one show where it is named.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/me/wins' },
  request: z.strictObject({ showId: ShowId.optional() }),
  response: z.strictObject({ items: z.array(Win) }),
  errors: [],
})

export const payWin = operation({
  name: 'settlement:pay-win',
  summary:
    'The saved card was not charged: pay with this one, before the time is over. A payment begun in time counts. Repeats give the same try.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/offers/{offerId}/payments', status: 202 },
  request: z.strictObject({ offerId: OfferId, cardId: CardId, operationId: OperationId }),
  response: Win,
  repeatable: true,
  errors: [
    'offer.not_found',
    'offer.over',
    'offer.in_payment',
    'card.not_found',
    'checkout.address_missing',
    'checkout.cannot_ship',
    'idempotency.key_reused',
  ],
})

/** Told to the bidder on all devices. */
export const offerChanged = toldEvent({
  name: 'settlement:offer-changed',
  version: 1,
  summary: 'A lot was offered to you, or its payment moved on.',
  data: z.strictObject({ win: Win }),
})

/** What has become of a won lot last; nothing where its winner's payment is not decided yet. */
export const Settlement = z.strictObject({
  auctionId: AuctionId,
  outcome: z.enum(['paid', 'passed_on', 'not_sold']),
  depth: z.int().min(0).max(settlementLimits.depthMax),
})
export type Settlement = z.infer<typeof Settlement>

/** Of the show’s ordered log. */
export const auctionSettled = toldEvent({
  name: 'auction:settled',
  version: 1,
  summary: 'The lot was paid, passed on to the next bidder, or in the end not sold. `depth`: whose offer it was.',
  data: Settlement,
})

export const listSettlements = operation({
  name: 'settlement:list-of-show',
  summary: 'What the room was told last of each won lot of a show: paid, passed on, or in the end not sold.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/shows/{showId}/settlements' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ items: z.array(Settlement) }),
  errors: [],
})

// ——— the all-in price of a bid ———

/** Thousandths of a percent (7.25 % = 7250), so that every real rate is a whole number. */
const Millipercent = z.int().min(0).max(100_000)

/** What comes on top of the hammer for one bidder now. Each own win of the show that is paid meanwhile can only lower it. */
export const BidTerms = z.strictObject({
  currency: Currency,
  country: CountryCode,
  shippingMinor: AmountMinor,
  /** first: the whole parcel. added: only what the parcel’s new weight adds. together: it ships along for nothing. */
  shippingNote: z.enum(['first', 'added', 'together']),
  itemsTaxMillipercent: Millipercent,
  shippingTaxMillipercent: Millipercent,
  isTaxIncluded: z
    .boolean()
    .meta({ description: 'True where law wants prices with tax: the rates are contained, and nothing is added.' }),
  feesMinor: AmountMinor,
})
export type BidTerms = z.infer<typeof BidTerms>

export const getBidTerms = operation({
  name: 'settlement:get-bid-terms',
  summary:
    'Shipping, tax and fees that a win would cost the caller, by the saved address; or by `country` for guests and accounts without one. `allInMinor` makes the all-in price of it.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/auctions/{auctionId}/bid-terms' },
  request: z.strictObject({ auctionId: AuctionId, country: CountryCode.optional() }),
  response: BidTerms,
  errors: ['auction.not_found', 'checkout.cannot_ship'],
})

const whole = 100_000

/** What a bid of `hammerMinor` costs all-in: exactly what is charged. Tax is rounded once, half up. Exact up to the highest bid. */
export function allInMinor(
  hammerMinor: number,
  terms: Pick<
    BidTerms,
    'shippingMinor' | 'itemsTaxMillipercent' | 'shippingTaxMillipercent' | 'isTaxIncluded' | 'feesMinor'
  >,
): number {
  const { shippingMinor, itemsTaxMillipercent, shippingTaxMillipercent, isTaxIncluded, feesMinor } = terms
  const twiceTax = 2 * (hammerMinor * itemsTaxMillipercent + shippingMinor * shippingTaxMillipercent) + whole
  const taxMinor = isTaxIncluded ? 0 : (twiceTax - (twiceTax % (2 * whole))) / (2 * whole)
  return hammerMinor + shippingMinor + taxMinor + feesMinor
}
