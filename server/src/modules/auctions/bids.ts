import type {
  AccountId,
  AuctionId,
  BidAnswer,
  BidId,
  buyNow,
  ErrorCode,
  placeBid,
  ReceiptPayload,
  RequestOf,
} from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { between } from '#kernel/failpoints'
import type { Teller } from '#kernel/teller'
import type { AuctionRecord } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import type { FairnessBook } from './fairness.ts'
import type { AuctionGate, Decision, GateClosed, RefusalCode } from './gate.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { createOutbidNews } from './outbid-news.ts'
import type { Receipts } from './receipts.ts'
import { knownAuctionsMax, lateMs } from './record-limits.ts'

export interface BidServiceParts {
  readonly database: Database
  readonly gate: AuctionGate
  readonly keeper: GateKeeper
  readonly receipts: Receipts
  readonly fairness: FairnessBook
  readonly teller: Teller
}

const codeOf: Record<RefusalCode, ErrorCode> = {
  key_reused: 'idempotency.key_reused',
  not_eligible: 'bid.not_eligible',
  not_started: 'auction.not_started',
  closed: 'auction.closed',
  wrong_type: 'auction.wrong_type',
  no_buy_now: 'auction.no_buy_now',
  own_is_higher: 'bid.own_is_higher',
  raise_too_small: 'bid.raise_too_small',
  too_low: 'bid.too_low',
  far_above_price: 'bid.far_above_price',
  over_limit: 'bid.over_limit',
}

interface Asked {
  readonly bidId: BidId
  readonly amountMinor: number
  readonly kind: 'bid' | 'max' | 'buy'
}

/** The way of a bid: one script decides it, this process signs the answer, and no database is asked. */
export function createBidService(parts: BidServiceParts) {
  const { database, gate, keeper, receipts, fairness, teller } = parts
  const auctionOf = createKnownAuctions(database)
  const news = createOutbidNews(teller)

  const knownAuction = async (auctionId: AuctionId): Promise<AuctionRecord> => {
    const auction = await auctionOf(auctionId)
    if (!auction) throw new Refusal('auction.not_found')
    return auction
  }

  const receiptOf = (auctionId: AuctionId, asked: Asked, decision: Decision): string => {
    const { code, reason, paddle, ledgerSeq, link, decidedAtMs, timeLeftMs, nextMinimumMinor } = decision
    const payload: ReceiptPayload = {
      iss: 'livelot',
      auctionId,
      bidId: asked.bidId,
      paddle,
      amountMinor: asked.amountMinor,
      kind: asked.kind,
      code: code === 'leading' || code === 'outbid' ? code : codeOf[code],
      reason,
      ledgerSeq,
      link,
      decidedAtMs,
      timeLeftMs,
      nextMinimumMinor,
    }
    return receipts.signReceipt(payload)
  }

  const refusalOf = (decision: Decision & { readonly code: RefusalCode }, receipt: string): Refusal => {
    const { code, reason, nextMinimumMinor, maximumMinor, limitLeftMinor } = decision
    const told =
      code === 'too_low' || code === 'own_is_higher' || code === 'raise_too_small' || code === 'far_above_price'
    return new Refusal(codeOf[code], {
      ...(reason === null ? {} : { reason }),
      ...(told ? { nextMinimumMinor } : {}),
      ...(maximumMinor === null ? {} : { maximumMinor }),
      ...(limitLeftMinor === null ? {} : { limitLeftMinor }),
      receipt,
    })
  }

  /** The gate is shut: somebody must restore it, unless the auction is over and its gate was forgotten. */
  const gateShut = async (auctionId: AuctionId): Promise<Refusal> => {
    const auction = await auctionStore.byId(database, auctionId)
    if (auction && auction.closedAtMs !== null) return new Refusal('auction.closed')
    keeper.requestRestore(auctionId)
    return new Refusal('auction.gate_closed', { retryAfterMs: 1_000 })
  }

  const tellOutbid = (auction: AuctionRecord, accountId: AccountId, decision: Decision): void => {
    const { auctionId, showId, lotNumber } = auction
    const { code, isRepeated, outbidAccountId, figures, nextMinimumMinor } = decision
    const { priceMinor } = figures
    if (code === 'leading' && !isRepeated) news.leads(accountId, auctionId)
    if (outbidAccountId !== null)
      news.outbid(outbidAccountId, { auctionId, showId, lotNumber, priceMinor, nextMinimumMinor })
  }

  const answer = async (
    auction: AuctionRecord,
    asked: Asked & { readonly accountId: AccountId },
    decision: Decision | GateClosed,
    startedAt: number,
  ): Promise<BidAnswer> => {
    const { auctionId, showId } = auction
    if (decision.code === 'gate_closed') throw await gateShut(auctionId)
    const { code, figures } = decision
    const receipt = receiptOf(auctionId, asked, decision)
    tellOutbid(auction, asked.accountId, decision)
    const isLate = code === 'closed' && decision.decidedAtMs - figures.endsAtMs < lateMs
    fairness.answered(showId, performance.now() - startedAt, isLate)
    if (code !== 'leading' && code !== 'outbid') throw refusalOf({ ...decision, code }, receipt)
    const maximumMinor = decision.maximumMinor ?? asked.amountMinor
    return { answer: code, auctionId, bidId: asked.bidId, maximumMinor, figures, receipt }
  }

  return {
    /**
     * Places a bid. Refuses as the operation lists, each refusal with its receipt. Atomic: one script decides, and no
     * database is read. Repeats: the same bid id gives the same answer.
     */
    place: async (request: RequestOf<typeof placeBid>, accountId: AccountId): Promise<BidAnswer> => {
      const startedAt = performance.now()
      const { auctionId, amountMinor, kind, isSure } = request
      const bidId = request.operationId as string as BidId
      const auction = await knownAuction(auctionId)
      const { showId } = auction
      const decision = await between('auctions.bid.placing', 'auctions.bid.placed', () =>
        gate.placeBid({ showId, auctionId, accountId, bidId, amountMinor, kind, isSure }),
      )
      return await answer(auction, { accountId, bidId, amountMinor, kind }, decision, startedAt)
    },

    /** Buys at once. As `place`. */
    buy: async (request: RequestOf<typeof buyNow>, accountId: AccountId): Promise<BidAnswer> => {
      const startedAt = performance.now()
      const { auctionId, priceMinor } = request
      const bidId = request.operationId as string as BidId
      const auction = await knownAuction(auctionId)
      const { showId } = auction
      const decision = await gate.buy({ showId, auctionId, accountId, bidId, priceMinor })
      return await answer(auction, { accountId, bidId, amountMinor: priceMinor, kind: 'buy' }, decision, startedAt)
    },
  }
}

export type BidService = ReturnType<typeof createBidService>

/** Auctions by id from memory: what was frozen at the start never changes, and only that may be used of them. */
function createKnownAuctions(database: Database) {
  const known = new Map<AuctionId, AuctionRecord>()
  return async (auctionId: AuctionId): Promise<AuctionRecord | null> => {
    const before = known.get(auctionId)
    if (before) return before
    const auction = await auctionStore.byId(database, auctionId)
    if (!auction) return null
    if (known.size >= knownAuctionsMax) known.clear()
    known.set(auctionId, auction)
    return auction
  }
}
