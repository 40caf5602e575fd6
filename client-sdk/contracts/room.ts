import { z } from 'zod'
import { resultProved } from './auction-ledger.ts'
import { Auction, auctionClosed, auctionPriceChanged, auctionStarted } from './auctions.ts'
import { ChatLine } from './chat.ts'
import { Coupon, couponAnnounced, couponEnded } from './coupons.ts'
import {
  FlashSale,
  flashSaleClosed,
  flashSaleOpened,
  flashSaleScheduled,
  flashSaleStockChanged,
} from './flash-sales.ts'
import {
  Giveaway,
  giveawayClosed,
  giveawayDrawn,
  giveawayEntriesChanged,
  giveawayOpened,
  giveawayVoided,
} from './giveaways.ts'
import { ProductId, ShowId } from './ids.ts'
import { ShelfItem, Show } from './live.ts'
import { lotsChanged } from './lots.ts'
import { operation, type ToldEvent, toldEvent } from './operation.ts'
import { auctionSettled } from './settlements.ts'
import { EpochMs } from './time.ts'
import { WaitingRoom, waitingRoomChanged } from './waiting-room.ts'

// ——— the ordered log ———

export const showStarted = toldEvent({
  name: 'show:started',
  version: 1,
  summary: 'The show is live.',
  data: z.strictObject({ startedAtMs: EpochMs }),
})
export const showEnded = toldEvent({
  name: 'show:ended',
  version: 1,
  summary: 'The show is over.',
  data: z.strictObject({ endedAtMs: EpochMs }),
})
export const shelfChanged = toldEvent({
  name: 'show:shelf-changed',
  version: 1,
  summary: 'The product shelf changed: its products, their order, prices or stock.',
  data: z.strictObject({ items: z.array(ShelfItem) }),
})
export const productPinned = toldEvent({
  name: 'show:product-pinned',
  version: 1,
  summary: 'Another product is pinned, or none.',
  data: z.strictObject({ productId: ProductId.nullable() }),
})
export const chatSettingsChanged = toldEvent({
  name: 'show:chat-settings-changed',
  version: 1,
  summary: 'Slow mode changed.',
  data: z.strictObject({ slowModeSeconds: z.int().min(0) }),
})

/** All events of a show's ordered log. A client that meets one it does not know skips it and keeps the sequence. */
export const showLogEvents = [
  showStarted,
  showEnded,
  shelfChanged,
  productPinned,
  chatSettingsChanged,
  flashSaleScheduled,
  flashSaleOpened,
  flashSaleStockChanged,
  flashSaleClosed,
  waitingRoomChanged,
  lotsChanged,
  auctionStarted,
  auctionPriceChanged,
  auctionClosed,
  resultProved,
  auctionSettled,
  giveawayOpened,
  giveawayEntriesChanged,
  giveawayClosed,
  giveawayDrawn,
  giveawayVoided,
  couponAnnounced,
  couponEnded,
] as const satisfies readonly ToldEvent[]

type LogEventOf<E extends ToldEvent> = E extends ToldEvent
  ? { seq: number; atMs: number; type: E['name']; version: E['version']; data: z.infer<E['data']> }
  : never
export type ShowLogEvent = LogEventOf<(typeof showLogEvents)[number]>

const logEventSchemas = showLogEvents.map((event) =>
  z.strictObject({
    seq: z.int().min(1),
    atMs: EpochMs,
    type: z.literal(event.name),
    version: z.literal(event.version),
    data: event.data as z.ZodType,
  }),
)
export const ShowLogEvent = z.discriminatedUnion(
  'type',
  logEventSchemas as [(typeof logEventSchemas)[number], ...typeof logEventSchemas],
) as unknown as z.ZodType<ShowLogEvent>

/** Place in a show's log. The epoch changes when the log was lost and begun anew; then only a snapshot helps. */
export const Cursor = z.strictObject({ epoch: z.string().max(40), seq: z.int().min(0) })
export type Cursor = z.infer<typeof Cursor>

