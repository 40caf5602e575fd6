import { z } from 'zod'
import { auctionLimits } from './auction-rules.ts'
import { AuctionId, BrandId, LotId, OperationId, ProductId, ShowId, VariantId } from './ids.ts'
import { Currency, Money } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { hiddenSentence, oneVisibleLine } from './text.ts'

const PriceMinor = z.int().min(1).max(auctionLimits.priceMinorMax)
const Seconds = z.int().min(auctionLimits.durationSecondsMin).max(auctionLimits.durationSecondsMax)

export const IncrementSteps = z
  .array(z.strictObject({ fromMinor: z.int().min(0).max(auctionLimits.priceMinorMax), stepMinor: PriceMinor }))
  .min(1)
  .max(auctionLimits.incrementStepsMax)
  .refine(
    (steps) =>
      steps[0]?.fromMinor === 0 && steps.every((one, i) => i === 0 || one.fromMinor > (steps[i - 1]?.fromMinor ?? 0)),
    'begins at 0 and rises',
  )

/** How a lot ends: an accepted bid in its last ten seconds moves the end, or nothing does. */
export const Closing = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('soft'),
    extensionSeconds: z.literal(auctionLimits.extensionSeconds).default(10),
    /** At most so much later than first announced; null: no cap. */
    overtimeSecondsMax: z.int().min(5).max(auctionLimits.overtimeSecondsMax).nullable().default(null),
  }),
  z.strictObject({ kind: z.literal('sudden-death') }),
])

export const EnglishTerms = z.strictObject({
  type: z.literal('english'),
  durationSeconds: Seconds,
  closing: Closing,
  /** Below it the lot is not sold. */
  reserveMinor: PriceMinor.nullable().default(null),
  /** Whether bidders see if the reserve is met. Its amount is never shown before the close. */
  isReserveShown: z.boolean().default(true),
  /** Buys at once, until the first bid, or until the reserve is met where there is one. */
  buyNowMinor: PriceMinor.nullable().default(null),
  preBidsAllowed: z.boolean().default(false),
  /** Null: the table of the currency. */
  increments: IncrementSteps.nullable().default(null),
})
export const DutchTerms = z.strictObject({
  type: z.literal('dutch'),
  floorMinor: PriceMinor,
  stepMinor: PriceMinor,
  stepSeconds: z.int().min(auctionLimits.dutchStepSecondsMin).max(auctionLimits.dutchStepSecondsMax),
})

/** Terms of one run, frozen with its start. */
export const AuctionTerms = z.discriminatedUnion('type', [EnglishTerms, DutchTerms])
export type AuctionTerms = z.infer<typeof AuctionTerms>

/** prepared → running → sold or unsold; unsold and (after a failed payment) sold lots may run again. */
export const LotState = z.enum(['prepared', 'running', 'sold', 'unsold'])
export type LotState = z.infer<typeof LotState>

export const Lot = z.strictObject({
  lotId: LotId,
  showId: ShowId,
  /** 1, 2, 3 … in a show; a number is never used again. */
  number: z.int().min(1),
  /** Order in the queue; the next to run has the least. */
  position: z.int().min(1),
  productId: ProductId,
  variantId: VariantId,
  brandId: BrandId,
  title: z.string(),
  pictureUrl: z.string(),
  state: LotState,
  startPrice: Money,
  terms: AuctionTerms,
  /** The run that is under way, or the last one. */
  auctionId: AuctionId.nullable(),
  /** Of bids placed before the start; null where none are allowed. */
  preBidCount: z.int().min(0).nullable(),
})
export type Lot = z.infer<typeof Lot>

const Title = z.string().trim().min(2).max(80).regex(oneVisibleLine, hiddenSentence)
const LotTerms = { startPriceMinor: PriceMinor, terms: AuctionTerms }
/** From a product of the catalogue (one unit of it is set aside at the start), or made up on the spot. */
export const LotGoods = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('variant'), variantId: VariantId }),
  z.strictObject({
    kind: z.literal('ad-hoc'),
    title: Title,
    currency: Currency.default('USD'),
    weightGrams: z.int().min(1).max(30_000).default(500),
    /** A picture of the platform's own; a plain one where absent. */
    pictureUrl: z
      .string()
      .max(300)
      .regex(/^\/(?!\/)[\w./-]*$/)
      .optional(),
  }),
])

const ownLotErrors = ['lot.not_found', 'lot.wrong_state'] as const

export const createLot = operation({
  name: 'lot:create',
  summary: 'Prepare a lot in a show of the caller, before or during it. It joins the end of the queue.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/shows/{showId}/lots', status: 201 },
  request: z.strictObject({ showId: ShowId, goods: LotGoods, ...LotTerms, operationId: OperationId }),
  response: Lot,
  repeatable: true,
  errors: [
    'show.not_found',
    'show.wrong_state',
    'product.not_found',
    'lot.too_many',
    'lot.terms_refused',
    'idempotency.key_reused',
  ],
})
export const changeLot = operation({
  name: 'lot:change',
  summary: 'Change price and terms of a lot that does not run. Pre-bids below a new start price are void.',
  access: ['creator'],
  http: { method: 'put', path: '/v1/lots/{lotId}' },
  request: z.strictObject({ lotId: LotId, ...LotTerms }),
  response: Lot,
  errors: [...ownLotErrors, 'lot.terms_refused'],
})
export const moveLot = operation({
  name: 'lot:move',
  summary: 'Put a prepared lot before another in the queue, or at its end (null).',
  access: ['creator'],
  http: { method: 'post', path: '/v1/lots/{lotId}/move' },
  request: z.strictObject({ lotId: LotId, beforeLotId: LotId.nullable() }),
  response: z.strictObject({ items: z.array(Lot) }),
  errors: ownLotErrors,
})
export const removeLot = operation({
  name: 'lot:remove',
  summary: 'Take a prepared lot out of the show. Its pre-bids are void.',
  access: ['creator'],
  http: { method: 'delete', path: '/v1/lots/{lotId}' },
  request: z.strictObject({ lotId: LotId }),
  response: z.strictObject({}),
  errors: ownLotErrors,
})
export const listLots = operation({
  name: 'lot:list',
  summary: 'Lots of a show in the order of the queue.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/shows/{showId}/lots' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ items: z.array(Lot) }),
  errors: ['show.not_found'],
})

/**
 * Of the show's ordered log. The queue itself is not part of the room's snapshot: whoever shows it asks for the list once
 * and goes on with these.
 */
export const lotsChanged = toldEvent({
  name: 'lot:queue-changed',
  version: 1,
  summary: 'Lots were prepared, changed, moved or removed, or a run changed their state.',
  data: z.strictObject({ changed: z.array(Lot), removedLotIds: z.array(LotId) }),
})
