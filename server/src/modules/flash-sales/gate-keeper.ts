import type { FlashSaleId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { GateWatch } from '#infra/telemetry/gate-watch'
import { between } from '#kernel/failpoints'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import { type SaleRecord, toFlashSale } from './flash-sale.ts'
import { type LogCursor, logStore } from './hold-log.pg.ts'
import { knownSalesMax, rebuildAttemptsMax, rebuildGapMs } from './limits.ts'
import { saleStore } from './store.pg.ts'
import type { Gate } from './store.redis.ts'

/** How the gate stood when its log had been copied whole. */
export type GateStatus =
  | { readonly gate: 'none'; readonly nowMs: number }
  | {
      readonly gate: 'stands' | 'shut'
      readonly nowMs: number
      readonly generation: string
      readonly seq: number
      readonly remainingUnits: number
      readonly soldUnits: number
    }

export interface GateKeeperParts {
  readonly database: Database
  readonly gate: Gate
  readonly watch: GateWatch<FlashSaleId>
  readonly log: Log
}

/** Keeps gate and Postgres together: copies the log of holds, and writes a lost gate anew. */
export function createGateKeeper({ database, gate, watch, log }: GateKeeperParts) {
  // Committed cursors only: another process may be further, never less far.
  const cursors = new Map<FlashSaleId, LogCursor>()
  const rebuilding = new Map<FlashSaleId, Promise<void>>()
  const requestedAt = new Map<FlashSaleId, number>()

  const copyStep = async (sale: SaleRecord): Promise<GateStatus | 'more'> => {
    const { flashSaleId } = sale
    const cursor = cursors.get(flashSaleId) ?? { generation: '', seq: 0 }
    const answer = await gate.readLog(sale, cursor)
    if (answer[0] === 'no_gate') {
      watch.copied(flashSaleId, 'shut')
      return { gate: 'none', nowMs: answer[1] }
    }
    const [, nowMs, stands, generation, seq, remainingUnits, soldUnits, entries] = answer
    const last = entries.at(-1)
    if (last === undefined) {
      watch.copied(flashSaleId, stands ? 'open' : 'shut')
      return { gate: stands ? 'stands' : 'shut', nowMs, generation, seq, remainingUnits, soldUnits }
    }
    watch.lagging(flashSaleId, seq - (entries[0]?.seq ?? seq) + 1)
    if (cursors.size > knownSalesMax) cursors.clear()
    cursors.delete(flashSaleId)
    const copied = await between('flash-sales.log.copying', 'flash-sales.log.copied', () =>
      database.transaction(async (tx) => {
        const now = await logStore.lockCursor(tx, flashSaleId)
        // Another process copied meanwhile, or this one has just begun: read again from there.
        if (now && (now.generation !== cursor.generation || now.seq !== cursor.seq)) return now
        const next = { generation, seq: last.seq }
        await logStore.copy(tx, flashSaleId, entries, next)
        return next
      }),
    )
    cursors.set(flashSaleId, copied)
    return 'more'
  }

  /** Copies everything that is in the log now. Repeats, in several processes at once: each entry is copied once. */
  const copyLog = async (sale: SaleRecord): Promise<GateStatus> => {
    for (;;) {
      const step = await copyStep(sale)
      if (step !== 'more') return step
    }
  }

  const rebuild = async (flashSaleId: FlashSaleId): Promise<void> => {
    for (let attempt = 1; attempt <= rebuildAttemptsMax; attempt += 1) {
      const sale = await saleStore.byId(database, flashSaleId)
      if (!sale || sale.finishedAtMs !== null) return
      const status = await copyLog(sale)
      if (status.gate === 'stands') return
      const generation = newId()
      await logStore.begin(database, flashSaleId, generation)
      const read = await saleStore.contentsOfGate(database, flashSaleId)
      const basis =
        status.gate === 'none'
          ? { generation: '', seq: 0, readAtMs: status.nowMs }
          : { ...status, readAtMs: status.nowMs }
      const figures = { state: 'scheduled' as const, remainingUnits: sale.totalUnits, soldUnits: 0 }
      const contents = {
        ...read,
        sale,
        saleJson: JSON.stringify(toFlashSale(sale, figures)),
        remainingUnits: read.freeUnits - read.liveUnits,
        buyers: new Map(read.buyers),
      }
      const [answer] = await gate.rebuild(sale, basis, contents, generation)
      if (answer === 'opened' || answer === 'stands') {
        log.info({ flashSaleId, remainingUnits: contents.remainingUnits, openHolds: read.open.length }, 'gate opened')
        return
      }
    }
    log.warn({ flashSaleId }, 'gate could not be opened yet')
  }

  /** Writes the gate from Postgres and opens it, unless it stands. Repeats, in several processes at once: one wins. */
  const rebuildOnce = (flashSaleId: FlashSaleId): Promise<void> => {
    const running = rebuilding.get(flashSaleId)
    if (running) return running
    const started = rebuild(flashSaleId).finally(() => rebuilding.delete(flashSaleId))
    rebuilding.set(flashSaleId, started)
    return started
  }

  return {
    copyLog,
    rebuild: rebuildOnce,

    /** As rebuild, without waiting and not too often: a crowd before a shut gate must not become one before Postgres. */
    requestRebuild: (flashSaleId: FlashSaleId): void => {
      const now = performance.now()
      if (now - (requestedAt.get(flashSaleId) ?? Number.NEGATIVE_INFINITY) < rebuildGapMs) return
      if (requestedAt.size > knownSalesMax) requestedAt.clear()
      requestedAt.set(flashSaleId, now)
      rebuildOnce(flashSaleId).catch((error: unknown) => log.warn({ err: error, flashSaleId }, 'gate not rebuilt'))
    },
  }
}

export type GateKeeper = ReturnType<typeof createGateKeeper>
