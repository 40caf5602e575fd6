import type { AuctionId } from '@livelot/client/contracts'
import type { ClockGuard } from '#infra/clock/guard'
import { settleMs } from '#infra/clock/judge'
import type { Database } from '#infra/postgres/pool'
import { between, failpoint } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import type { AuctionRecord } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import type { AuctionGate } from './gate.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { listEveryMs, lookMsMax } from './record-limits.ts'

/** Auctions that run, as this process knows them; read again every second, and after a start of its own. */
export function createRunningList(database: Database, log: Log) {
  let auctions: readonly AuctionRecord[] = []
  let readAt = Number.NEGATIVE_INFINITY
  return {
    read: async (): Promise<readonly AuctionRecord[]> => {
      if (performance.now() - readAt < listEveryMs) return auctions
      readAt = performance.now()
      try {
        auctions = await auctionStore.running(database)
      } catch (error) {
        // While Postgres is away the known auctions go on: Redis alone takes bids and closes.
        log.warn({ err: error }, 'running auctions could not be read')
      }
      return auctions
    },
    add: (auction: AuctionRecord): void => {
      if (auction.closedAtMs === null && !auctions.some((one) => one.auctionId === auction.auctionId))
        auctions = [...auctions, auction]
    },
  }
}

export type RunningList = ReturnType<typeof createRunningList>

export interface TickerParts {
  readonly gate: AuctionGate
  readonly keeper: GateKeeper
  readonly list: RunningList
  /** Nothing is looked at while Redis' clock is off. */
  readonly clock?: Pick<ClockGuard, 'isSteady'> | undefined
  readonly log: Log
}

/**
 * Redis' clock has jumped ahead and stays there: running auctions are written anew, which gives their bidders time. Does so
 * once, however many processes find out.
 */
export async function giveTimeBack({ gate, list, log }: Omit<TickerParts, 'keeper'>, nowMs: number): Promise<void> {
  for (const auction of await list.read()) {
    // Nothing was decided while the clock was off, so an entry since then is of a gate that was written anew already.
    const answer = await gate.shutOld(auction, nowMs - settleMs / 2)
    if (answer === 'shut') log.warn({ auctionId: auction.auctionId }, 'an auction is resumed after a jump of the clock')
  }
}

/**
 * Ends auctions when their time has come. Each process does so for every auction: a step that is done twice changes
 * nothing, and none waits for another process. An end only ever moves to a later moment, so nothing is missed by not
 * looking before the one that is known.
 */
export function createTicker({ gate, keeper, list, clock, log }: TickerParts) {
  const nextLookAt = new Map<AuctionId, number>()

  const look = async (auction: AuctionRecord): Promise<void> => {
    const answer = await between('auctions.gate.ticking', 'auctions.gate.ticked', () => gate.tick(auction))
    if (answer.code === 'gate_closed') return await keeper.restore(auction.auctionId)
    if (answer.state === 'closed') await failpoint('auctions.close.decided')
    const leftMs = answer.state === 'closed' ? lookMsMax : Math.max(0, answer.endsAtMs - answer.nowMs)
    nextLookAt.set(auction.auctionId, performance.now() + Math.min(leftMs, lookMsMax))
  }

  return async (): Promise<void> => {
    if (clock?.isSteady === false) return
    const auctions = await list.read()
    const now = performance.now()
    const due = auctions.filter((one) => (nextLookAt.get(one.auctionId) ?? 0) <= now)
    await Promise.all(
      due.map((one) =>
        look(one).catch((error: unknown) => {
          log.warn({ err: error, auctionId: one.auctionId }, 'an auction could not be moved along')
        }),
      ),
    )
    const known = new Set(auctions.map((one) => one.auctionId))
    for (const auctionId of nextLookAt.keys()) if (!known.has(auctionId)) nextLookAt.delete(auctionId)
  }
}
