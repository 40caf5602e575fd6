import type { Log } from '#kernel/log'
import type { Sweep } from '#kernel/sweep'
import type { AuctionRecord } from './auction.ts'
import type { FairnessBook } from './fairness.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { copiesAtOnceMax, flushEveryMs } from './record-limits.ts'
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
  return [...auctionClock(parts), { name: 'auctions.copy-logs', everyMs: copyEveryMs, run: () => copyLogs(parts) }]
}

/** One auction that fails does not keep the others waiting. */
async function copyLogs({ keeper, list, log }: AuctionSweepParts): Promise<void> {
  const waiting = [...(await list.read())]
  const work = async () => {
    for (let auction = waiting.shift(); auction; auction = waiting.shift()) await copyOne(auction)
  }
  const copyOne = async (auction: AuctionRecord) => {
    try {
      await keeper.copyLog(auction)
    } catch (error) {
      log.warn({ err: error, auctionId: auction.auctionId }, 'the log of an auction could not be copied')
    }
  }
  await Promise.all(Array.from({ length: Math.min(copiesAtOnceMax, waiting.length) }, work))
}
