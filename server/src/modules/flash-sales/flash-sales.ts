import type { FlashSaleId } from '@livelot/client/contracts'
import { Gauge, type Registry } from 'prom-client'
import type { ClockGuard } from '#infra/clock/guard'
import type { Database } from '#infra/postgres/pool'
import type { Redis } from '#infra/redis/client'
import { createGateWatch } from '#infra/telemetry/gate-watch'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { Sweep } from '#kernel/sweep'
import type { Teller } from '#kernel/teller'
import type { Inventory } from '#modules/inventory'
import type { SaleRecord } from './flash-sale.ts'
import { createGateKeeper } from './gate-keeper.ts'
import { createHoldEnds } from './hold-ends.ts'
import { createHoldService } from './holds.ts'
import { flashSaleRoutes } from './http.ts'
import { knownSalesMax } from './limits.ts'
import { createSaleService, type SaleCatalog, type SaleShows, type WaitingRooms } from './service.ts'
import { saleStore } from './store.pg.ts'
import { createGate } from './store.redis.ts'
import { flashSaleSweeps } from './sweeps.ts'
import { createSaleList, createTicker } from './ticker.ts'

export interface FlashSalesOptions {
  readonly database: Database
  /** A connection for hot decisions: it fails at once while Redis is away and never repeats a call by itself. */
  readonly redis: Redis
  /** Redis' clock, watched: sales and holds do not end by it while it is off. Absent in tests of other things. */
  readonly clock?: ClockGuard
  readonly inventory: Inventory
  readonly shows: SaleShows
  readonly catalog: SaleCatalog
  readonly waitingRooms: WaitingRooms
  readonly teller: Teller
  /** How long whoever wants a unit should stay away, because more are paying than can; 0, also where absent. */
  readonly newcomersWaitMs?: () => number
  readonly log: Log
  readonly registry?: Registry
}

/** The module put together: verbs of buyers and creators, the door of checkout, and the sweeps of the worker process. */
export function createFlashSales(options: FlashSalesOptions) {
  const { database, log } = options
  const gate = createGate(options.redis, options.clock)
  const watch = createGateWatch<FlashSaleId>('flash_sales', options.registry)
  const keeper = createGateKeeper({ database, gate, watch, log })
  const saleOf = createKnownSales(database)
  const ends = createHoldEnds({ database, gate, teller: options.teller, log, saleOf })
  const { inventory, shows, catalog, waitingRooms } = options
  const service = createSaleService({ database, gate, keeper, inventory, shows, catalog, waitingRooms, log })
  const holds = createHoldService({ database, gate, keeper, ends, saleOf })
  if (options.registry)
    new Gauge({
      name: 'livelot_flash_sales_hold_log_lag_entries',
      help: 'Entries of the log of holds that were in Redis and not yet in Postgres when last looked at.',
      registers: [options.registry],
      collect() {
        this.set(watch.lagEntries())
      },
    })
  return {
    service,
    holds,
    routes: (): Route[] => flashSaleRoutes(service, holds, options.newcomersWaitMs ?? (() => 0)),
    /** For the worker process; several may run. */
    sweeps: (): Sweep[] => {
      const list = createSaleList(database, log)
      const tick = createTicker({ gate, keeper, ends, clock: options.clock, log }, list)
      return flashSaleSweeps({ database, gate, keeper, ends, list, tick, finish: service.finish, log })
    },
  }
}

export type FlashSales = ReturnType<typeof createFlashSales>

/** Sales by id from memory: only what never changes of them may be used, which excludes their end. */
function createKnownSales(database: Database) {
  const known = new Map<FlashSaleId, SaleRecord>()
  return async (flashSaleId: FlashSaleId): Promise<SaleRecord | null> => {
    const before = known.get(flashSaleId)
    if (before) return before
    const sale = await saleStore.byId(database, flashSaleId)
    if (!sale) return null
    if (known.size >= knownSalesMax) known.clear()
    known.set(flashSaleId, sale)
    return sale
  }
}
