import type { z } from 'zod'
import type {
  Auction,
  AuctionFigures,
  ChatLine,
  Coupon,
  Cursor,
  chatBatchTold,
  DataOf,
  FlashSale,
  Giveaway,
  RoomRights,
  ShelfItem,
  Show,
  ShowLogEvent,
  ShowSnapshot,
  WaitingRoom,
} from '../../contracts/index.ts'
import type { LivelotError } from '../errors.ts'

/** Lines that a room keeps: enough to scroll back a minute of a busy chat. */
export const CHAT_LINES_MAX = 200

export type RoomStatus = 'connecting' | 'online' | 'reconnecting' | 'offline' | 'closed'

/** The room at one moment. Never changed in place: every change is a new object, unchanged parts stay the same ones. */
export interface RoomState {
  readonly status: RoomStatus
  /** When the next try starts, by this device's `Date.now()`. */
  readonly nextRetryAtMs: number | null
  /** Why the room is closed. */
  readonly error: LivelotError | null
  /** Null until the first answer of the server. */
  readonly show: Show | null
  readonly shelf: readonly ShelfItem[]
  readonly pinnedProductId: string | null
  /** The pinned product as it stands on the shelf. */
  readonly pinned: ShelfItem | null
  readonly sales: readonly FlashSale[]
  /** Of those sales that are sold by turns; `room.waiting(flashSaleId)` is the own place in one. */
  readonly waitingRooms: readonly WaitingRoom[]
  /** Those that run, and the latest that are over. */
  readonly auctions: readonly Auction[]
  /** The one that is open, or the one that was open last. */
  readonly giveaway: Giveaway | null
  /** Those that the host has announced and not ended; `validUntilMs` tells which of them have run out of time. */
  readonly coupons: readonly Coupon[]
  readonly slowModeSeconds: number
  readonly viewerCount: number
  readonly heartCount: number
  readonly chat: readonly ChatLine[]
  /** Lines that were left out for speed since the room was entered. */
  readonly chatCut: number
  readonly rights: z.infer<typeof RoomRights>
  /** Place in the show's ordered log. */
  readonly cursor: Cursor | null
}

export const emptyRoom: RoomState = {
  status: 'connecting',
  nextRetryAtMs: null,
  error: null,
  show: null,
  shelf: [],
  pinnedProductId: null,
  pinned: null,
  sales: [],
  waitingRooms: [],
  auctions: [],
  giveaway: null,
  coupons: [],
  slowModeSeconds: 0,
  viewerCount: 0,
  heartCount: 0,
  chat: [],
  chatCut: 0,
  rights: { isHost: false, canModerate: false, canChat: false },
  cursor: null,
}

export function withSnapshot(state: RoomState, snapshot: ShowSnapshot): RoomState {
  return withPinned({
    ...state,
    show: snapshot.show,
    shelf: snapshot.shelf,
    pinnedProductId: snapshot.pinnedProductId,
    sales: snapshot.sales,
    waitingRooms: snapshot.waitingRooms,
    auctions: auctionsOfSnapshot(state, snapshot),
    giveaway: snapshot.giveaway,
    coupons: snapshot.coupons,
    slowModeSeconds: snapshot.slowModeSeconds,
    cursor: { epoch: snapshot.epoch, seq: snapshot.seq },
  })
}

/** One event of the log. Order and gaps are judged before; here it is only folded in. */
export function withLogEvent(state: RoomState, event: ShowLogEvent): RoomState {
  switch (event.type) {
    case 'show:started':
      return withShow(state, { state: 'live', startedAtMs: event.data.startedAtMs })
    case 'show:ended':
      return withShow(state, { state: 'ended', endedAtMs: event.data.endedAtMs })
    case 'show:shelf-changed':
      return withPinned({ ...state, shelf: event.data.items })
    case 'show:product-pinned':
      return withPinned({ ...state, pinnedProductId: event.data.productId })
    case 'show:chat-settings-changed':
      return { ...state, slowModeSeconds: event.data.slowModeSeconds }
    case 'flash-sale:scheduled':
      return withSale(state, event.data.sale)
    case 'flash-sale:opened':
      return changeSale(state, event.data.flashSaleId, { state: 'open' })
    case 'flash-sale:stock-changed': {
      const { flashSaleId, remainingUnits, soldUnits } = event.data
      return changeSale(state, flashSaleId, { remainingUnits, soldUnits })
    }
    case 'flash-sale:closed': {
      const { flashSaleId, remainingUnits, soldUnits } = event.data
      return changeSale(state, flashSaleId, { state: 'closed', remainingUnits, soldUnits })
    }
    case 'waiting-room:changed':
      return withWaitingRoom(state, event.data.room)
    case 'auction:started':
      return withAuction(state, event.data.auction)
    case 'auction:price-changed':
    case 'auction:closed':
      return withFigures(state, event.data.auctionId, event.data.figures)
    case 'auction:result-proved':
    case 'auction:settled':
    case 'lot:queue-changed':
      return state
    case 'giveaway:opened':
      return { ...state, giveaway: event.data.giveaway }
    case 'giveaway:entries-changed':
    case 'giveaway:closed':
    case 'giveaway:drawn':
    case 'giveaway:voided':
      return changeGiveaway(state, event)
    case 'coupon:announced':
      return { ...state, coupons: [...withoutCoupon(state, event.data.coupon.couponId), event.data.coupon] }
    case 'coupon:ended':
      return { ...state, coupons: withoutCoupon(state, event.data.couponId) }
    default:
      return event satisfies never
  }
}

