import { type AccountId, type AuctionId, auctionLimits, type ShowId } from '@livelot/client/contracts'
import { Gauge, type Registry } from 'prom-client'
import type { ClockGuard } from '#infra/clock/guard'
import type { Database, Transaction } from '#infra/postgres/pool'
import type { Redis } from '#infra/redis/client'
import { createGateWatch } from '#infra/telemetry/gate-watch'
import type { JobHandler } from '#kernel/job'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { Sweep } from '#kernel/sweep'
import type { Teller } from '#kernel/teller'
import { createBidService } from './bids.ts'
import { createEntryService } from './entries.ts'
import { createFairness } from './fairness.ts'
import type { Takeover } from './gate.ts'
import { createGateKeeper } from './gate-keeper.ts'
import { auctionRoutes } from './http.ts'
import { auctionJobs } from './jobs.ts'
import { exportLedger } from './ledger-export.ts'
import { createLotService } from './lots.ts'
import type { AuctionCatalog, AuctionInventory, AuctionProfiles, AuctionShows, Deposits, SavedCards } from './needs.ts'
import { createPreBids } from './pre-bids.ts'
import { createReceipts } from './receipts.ts'
import { createRecording } from './recording.ts'
import { giveBackUnit } from './relisting.ts'
import { createStarts } from './starts.ts'
import { createAuctionGate } from './store.redis.ts'
import { auctionClock, auctionSweeps } from './sweeps.ts'
import { createRunningList, createTicker, giveTimeBack } from './ticker.ts'
import { createAuctionViews } from './views.ts'

export interface AuctionsOptions {
  readonly database: Database
  /** A connection for hot decisions: it fails at once while Redis is away and never repeats a call by itself. */
  readonly redis: Redis
  /** Redis' clock, watched: nothing is decided by it while it is off. Absent in tests of other things. */
  readonly clock?: ClockGuard
  readonly shows: AuctionShows
  readonly catalog: AuctionCatalog
  readonly inventory: AuctionInventory
  readonly profiles: AuctionProfiles
  readonly cards: SavedCards
  readonly deposits: Deposits
  readonly teller: Teller
  /** Of one show, beside each other. */
  readonly lotsAtOnceMax?: number
  /** Shared by all processes; the key of receipts is derived from it. */
  readonly receiptSecret: string
  /** Public keys of earlier secrets. */
  readonly receiptKeysBefore?: readonly string[]
  readonly log: Log
  readonly registry?: Registry
}

function createVerbs(options: AuctionsOptions) {
  const { database, redis, clock, shows, catalog, inventory, profiles, cards, deposits, teller, log } = options
  const gate = createAuctionGate(redis, clock)
  const receipts = createReceipts(options.receiptSecret, options.receiptKeysBefore)
  const recording = createRecording({ database, shows, inventory, receipts, log })
  const watch = createGateWatch<AuctionId>('auctions', options.registry)
  const keeper = createGateKeeper({ database, gate, recording, watch, log })
  const views = createAuctionViews({ database, gate, keeper })
  const entries = createEntryService({ database, gate, keeper, shows, profiles, cards, deposits })
  const fairness = createFairness({ database, shows })
  const list = createRunningList(database, log)
  const tick = createTicker({ gate, keeper, list, clock, log })
  clock?.onSettledAhead((jumpMs) => giveTimeBack({ gate, list, log }, clock.nowMs() + jumpMs))
  const { lotsAtOnceMax = auctionLimits.lotsAtOnceMax } = options
  const parts = { database, keeper, views, shows, inventory, lotsAtOnceMax, onStarted: list.add, log }
  const sweepParts = { keeper, list, tick, fairness, log }
  if (options.registry) watchLag(options.registry, watch.lagEntries)
  return {
    lots: createLotService({ database, shows, catalog, profiles, inventory, teller }),
    starts: createStarts(parts),
    bids: createBidService({ database, gate, keeper, receipts, fairness, teller }),
    preBids: createPreBids({ database, entries, shows }),
    entries,
    views,
    fairness,
    /** Refuses: auction.not_found, auction.still_running. */
    exportLedger: (auctionId: AuctionId) => exportLedger(database, auctionId),
    receiptKeys: () => ({ keys: [...receipts.keys()] }),

    /** A win was not paid in time; it counts against its bidder. Repeats: counts once. */
    recordNonPayment: (tx: Transaction, accountId: AccountId, auctionId: AuctionId): Promise<void> =>
      entries.recordNonPayment(tx, accountId, auctionId),
    /** The lot went on to a runner-up, at the own last bid; it counts to the own limit. Repeats: counts once. */
    recordTakeover: (tx: Transaction, showId: ShowId, takeover: Takeover): Promise<void> =>
      entries.recordTakeover(tx, showId, takeover),
    /** Nobody paid: the unit is back in the stock and the lot may be run again. Repeats: nothing moves. */
    giveBack: (tx: Transaction, auctionId: AuctionId): Promise<void> =>
      giveBackUnit(tx, { shows, inventory }, auctionId),

    /** For API processes: the hammer falls in time as long as any process is left. */
    clock: (): Sweep[] => auctionClock(sweepParts),
    /** For worker processes: the clock, and the copy of what the gate decided. Several may run. */
    sweeps: (): Sweep[] => auctionSweeps(sweepParts),
    jobs: (): JobHandler[] => auctionJobs(entries),
  }
}

export type AuctionVerbs = ReturnType<typeof createVerbs>

/** The module put together: verbs of hosts and bidders, the door of settlements, and the clock that every process runs. */
export function createAuctions(options: AuctionsOptions) {
  const verbs = createVerbs(options)
  return { ...verbs, routes: (): Route[] => auctionRoutes(verbs) }
}

export type Auctions = ReturnType<typeof createAuctions>

function watchLag(registry: Registry, lagEntries: () => number): void {
  new Gauge({
    name: 'livelot_auctions_log_lag_entries',
    help: 'Entries of auctions that were in Redis and not yet in Postgres when last looked at.',
    registers: [registry],
    collect() {
      this.set(lagEntries())
    },
  })
}