/**
 * Everything of the log between two places: covers fromSeq … toSeq without a gap. Events that a later one of the same
 * frame replaces (stock figures) are left out, so a frame may hold fewer events than it covers.
 */
export const FeedFrame = z.strictObject({
  showId: ShowId,
  epoch: z.string(),
  fromSeq: z.int().min(1),
  toSeq: z.int().min(0),
  nowMs: EpochMs,
  events: z.array(ShowLogEvent),
})
export type FeedFrame = z.infer<typeof FeedFrame>

export const ShowSnapshot = z.strictObject({
  show: Show,
  epoch: z.string(),
  seq: z.int().min(0),
  nowMs: EpochMs,
  shelf: z.array(ShelfItem),
  pinnedProductId: ProductId.nullable(),
  sales: z.array(FlashSale),
  /** Of those sales, the ones that have one. */
  waitingRooms: z.array(WaitingRoom),
  /** Those that run, and the latest that are over. */
  auctions: z.array(Auction),
  /** The one that is open, or the one that was open last. */
  giveaway: Giveaway.nullable(),
  /** Those that were announced and not ended early, oldest first; some may have run out of time. */
  coupons: z.array(Coupon),
  slowModeSeconds: z.int().min(0),
})
export type ShowSnapshot = z.infer<typeof ShowSnapshot>

export const RoomRights = z.strictObject({
  isHost: z.boolean(),
  canModerate: z.boolean(),
  canChat: z.boolean(),
})

export const joinShow = operation({
  name: 'show:join',
  summary:
    'Enter the room. With a cursor of this epoch the missing part comes as one frame, else a snapshot; a frame beside it goes on from there.',
  access: 'anyone',
  socket: { rate: { burst: 10, perSecond: 1 } },
  request: z.strictObject({ showId: ShowId, cursor: Cursor.optional() }),
  response: z.strictObject({
    resumed: FeedFrame.nullable(),
    snapshot: ShowSnapshot.nullable(),
    chat: z.array(ChatLine),
    rights: RoomRights,
    viewerCount: z.int().min(0),
    heartCount: z.int().min(0),
  }),
  errors: ['show.not_found', 'chat.banned'],
})

export const leaveShow = operation({
  name: 'show:leave',
  summary: 'Leave the room.',
  access: 'anyone',
  socket: { rate: { burst: 10, perSecond: 1 } },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({}),
  errors: [],
})

export const syncClock = operation({
  name: 'clock:sync',
  summary: 'Server time, for the offset of countdowns.',
  access: 'anyone',
  socket: { rate: { burst: 16, perSecond: 1 } },
  request: z.strictObject({}),
  response: z.strictObject({ nowMs: EpochMs }),
  errors: [],
})

export const feedFrameTold = toldEvent({
  name: 'show:feed',
  version: 1,
  summary: 'The next part of the ordered log.',
  data: FeedFrame,
})

export const snapshotTold = toldEvent({
  name: 'show:snapshot-told',
  version: 1,
  summary:
    'The whole state anew, because the log began a new epoch or the server lost its place in it. Go on from its place.',
  data: ShowSnapshot,
})

export const pulseTold = toldEvent({
  name: 'show:pulse',
  version: 1,
  summary: 'Twice a second: viewers, hearts, server time, and the newest sequence (proves that nothing is missing).',
  data: z.strictObject({
    showId: ShowId,
    viewerCount: z.int().min(0),
    heartCount: z.int().min(0),
    epoch: z.string(),
    seq: z.int().min(0),
    nowMs: EpochMs,
  }),
})

/** Told to one socket: it reads too slowly or sends too fast and is about to be closed, or must come back later. */
export const limitTold = toldEvent({
  name: 'connection:limited',
  version: 1,
  summary: 'This connection is being closed; come back after retryAfterMs with your cursor.',
  data: z.strictObject({ reason: z.enum(['slow-reader', 'rate', 'drain', 'banned']), retryAfterMs: z.int().min(0) }),
})
