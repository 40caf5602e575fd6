import {
  type AccountId,
  type AuctionId,
  type AuctionTerms,
  type BidId,
  type BrandId,
  EnglishTerms,
  type IncrementStep,
  incrementTables,
  type LotId,
  ledgerHead,
  type ProductId,
  type ShowId,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import type { z } from 'zod'
import { createRedis, serverRunId, whenReady } from '#infra/redis/client'
import { newId } from '#kernel/ids'
import { showFeedKey, showStateKey } from '#modules/live'
import type { AuctionAddress, AuctionFacts, Entrant, FirstStart, LoggedEntry } from './gate.ts'
import { gateKeys } from './keys.ts'
import { createAuctionGate } from './store.redis.ts'

/** Ahead of the server's clock: no bid is decided earlier than the entry before it, so a test says when it is. */
const startsInMs = 24 * 3_600_000

export interface Lot {
  readonly terms: AuctionTerms
  readonly startPriceMinor: number
  readonly increments: readonly IncrementStep[]
  readonly brandId: BrandId
}

export const english = (terms: Partial<z.input<typeof EnglishTerms>> = {}): AuctionTerms =>
  EnglishTerms.parse({ type: 'english', durationSeconds: 30, closing: { kind: 'soft' }, ...terms })

/** The start price is ten dollars, the next bid one dollar higher, from thirty on two, and so on. */
export const tenDollars = (terms: AuctionTerms = english()): Lot => ({
  terms,
  startPriceMinor: 1_000,
  increments: incrementTables.USD,
  brandId: newId<BrandId>(),
})

export const newBidId = () => newId<BidId>()

export function factsOf({ showId, auctionId }: AuctionAddress, lot: Lot): AuctionFacts {
  const { terms, startPriceMinor, increments, brandId } = lot
  const lotId = newId<LotId>()
  const shared = { auctionId, showId, lotId, lotNumber: 1, currency: 'USD' as const, startPriceMinor }
  const told = terms.type === 'english' ? { ...terms, reserveMinor: null } : terms
  return {
    auction: {
      ...shared,
      productId: newId<ProductId>(),
      title: 'Cup | blue',
      pictureUrl: '/p',
      terms: told,
      increments: [...increments],
    },
    brandId,
    terms,
    head: ledgerHead({ version: 1, ...shared, terms, increments: [...increments] }),
  }
}

/** A gate on a real Redis, without Postgres: the test holds what Postgres would. For tests only. */
export async function openHall(redisUrl: string) {
  const redis = createRedis(redisUrl, { use: 'hot', name: 'test', log: pino({ level: 'silent' }) })
  await whenReady(redis, 10_000)
  const gate = createAuctionGate(redis)
  const keysOf = (at: AuctionAddress) => gateKeys(at.showId, at.auctionId)

  const open = async (at: AuctionAddress, facts: AuctionFacts, run: Partial<FirstStart>) => {
    const status = await gate.readLog(at, 0)
    const basis = { generation: '', seq: 0, readAtMs: status.nowMs }
    const start = { how: 'start' as const, startsInMs, preBids: [], forgetAuctionIds: [], ...run }
    return await gate.open(at, basis, { ...facts, run: start }, newId())
  }

  return {
    redis,
    gate,
    keysOf,
    open,

    /** A show with an open desk and as many entrants, paddles from one. */
    openShow: async (people = 3, options: Partial<Entrant> = {}) => {
      const showId = newId<ShowId>()
      const entrants = Array.from({ length: people }, (_, i): Entrant => {
        const accountId = newId<AccountId>()
        return {
          accountId,
          paddle: i + 1,
          name: `P|${i + 1}`,
          limitMinor: null,
          barredFor: null,
          brandIds: [],
          ...options,
        }
      })
      const basis = await gate.deskBasis(showId)
      await gate.openDesk(showId, basis, { entrants, commitments: new Map() })
      return { showId, entrants, accounts: entrants.map((one) => one.accountId) }
    },

    /** Starts a lot; `clock` then says when the next thing happens, counted from the start. */
    start: async (showId: ShowId, lot: Lot, run: Partial<FirstStart> = {}) => {
      const at = { showId, auctionId: newId<AuctionId>() }
      const facts = factsOf(at, lot)
      const opened = await open(at, facts, run)
      if (opened.code !== 'opened') throw new Error(`The gate answered ${opened.code}`)
      const { startedAtMs } = opened
      const [auctionKey = ''] = keysOf(at)
      const clock = (afterStartMs: number) => redis.hset(auctionKey, 'last_at_ms', startedAtMs + afterStartMs)
      await clock(0)
      const bid = (
        accountId: AccountId,
        amountMinor: number,
        { kind = 'max' as 'bid' | 'max', bidId = newBidId(), isSure = false } = {},
      ) => gate.placeBid({ ...at, accountId, bidId, amountMinor, kind, isSure })
      const buy = (accountId: AccountId, priceMinor: number, bidId = newBidId()) =>
        gate.buy({ ...at, accountId, bidId, priceMinor })
      return { at, facts, opened, startedAtMs, auctionKey, clock, bid, buy, tick: () => gate.tick(at) }
    },

    /** Everything that is in the log. */
    logOf: async (at: AuctionAddress): Promise<readonly LoggedEntry[]> => {
      const answer = await gate.readLog(at, 0)
      return answer.gate === 'none' ? [] : answer.entries
    },
    commitmentOf: async ({ showId, auctionId }: AuctionAddress, accountId: AccountId) =>
      Number((await redis.hget(gateKeys(showId, auctionId)[4] ?? '', accountId)) ?? 0),

    /** The show has a state, as when viewers are in its room. */
    showState: (showId: ShowId) =>
      redis.hset(showStateKey(showId), 'epoch', 'e1', 'run', serverRunId(redis) ?? '', 'seq', '0'),
    showFields: (showId: ShowId) => redis.hgetall(showStateKey(showId)),
    feed: async (showId: ShowId) => {
      const entries = await redis.xrange(showFeedKey(showId), '-', '+')
      return entries.map(([, flat]) => ({ type: flat[3], data: JSON.parse(flat[7] ?? '') as Record<string, unknown> }))
    },
    close: () => redis.disconnect(),
  }
}

export type Hall = Awaited<ReturnType<typeof openHall>>
export type RunningLot = Awaited<ReturnType<Hall['start']>>
