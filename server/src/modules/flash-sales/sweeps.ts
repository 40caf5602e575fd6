import type { FlashSaleId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import { nowMs } from '#kernel/now'
import type { Sweep } from '#kernel/sweep'
import { holdStore } from './claims.pg.ts'
import type { SaleRecord } from './flash-sale.ts'
import type { GateKeeper } from './gate-keeper.ts'
import type { HoldEnds } from './hold-ends.ts'
import { differingLooksMax, nearMs } from './limits.ts'
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
  const differing: Differing = new Map()
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

/**
 * Sales that are open, or will be within minutes, or are over, also before their start: before that there is nothing to
 * copy or to repair.
 * One sale that fails does not keep the others waiting.
 */
async function forEachSale(parts: SweepParts, act: (sale: SaleRecord) => Promise<void>): Promise<void> {
  const sales = await parts.list()
  // The process' own time only saves work here; nearMs is far more than it can be wrong.
  const soonMs = nowMs() + nearMs
  for (const sale of sales.filter((one) => Math.min(one.opensAtMs, one.closesAtMs) < soonMs)) {
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

/** By sale: what gate and Postgres said when they differed, and how often they have said so in a row. */
type Differing = Map<FlashSaleId, { readonly said: string; readonly looks: number }>

/** Where gate and Postgres differ although nothing moves, the gate is shut and written anew: Postgres is right. */
async function compare(parts: SweepParts, sale: SaleRecord, differing: Differing): Promise<void> {
  const { database, gate, keeper, log } = parts
  const { flashSaleId } = sale
  const status = await keeper.copyLog(sale)
  const truth = await saleStore.figures(database, flashSaleId)
  if (status.gate !== 'stands') return
  const { generation, seq, remainingUnits, soldUnits } = status
  if (remainingUnits === truth.freeUnits - truth.liveUnits && soldUnits === truth.soldUnits)
    return void differing.delete(flashSaleId)
  // Under way between Postgres and the gate is no difference: only what stays the same from look to look is.
  const said = JSON.stringify([generation, seq, remainingUnits, soldUnits, truth])
  const before = differing.get(flashSaleId)
  const looks = before?.said === said ? before.looks + 1 : 1
  differing.set(flashSaleId, { said, looks })
  if (looks < differingLooksMax) return
  differing.delete(flashSaleId)
  log.warn({ flashSaleId, gate: status, truth }, 'the gate differs from Postgres and is written anew')
  await gate.shut(sale)
  await keeper.rebuild(flashSaleId)
}
