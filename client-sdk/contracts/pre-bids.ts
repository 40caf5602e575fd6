import { z } from 'zod'
import { auctionLimits } from './auction-rules.ts'
import { LotId, OperationId, ShowId } from './ids.ts'
import { AmountMinor } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { EpochMs } from './time.ts'

export const PreBid = z.strictObject({ lotId: LotId, maximumMinor: AmountMinor, placedAtMs: EpochMs })
export type PreBid = z.infer<typeof PreBid>
export const placePreBid = operation({
  name: 'lot:place-pre-bid',
  summary: 'A maximum before the start. It binds, can be raised and not taken back, and is void if the lot is not run.',
  access: ['buyer'],
  http: { method: 'put', path: '/v1/lots/{lotId}/pre-bid' },
  request: z.strictObject({
    lotId: LotId,
    maximumMinor: z.int().min(1).max(auctionLimits.priceMinorMax),
    operationId: OperationId,
  }),
  response: PreBid,
  errors: [
    'lot.not_found',
    'lot.wrong_state',
    'lot.no_pre_bids',
    'bid.not_eligible',
    'bid.over_limit',
    'bid.too_low',
    'bid.own_is_higher',
    'bid.raise_too_small',
    'idempotency.key_reused',
  ],
})

/** The caller's own, newest of each lot. `void`: the lot has left it behind, and it will not be placed. */
export const MyPreBid = PreBid.extend({ state: z.enum(['open', 'void']) })
export type MyPreBid = z.infer<typeof MyPreBid>
export const listMyPreBids = operation({
  name: 'lot:list-my-pre-bids',
  summary: 'Bids of the caller from before the start that wait in a show, or were made void by its host.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/shows/{showId}/my-pre-bids' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ items: z.array(MyPreBid) }),
  errors: [],
})

/** Told to one bidder: a bid from before the start will not be placed. */
export const preBidVoided = toldEvent({
  name: 'lot:pre-bid-voided',
  version: 1,
  summary: 'Your bid from before the start is void.',
  data: z.strictObject({
    showId: ShowId,
    lotId: LotId,
    lotNumber: z.int(),
    maximumMinor: AmountMinor,
    /** The host raised the start price above it, takes no bids before the start any more, or took the lot out. */
    reason: z.enum(['start_price', 'no_pre_bids', 'lot_removed']),
  }),
})
