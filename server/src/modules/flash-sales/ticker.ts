import type { FlashSaleId } from '@livelot/client/contracts'
import type { ClockGuard } from '#infra/clock/guard'
import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import type { SaleRecord } from './flash-sale.ts'
import type { GateKeeper } from './gate-keeper.ts'
import type { HoldEnds } from './hold-ends.ts'
import { lookFarMsMax, lookMsMax, nearMs } from './limits.ts'
import { saleStore } from './store.pg.ts'
import type { Gate } from './store.redis.ts'

export interface TickerParts {
  readonly database: Database
  readonly gate: Gate
  readonly keeper: GateKeeper
  readonly ends: HoldEnds
  /** Nothing is looked at while Redis' clock is off. */
  readonly clock?: Pick<ClockGuard, 'isSteady'> | undefined
  readonly log: Log
}

/** Sales that are not finished, as this process knows them; read again every second. */
export function createSaleList(database: Database, log: Log) {
  let sales: readonly SaleRecord[] = []
  let readAt = Number.NEGATIVE_INFINITY
  return async (): Promise<readonly SaleRecord[]> => {
    if (performance.now() - readAt < lookMsMax) return sales
    readAt = performance.now()
    try {
      sales = await saleStore.unfinished(database)
    } catch (error) {
      // While Postgres is away the known sales go on: Redis alone opens, closes and ends unpaid holds.
      log.warn({ err: error }, 'unfinished flash sales could not be read')
    }
    return sales
  }
}

export type SaleList = ReturnType<typeof createSaleList>

/**
 * Moves sales along with time. Each worker process does so for every sale: a step that is done twice changes nothing,
 * and none waits for another process.
 */
export function createTicker({ gate, keeper, ends, clock, log }: Omit<TickerParts, 'database'>, list: SaleList) {
  const nextLookAt = new Map<FlashSaleId, number>()

  const look = async (sale: SaleRecord): Promise<void> => {
    const answer = await gate.tick(sale, sale.closesAtMs)
    if (answer[0] === 'gate_closed') return await keeper.rebuild(sale.flashSaleId)
    const [, state, , , nowMs, nextDueMs, asks, offers] = answer
    const mostMs = state === 'scheduled' && sale.opensAtMs - nowMs > nearMs ? lookFarMsMax : lookMsMax
    nextLookAt.set(sale.flashSaleId, performance.now() + Math.min(Math.max(0, nextDueMs - nowMs), mostMs))
    ends.tellOffers(sale, offers)
    await Promise.all(asks.map((ask) => ends.expire(sale, ask)))
  }

  return async (): Promise<void> => {
    if (clock?.isSteady === false) return
    const sales = await list()
    const now = performance.now()
    const due = sales.filter((sale) => (nextLookAt.get(sale.flashSaleId) ?? 0) <= now)
    await Promise.all(
      due.map((sale) =>
        look(sale).catch((error: unknown) => {
          log.warn({ err: error, flashSaleId: sale.flashSaleId }, 'a flash sale could not be moved along')
        }),
      ),
    )
    for (const id of nextLookAt.keys()) if (!sales.some((sale) => sale.flashSaleId === id)) nextLookAt.delete(id)
  }
}
