import { randomUUID } from 'node:crypto'
import type { Auction, AuctionFigures, BidAnswer, FeedFrame, ReceiptPayload } from '@livelot/client/contracts'
import { english, receiptOf } from './ledgers.ts'
import { showId } from './samples.ts'

/** Auctions as the fake server tells of them; branded ids are plain text on the wire. */
const as = <T>(value: unknown) => value as T

export const auctionId = randomUUID()
export const me = { number: 7, name: 'Ana' }
export const rival = { number: 2, name: 'Ben' }

export function figures(ledgerSeq: number, over: Partial<AuctionFigures> = {}): AuctionFigures {
  return {
    state: 'running',
    ledgerSeq,
    priceMinor: 1_000 + 100 * ledgerSeq,
    leader: rival,
    bidCount: ledgerSeq - 1,
    nextMinimumMinor: 1_100 + 100 * ledgerSeq,
    endsAtMs: 60_000,
    extensions: 0,
    isReserveMet: null,
    buyNowMinor: null,
    outcome: null,
    ...over,
  }
}

export function auction(over: Record<string, unknown> = {}): Auction {
  return as<Auction>({
    auctionId,
    showId,
    lotId: randomUUID(),
    lotNumber: 3,
    productId: randomUUID(),
    title: 'Lamp',
    pictureUrl: '/lamp.png',
    currency: 'USD',
    startPriceMinor: 1_000,
    terms: english(),
    increments: [{ fromMinor: 0, stepMinor: 100 }],
    startedAtMs: 30_000,
    figures: figures(1),
    ...over,
  })
}

type LogEvent = { type: string; data: unknown }

/** A frame of the show's log with one event a sequence number. */
export const frameOf = (fromSeq: number, ...events: LogEvent[]): FeedFrame =>
  as<FeedFrame>({
    showId,
    epoch: 'e1',
    fromSeq,
    toSeq: fromSeq + events.length - 1,
    nowMs: 1_000,
    events: events.map((event, index) => ({ seq: fromSeq + index, atMs: 1_000, version: 1, ...event })),
  })

export const priceChanged = (now: AuctionFigures): LogEvent => ({
  type: 'auction:price-changed',
  data: { auctionId, figures: now },
})

export const receipt = (bidId: unknown, over: Record<string, unknown> = {}) =>
  receiptOf(
    as<ReceiptPayload>({
      iss: 'livelot',
      auctionId,
      bidId,
      paddle: me.number,
      amountMinor: 1_500,
      kind: 'bid',
      code: 'leading',
      reason: null,
      ledgerSeq: 5,
      link: 'f'.repeat(40),
      decidedAtMs: 40_000,
      timeLeftMs: 20_000,
      nextMinimumMinor: 1_600,
      ...over,
    }),
  )

export function bidAnswer(bidId: unknown, now: AuctionFigures, over: Partial<BidAnswer> = {}): BidAnswer {
  const answer = now.leader?.number === me.number ? 'leading' : 'outbid'
  return as<BidAnswer>({
    answer,
    auctionId,
    bidId,
    maximumMinor: 1_500,
    figures: now,
    receipt: receipt(bidId, { code: answer }),
    ...over,
  })
}

export const entry = () => ({
  entry: { showId, paddle: me, cardId: randomUUID(), limitMinor: null, deposit: null },
  missing: [],
})

export const myBid = (now: AuctionFigures, maximumMinor: number) => ({
  auction: auction({ figures: now }),
  maximumMinor,
  standing: 'leading',
  bids: [],
})
