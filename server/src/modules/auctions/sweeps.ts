import type { AuctionId } from '@livelot/client/contracts'
import type { Log } from '#kernel/log'
import type { Sweep } from '#kernel/sweep'
import type { AuctionRecord } from './auction.ts'
import type { FairnessBook } from './fairness.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { copiesAtOnceMax, copyRestMs, flushEveryMs, knownAuctionsMax } from './record-limits.ts'
import type { RunningList } from './ticker.ts'

export interface AuctionSweepParts {
  readonly keeper: GateKeeper
  readonly list: RunningList
  readonly tick: () => Promise<void>
  readonly fairness: FairnessBook
  readonly log: Log
}

/** Auctions are closed at most this late, plus one step of the gate. */
const tickEveryMs = 100
/** What Postgres does not have yet is at most about this old. */
const copyEveryMs = 50

/** For API and worker processes alike: the hammer falls in time as long as any process is left. */
export function auctionClock({ tick, fairness }: Pick<AuctionSweepParts, 'tick' | 'fairness'>): Sweep[] {
  return [
    { name: 'auctions.tick', everyMs: tickEveryMs, run: tick },
    { name: 'auctions.flush-fairness', everyMs: flushEveryMs, run: fairness.flush },
  ]
}

/** For worker processes: the clock, and the copy of what the gate decided. Several may run. */
export function auctionSweeps(parts: AuctionSweepParts): Sweep[] {
  return [...auctionClock(parts), { name: 'auctions.copy-logs', everyMs: copyEveryMs, run: createCopier(parts) }]
}

/** One auction that fails does not keep the others waiting, and is tried again after a rest. */
function createCopier({ keeper, list, log }: AuctionSweepParts): () => Promise<void> {
  const restsUntil = new Map<AuctionId, number>()
  const copyOne = async (auction: AuctionRecord) => {
    const { auctionId } = auction
    if ((restsUntil.get(auctionId) ?? 0) > performance.now()) return
    try {
      await keeper.copyNewEntries(auction)
      restsUntil.delete(auctionId)
    } catch (error) {
      if (restsUntil.size > knownAuctionsMax) restsUntil.clear()
      restsUntil.set(auctionId, performance.now() + copyRestMs)
      log.warn({ err: error, auctionId }, 'the log of an auction could not be copied')
    }
  }
  return async () => {
    const waiting = [...(await list.read())]
    const work = async () => {
      for (let auction = waiting.shift(); auction; auction = waiting.shift()) await copyOne(auction)
    }
    await Promise.all(Array.from({ length: Math.min(copiesAtOnceMax, waiting.length) }, work))
  }
}