/** Newest lines last, each once, however often it comes: by batch, by own answer, by a new join. */
export function withChat(state: RoomState, batch: Omit<DataOf<typeof chatBatchTold>, 'showId'>): RoomState {
  const removed = new Set<string>(batch.removed)
  const known = new Set<string>(state.chat.map((line) => line.chatLineId))
  const fresh = batch.lines.filter((line) => !known.has(line.chatLineId) && !removed.has(line.chatLineId))
  const takesBack = removed.size > 0 && state.chat.some((line) => removed.has(line.chatLineId))
  if (fresh.length === 0 && !takesBack && batch.cut === 0) return state
  const kept = takesBack ? state.chat.filter((line) => !removed.has(line.chatLineId)) : state.chat
  return { ...state, chat: [...kept, ...fresh].slice(-CHAT_LINES_MAX), chatCut: state.chatCut + batch.cut }
}

/** After a join the server's own list leads; lines of before that it no longer holds stay in front. */
export function withChatHistory(state: RoomState, lines: readonly ChatLine[]): RoomState {
  const listed = new Set<string>(lines.map((line) => line.chatLineId))
  const oldest = lines[0]?.atMs ?? Number.POSITIVE_INFINITY
  const before = state.chat.filter((line) => !listed.has(line.chatLineId) && line.atMs < oldest)
  return { ...state, chat: [...before, ...lines].slice(-CHAT_LINES_MAX) }
}

/** As many results stay as a snapshot would hold. */
const CLOSED_AUCTIONS_MAX = 3

function withAuction(state: RoomState, auction: Auction): RoomState {
  const others = state.auctions.filter((one) => one.auctionId !== auction.auctionId)
  const closed = others.filter((one) => one.figures.state === 'closed').slice(-CLOSED_AUCTIONS_MAX)
  const known = state.auctions.find((one) => one.auctionId === auction.auctionId)
  return {
    ...state,
    auctions: [
      ...others.filter((one) => one.figures.state === 'running' || closed.includes(one)),
      newerOf(known, auction),
    ],
  }
}

/** The answer to a bid may overtake the feed: figures never go back to an earlier entry of the ledger. */
export function withFigures(state: RoomState, auctionId: string, figures: AuctionFigures): RoomState {
  const known = state.auctions.find((one) => one.auctionId === auctionId)
  if (known === undefined || known.figures.ledgerSeq >= figures.ledgerSeq) return state
  return { ...state, auctions: state.auctions.map((one) => (one === known ? { ...one, figures } : one)) }
}

/** A new epoch means that the platform lost its memory and was rebuilt: then only what it says now counts. */
function auctionsOfSnapshot(state: RoomState, snapshot: ShowSnapshot): readonly Auction[] {
  if (state.cursor?.epoch !== snapshot.epoch) return snapshot.auctions
  return snapshot.auctions.map((auction) =>
    newerOf(
      state.auctions.find((one) => one.auctionId === auction.auctionId),
      auction,
    ),
  )
}

function newerOf(known: Auction | undefined, told: Auction): Auction {
  return known !== undefined && known.figures.ledgerSeq > told.figures.ledgerSeq ? known : told
}

type GiveawayEvent = Extract<ShowLogEvent, { type: `giveaway:${string}` }>

const giveawayStateAfter = {
  'giveaway:entries-changed': 'open',
  'giveaway:closed': 'closed',
  'giveaway:drawn': 'drawn',
  'giveaway:voided': 'void',
} as const

function changeGiveaway(state: RoomState, event: Exclude<GiveawayEvent, { type: 'giveaway:opened' }>): RoomState {
  const { giveawayId, ...change } = event.data
  if (state.giveaway?.giveawayId !== giveawayId) return state
  return { ...state, giveaway: { ...state.giveaway, ...change, state: giveawayStateAfter[event.type] } }
}

const withoutCoupon = ({ coupons }: RoomState, couponId: string): readonly Coupon[] =>
  coupons.filter((one) => one.couponId !== couponId)

function withShow(state: RoomState, change: Partial<Show>): RoomState {
  return state.show === null ? state : { ...state, show: { ...state.show, ...change } }
}

function withPinned(state: RoomState): RoomState {
  const pinned = state.shelf.find((item) => item.productId === state.pinnedProductId) ?? null
  return { ...state, pinned }
}

function withSale(state: RoomState, sale: FlashSale): RoomState {
  const others = state.sales.filter((one) => one.flashSaleId !== sale.flashSaleId)
  return { ...state, sales: [...others, sale] }
}

function withWaitingRoom(state: RoomState, room: WaitingRoom): RoomState {
  const others = state.waitingRooms.filter((one) => one.flashSaleId !== room.flashSaleId)
  return { ...state, waitingRooms: [...others, room] }
}

function changeSale(state: RoomState, flashSaleId: string, change: Partial<FlashSale>): RoomState {
  if (!state.sales.some((sale) => sale.flashSaleId === flashSaleId)) return state
  const sales = state.sales.map((sale) => (sale.flashSaleId === flashSaleId ? { ...sale, ...change } : sale))
  return { ...state, sales }
}
