import { z } from 'zod'
import { auctionLimits } from './auction-rules.ts'
import { AuctionId, BidId, LotId, OperationId, ProductId, ShowId } from './ids.ts'
import { AuctionTerms, IncrementSteps } from './lots.ts'
import { AmountMinor, Currency } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { IneligibleReason, Paddle } from './paddles.ts'
import { EpochMs } from './time.ts'

export const AuctionState = z.enum(['running', 'closed'])
/** sold: at the hammer; bought: by buy-now or a Dutch tap; unsold: no bid, or below the reserve. */
export const AuctionOutcome = z.enum(['sold', 'bought', 'unsold'])
export type AuctionOutcome = z.infer<typeof AuctionOutcome>

/** What moves while an auction runs; all of it changes in one step. */
export const AuctionFigures = z.strictObject({
  state: AuctionState,
  /** Last entry of the auction's ledger. */
  ledgerSeq: z.int().min(1),
  /** Visible price: what the leader would pay now. The start price while there is no bid. */
  priceMinor: AmountMinor,
  leader: Paddle.nullable(),
  bidCount: z.int().min(0),
  /** Least amount of the next bid. */
  nextMinimumMinor: AmountMinor,
  /** The one end time. Only an accepted bid moves it, and never to an earlier moment. */
  endsAtMs: EpochMs,
  extensions: z.int().min(0),
  /** Null where there is no reserve or the host does not show it. */
  isReserveMet: z.boolean().nullable(),
  /** Null where there is none (any more). */
  buyNowMinor: AmountMinor.nullable(),
  outcome: AuctionOutcome.nullable(),
})
export type AuctionFigures = z.infer<typeof AuctionFigures>

export const Auction = z.strictObject({
  auctionId: AuctionId,
  showId: ShowId,
  lotId: LotId,
  lotNumber: z.int().min(1),
  productId: ProductId,
  title: z.string(),
  pictureUrl: z.string(),
  currency: Currency,
  startPriceMinor: AmountMinor,
  /** Frozen at the start. `reserveMinor` is null before the close for everybody but the host. */
  terms: AuctionTerms,
  increments: IncrementSteps,
  startedAtMs: EpochMs,
  figures: AuctionFigures,
})
export type Auction = z.infer<typeof Auction>

// ——— bidding ———

/** Signed by the platform (compact JWS, EdDSA): what was asked, what was answered, when, and where in the ledger. */
export const Receipt = z.string().max(4_000).meta({ description: 'Compact JWS; its payload is a ReceiptPayload.' })

export const BidAnswer = z.strictObject({
  answer: z.enum(['leading', 'outbid']).meta({ description: 'outbid: accepted, but an earlier maximum was higher.' }),
  auctionId: AuctionId,
  bidId: BidId,
  /** The highest that the caller has bid in this auction. */
  maximumMinor: AmountMinor,
  figures: AuctionFigures,
  receipt: Receipt,
})
export type BidAnswer = z.infer<typeof BidAnswer>

/** Details of a refused bid: why, what would be accepted, and the receipt that proves the refusal. */
export const BidRefusal = z.strictObject({
  reason: IneligibleReason.optional(),
  nextMinimumMinor: AmountMinor.optional(),
  maximumMinor: AmountMinor.optional(),
  limitLeftMinor: AmountMinor.optional(),
  /** Of a deposit, on entering: the bank’s step that it needs (enter again after it), or why the bank refused it. */
  actionUrl: z.string().optional(),
  failure: z.string().optional(),
  receipt: Receipt.optional(),
})

const bidErrors = [
  'auction.not_found',
  'auction.gate_closed',
  'auction.not_started',
  'auction.closed',
  'bid.not_eligible',
  'bid.over_limit',
  'idempotency.key_reused',
] as const

export const placeBid = operation({
  name: 'auction:place-bid',
  summary:
    'Bid. `bid` offers this price now; `max` is bid for the caller step by step, up to it, only as far as others make it necessary. The same bid id again gives the same answer.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/auctions/{auctionId}/bids', status: 201 },
  socket: { rate: { burst: 10, perSecond: 5 } },
  request: z.strictObject({
    auctionId: AuctionId,
    amountMinor: z.int().min(1).max(auctionLimits.priceMinorMax),
    kind: z.enum(['bid', 'max']),
    /** Said when the caller was asked about an amount far above the price. */
    isSure: z.boolean().default(false),
    operationId: OperationId.meta({ description: 'The bid id.' }),
  }),
  response: BidAnswer,
  repeatable: true,
  errors: [
    ...bidErrors,
    'auction.wrong_type',
    'bid.too_low',
    'bid.own_is_higher',
    'bid.raise_too_small',
    'bid.far_above_price',
  ],
})

