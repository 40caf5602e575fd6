import type { FlashSaleId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import type { Sweep } from '#kernel/sweep'
import { holdStore } from './claims.pg.ts'
import type { SaleRecord } from './flash-sale.ts'
import type { GateKeeper } from './gate-keeper.ts'
import type { HoldEnds } from './hold-ends.ts'
import { differingLooksMax } from './limits.ts'
import { saleStore } from './store.pg.ts'
import type { Gate } from './store.redis.ts'
import type { SaleList } from './ticker.ts'

export interface SweepParts {
  readonly database: Database
  readonly gate: Gate
  readonly keeper: GateKeeper
  readonly ends: HoldEnds
  readonly list: SaleList
  readonly tick: () => Promise<void>
  readonly finish: (sale: SaleRecord) => Promise<void>
  readonly log: Log
}

/** Sales are opened, closed and their holds ended at most this late, plus one step of the gate. */
const tickEveryMs = 100
/** What a buyer reads of his holds in Postgres is at most about this old. */
const copyEveryMs = 50
const repairEveryMs = 2_000

export function flashSaleSweeps(parts: SweepParts): Sweep[] {
  const differing = new Map<FlashSaleId, number>()
  return [
    { name: 'flash-sales.tick', everyMs: tickEveryMs, run: parts.tick },
    {
      name: 'flash-sales.copy-log',
      everyMs: copyEveryMs,
      run: () => forEachSale(parts, async (sale) => void (await parts.keeper.copyLog(sale))),
    },
    {
      name: 'flash-sales.repair',
      everyMs: repairEveryMs,
      run: () =>
        forEachSale(parts, async (sale) => {
          if (!(await applyDecided(parts, sale))) return
          await compare(parts, sale, differing)
          await parts.finish(sale)
        }),
    },
  ]
}

/** One sale that fails does not keep the others waiting. */
async function forEachSale(parts: SweepParts, act: (sale: SaleRecord) => Promise<void>): Promise<void> {
  for (const sale of await parts.list()) {
    try {
      await act(sale)
    } catch (error) {
      parts.log.warn({ err: error, flashSaleId: sale.flashSaleId }, 'a flash sale could not be looked after')
    }
  }
}

/** Tells the gate what Postgres decided and a lost message did not tell. False while the gate is shut. */
async function applyDecided({ database, gate, ends }: SweepParts, sale: SaleRecord): Promise<boolean> {
  const holds = await gate.holds(sale)
  if (!holds) return false
  for (const row of await holdStore.decided(database, sale.flashSaleId, [...holds.keys()])) {
    if (row.state !== 'claimed' || holds.get(row.holdId)?.how !== 'claimed') await ends.apply(sale, row, row.state)
  }
  return true
}

/** Where gate and Postgres differ although nothing moves, the gate is shut and written anew: Postgres is right. */
async function compare(parts: SweepParts, sale: SaleRecord, differing: Map<FlashSaleId, number>): Promise<void> {
  const { database, gate, keeper, log } = parts
  const { flashSaleId } = sale
  const before = await keeper.copyLog(sale)
  const truth = await saleStore.figures(database, flashSaleId)
  const after = await keeper.copyLog(sale)
  const isQuiet = before.gate === 'stands' && after.gate === 'stands' && sameFigures(before, after)
  const isEqual =
    isQuiet && before.remainingUnits === truth.freeUnits - truth.liveUnits && before.soldUnits === truth.soldUnits
  if (!isQuiet || isEqual) return void differing.delete(flashSaleId)
  const looks = (differing.get(flashSaleId) ?? 0) + 1
  differing.set(flashSaleId, looks)
  if (looks < differingLooksMax) return
  differing.delete(flashSaleId)
  log.warn({ flashSaleId, gate: before, truth }, 'the gate differs from Postgres and is written anew')
  await gate.shut(sale)
  await keeper.rebuild(flashSaleId)
}

type Standing = Extract<Awaited<ReturnType<GateKeeper['copyLog']>>, { gate: 'stands' | 'shut' }>

const sameFigures = (one: Standing, other: Standing): boolean =>
  one.generation === other.generation &&
  one.seq === other.seq &&
  one.remainingUnits === other.remainingUnits &&
  one.soldUnits === other.soldUnits
