import { randomUUID } from 'node:crypto'
import type { Account, ChatLine, FeedFrame, FlashSale, Session, Show, ShowSnapshot } from '@livelot/client/contracts'

/** Contract objects for the fake server; branded ids are plain text on the wire. */
const as = <T>(value: unknown) => value as T

export const showId = randomUUID()
export const flashSaleId = randomUUID()
const productId = randomUUID()

export function account(over: Record<string, unknown> = {}): Account {
  return as<Account>({
    accountId: randomUUID(),
    email: 'ana@example.com',
    displayName: 'Ana',
    roles: ['buyer'],
    creatorId: null,
    brandIds: [],
    address: null,
    createdAtMs: 1,
    ...over,
  })
}

export function session(over: Partial<Session> = {}): Session {
  return {
    accessToken: 'token-1',
    accessTokenExpiresAtMs: Date.now() + 600_000,
    refreshToken: 'refresh-1',
    account: account(),
    ...over,
  }
}

export const show = as<Show>({
  showId,
  title: 'Lamps at night',
  teaser: '',
  coverUrl: '/cover.png',
  state: 'live',
  creator: { creatorId: randomUUID(), handle: 'mira', displayName: 'Mira', bio: '', pictureUrl: '/mira.png' },
  startsAtMs: 1,
  startedAtMs: 2,
  endedAtMs: null,
  viewerCount: 3,
})

export function flashSale(over: Partial<FlashSale> = {}): FlashSale {
  return as<FlashSale>({
    flashSaleId,
    showId,
    productId,
    variantId: randomUUID(),
    productName: 'Lamp',
    variantName: 'Red',
    pictureUrl: '/lamp.png',
    state: 'open',
    salePrice: { amountMinor: 1900, currency: 'EUR' },
    priorPrice: null,
    totalUnits: 10,
    perBuyerLimit: 1,
    remainingUnits: 10,
    soldUnits: 0,
    opensAtMs: 5,
    closesAtMs: 6,
    ...over,
  })
}

export function snapshot(over: Partial<ShowSnapshot> = {}): ShowSnapshot {
  return {
    show,
    epoch: 'e1',
    seq: 0,
    nowMs: 1_000,
    shelf: [
      as<ShowSnapshot['shelf'][number]>({
        productId,
        name: 'Lamp',
        brandName: 'Lux',
        pictureUrl: '/lamp.png',
        price: { amountMinor: 2900, currency: 'EUR' },
        availableUnits: 40,
      }),
    ],
    pinnedProductId: null,
    sales: [flashSale()],
    auctions: [],
    giveaway: null,
    waitingRooms: [],
    coupons: [],
    slowModeSeconds: 0,
    ...over,
  }
}

/** A frame of stock figures, one a sequence number: what is left is 10 minus the number. */
export function frame(fromSeq: number, toSeq: number, epoch = 'e1'): FeedFrame {
  const events = Array.from({ length: toSeq - fromSeq + 1 }, (_, index) => stockEvent(fromSeq + index))
  return as<FeedFrame>({ showId, epoch, fromSeq, toSeq, nowMs: 1_000, events })
}

export const stockEvent = (seq: number) => ({
  seq,
  atMs: 1_000 + seq,
  type: 'flash-sale:stock-changed' as const,
  version: 1 as const,
  data: { flashSaleId, remainingUnits: Math.max(0, 10 - seq), soldUnits: 0 },
})

export function chatLine(text: string, atMs = 1): ChatLine {
  return as<ChatLine>({
    chatLineId: randomUUID(),
    accountId: randomUUID(),
    name: 'Ben',
    text,
    badge: 'none',
    mentions: [],
    atMs,
  })
}

export function joined(over: Record<string, unknown> = {}) {
  return {
    resumed: null,
    snapshot: snapshot(),
    chat: [],
    rights: { isHost: false, canModerate: false, canChat: true },
    viewerCount: 3,
    heartCount: 7,
    ...over,
  }
}

export const pulse = (seq: number, epoch = 'e1') => ({
  showId,
  viewerCount: 4,
  heartCount: 8,
  epoch,
  seq,
  nowMs: 2_000,
})