export const buyNow = operation({
  name: 'auction:buy-now',
  summary:
    'Take the lot at its buy-now price, or at the price of a Dutch auction at this moment, never above priceMinor.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/auctions/{auctionId}/purchase', status: 201 },
  socket: { rate: { burst: 10, perSecond: 5 } },
  request: z.strictObject({
    auctionId: AuctionId,
    /** What the caller saw on the button. */
    priceMinor: z.int().min(1).max(auctionLimits.priceMinorMax),
    operationId: OperationId,
  }),
  response: BidAnswer,
  repeatable: true,
  errors: [...bidErrors, 'auction.no_buy_now', 'bid.too_low'],
})

export const getAuction = operation({
  name: 'auction:get',
  summary: 'One auction as it stands.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/auctions/{auctionId}' },
  request: z.strictObject({ auctionId: AuctionId }),
  response: Auction,
  errors: ['auction.not_found'],
})
export const startAuction = operation({
  name: 'auction:start',
  summary: 'Run a lot of a live show of the caller, for the first time or again. Its goods are set aside.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/lots/{lotId}/auctions', status: 201 },
  request: z.strictObject({ lotId: LotId, operationId: OperationId }),
  response: Auction,
  repeatable: true,
  errors: [
    'lot.not_found',
    'lot.wrong_state',
    'lot.too_many_running',
    'show.not_live',
    'auction.gate_closed',
    'checkout.out_of_stock',
    'idempotency.key_reused',
  ],
})

/** One auction of the caller: the highest bid and how it went. */
export const MyBid = z.strictObject({
  auction: Auction,
  maximumMinor: AmountMinor,
  standing: z.enum(['leading', 'outbid', 'won', 'lost']),
  bids: z.array(
    z.strictObject({
      ledgerSeq: z.int(),
      bidId: BidId,
      amountMinor: AmountMinor,
      kind: z.enum(['bid', 'max', 'pre-bid', 'buy']),
      atMs: EpochMs,
    }),
  ),
})
export type MyBid = z.infer<typeof MyBid>
export const listMyBids = operation({
  name: 'auction:list-my-bids',
  summary: 'Auctions that the caller bid in, newest first, of one show where it is named.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/me/bids' },
  request: z.strictObject({ showId: ShowId.optional() }),
  response: z.strictObject({ items: z.array(MyBid) }),
  errors: [],
})

// ——— fairness ———

export const Fairness = z.strictObject({
  showId: ShowId,
  auctions: z.int().min(0),
  bids: z.int().min(0),
  /** From a bid's arrival at the platform to the answer's leaving it; null before the first bid. */
  bidLatencyMs: z.strictObject({ p50: z.number(), p95: z.number() }).nullable(),
  refusedLate: z.int().min(0),
  extensions: z.int().min(0),
  lotsInOvertime: z.int().min(0),
  unpaid: z.int().min(0),
})
export type Fairness = z.infer<typeof Fairness>
export const getFairness = operation({
  name: 'auction:get-fairness',
  summary: 'How the auctions of a show went: for everybody to see.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/shows/{showId}/fairness' },
  request: z.strictObject({ showId: ShowId }),
  response: Fairness,
  errors: ['show.not_found'],
})

// ——— of the show's ordered log ———

export const auctionStarted = toldEvent({
  name: 'auction:started',
  version: 1,
  summary: 'A lot runs.',
  data: z.strictObject({ auction: Auction }),
})
export const auctionPriceChanged = toldEvent({
  name: 'auction:price-changed',
  version: 1,
  summary: 'A bid was accepted: price, leader, end. Only the newest of a frame is sent.',
  data: z.strictObject({ auctionId: AuctionId, figures: AuctionFigures }),
})
export const auctionClosed = toldEvent({
  name: 'auction:closed',
  version: 1,
  summary: 'The hammer has fallen. `link` is the last link of the ledger’s chain.',
  data: z.strictObject({ auctionId: AuctionId, figures: AuctionFigures, closedAtMs: EpochMs, link: z.string() }),
})
/** Told to one bidder on all devices: somebody bid more. */
export const outbidTold = toldEvent({
  name: 'auction:outbid',
  version: 1,
  summary: 'You do not lead any more.',
  data: z.strictObject({
    auctionId: AuctionId,
    showId: ShowId,
    lotNumber: z.int(),
    priceMinor: AmountMinor,
    nextMinimumMinor: AmountMinor,
  }),
})
