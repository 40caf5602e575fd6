import type { AccountId, FlashSaleId, HoldId, OperationId } from '@livelot/client/contracts'
import type { ClockGuard } from '#infra/clock/guard'
import { type RedisServers, serverOf, serverRunId } from '#infra/redis/client'
import { runScript, type Script } from '#infra/redis/scripts'
import type { SaleFigures, SaleRecord } from './flash-sale.ts'
import {
  ApplyAnswer,
  GateFigures,
  JoinAnswer,
  LogAnswer,
  PaymentAnswer,
  RebuildAnswer,
  ReleaseAnswer,
  ReserveAnswer,
  readHeld,
  TickAnswer,
} from './gate-answers.ts'
import { scripts } from './gate-scripts.ts'
import { gateKeys, turnsKey } from './keys.ts'
import { askAgainMs, holdMs, keepKeysMs, logBatchMax, paymentExtraMs, rebuildStaleMs, tickBatchMax } from './limits.ts'

/** Where a sale's gate is. */
export type GateAddress = Pick<SaleRecord, 'showId' | 'flashSaleId'>

/** A hold as Postgres tells it to a new gate. */
export interface KnownHold {
  readonly holdId: HoldId
  readonly accountId: AccountId
  readonly units: number
  readonly expiresAtMs: number
  readonly operationId: OperationId | null
  readonly remainingThen: number
  readonly how: 'restored' | 'claimed' | 'settled' | 'released' | 'expired'
}

/** Everything that a new gate is written from. */
export interface GateContents {
  readonly sale: SaleRecord
  readonly saleJson: string
  readonly remainingUnits: number
  readonly soldUnits: number
  readonly open: readonly KnownHold[]
  readonly ended: readonly KnownHold[]
  readonly buyers: ReadonlyMap<AccountId, number>
}

/** How far the log was copied, and when Postgres was read after that. */
export interface RebuildBasis {
  readonly generation: string
  readonly seq: number
  readonly readAtMs: number
}

/**
 * The gate: admits buyers by scripts of one step each. Every answer comes from a closed set; errors of Redis pass
 * through, and then it is not known whether the step was made: ask again with the same operation id. With a `clock` nothing
 * is opened, closed or expired while Redis' own is not where that says.
 */
export function createGate(redis: RedisServers, clock?: Pick<ClockGuard, 'nowMs'>) {
  const keys = new Map<FlashSaleId, string[]>()
  const keysOf = ({ showId, flashSaleId }: GateAddress): string[] => {
    const known = keys.get(flashSaleId)
    if (known) return known
    if (keys.size > 5_000) keys.clear()
    const made = gateKeys(showId, flashSaleId)
    keys.set(flashSaleId, made)
    return made
  }
  // A connection that is not ready has no run id; its command fails as it should.
  const runIdOf = (at: GateAddress): string => serverRunId(redis, keysOf(at)[0] ?? '') ?? ''
  const run = (script: Script, at: GateAddress, args: readonly (string | number)[]): Promise<unknown> =>
    runScript(redis, script, keysOf(at), [runIdOf(at), ...args])

  return {
    reserve: async (at: GateAddress, accountId: AccountId, operationId: OperationId, units: number) =>
      ReserveAnswer.parse(
        await runScript(
          redis,
          scripts.reserve,
          [...keysOf(at), turnsKey(at.showId, at.flashSaleId)],
          [runIdOf(at), accountId, operationId, units],
        ),
      ),
    beginPayment: async (at: GateAddress, accountId: AccountId, holdId: HoldId) =>
      PaymentAnswer.parse(await run(scripts.beginPayment, at, [accountId, holdId])),
    release: async (at: GateAddress, accountId: AccountId, holdId: HoldId) =>
      ReleaseAnswer.parse(await run(scripts.releaseHold, at, [accountId, holdId])),
    joinWaitlist: async (at: GateAddress, accountId: AccountId, operationId: OperationId) =>
      JoinAnswer.parse(await run(scripts.joinWaitlist, at, [accountId, operationId])),
    applyHoldState: async (
      at: GateAddress,
      hold: {
        readonly holdId: HoldId
        readonly accountId: AccountId
        readonly units: number
        readonly how: 'claimed' | 'settled' | 'released' | 'expired'
      },
    ) => ApplyAnswer.parse(await run(scripts.applyHoldState, at, [hold.holdId, hold.how, hold.accountId, hold.units])),
    tick: async (at: GateAddress, closesAtMs: number) =>
      TickAnswer.parse(
        await run(scripts.tick, at, [closesAtMs, tickBatchMax, askAgainMs, keepKeysMs, clock?.nowMs() ?? '']),
      ),

    /** How the gate stands, and what happened to holds after `cursor`. Forgets what came before it. */
    readLog: async (at: GateAddress, cursor: { readonly generation: string; readonly seq: number }) => {
      const [gate = '', , , , , , log = ''] = keysOf(at)
      const args = [runIdOf(at), cursor.generation, cursor.seq, logBatchMax]
      return LogAnswer.parse(await runScript(redis, scripts.readLog, [gate, log], args))
    },

    rebuild: async (at: GateAddress, basis: RebuildBasis, contents: GateContents, generation: string) =>
      RebuildAnswer.parse(
        await run(scripts.rebuildGate, at, [
          basis.generation,
          basis.seq,
          basis.readAtMs,
          rebuildStaleMs,
          keepKeysMs,
          JSON.stringify(gateFields(contents, generation)),
          JSON.stringify({
            open: contents.open.map(toRow),
            ended: contents.ended.map(toRow),
            buyers: Object.fromEntries(contents.buyers),
          }),
        ]),
      ),

    /** Shuts a gate whose figures are wrong; nobody is admitted until it is rebuilt. */
    shut: async (at: GateAddress): Promise<void> => {
      const [gate = ''] = keysOf(at)
      await serverOf(redis, gate).hdel(gate, 'gate_run_id')
    },

    /** Null while the gate is shut. */
    figures: async (at: GateAddress): Promise<SaleFigures | null> => {
      const [gate = ''] = keysOf(at)
      const fields = await serverOf(redis, gate).hmget(gate, 'gate_run_id', 'state', 'remaining_units', 'sold_units')
      if (fields[0] === null || fields[0] !== serverRunId(redis, gate)) return null
      const [, state, remainingUnits, soldUnits] = GateFigures.parse(fields)
      return { state, remainingUnits, soldUnits }
    },

    /** Every hold that has not ended, by id; null while the gate is shut. */
    holds: async (at: GateAddress) => {
      const [gate = '', holds = ''] = keysOf(at)
      const server = serverOf(redis, gate)
      const [runId, all] = await Promise.all([server.hget(gate, 'gate_run_id'), server.hgetall(holds)])
      if (runId === null || runId !== serverRunId(redis, gate)) return null
      return new Map(Object.entries(all).map(([holdId, text]) => [holdId as HoldId, readHeld(text)]))
    },

    /** One hold that has not ended; null where there is none, and `shut` while the gate is. */
    hold: async (at: GateAddress, holdId: HoldId) => {
      const [gate = '', holds = ''] = keysOf(at)
      const server = serverOf(redis, gate)
      const [runId, text] = await Promise.all([server.hget(gate, 'gate_run_id'), server.hget(holds, holdId)])
      if (runId === null || runId !== serverRunId(redis, gate)) return 'shut'
      return text === null ? null : readHeld(text)
    },
  }
}

export type Gate = ReturnType<typeof createGate>

function gateFields({ sale, saleJson, remainingUnits, soldUnits }: GateContents, generation: string) {
  return {
    generation,
    sale_id: sale.flashSaleId,
    sale_json: saleJson,
    // The script itself finds out whether it is open or closed by now.
    state: 'scheduled',
    opens_at_ms: String(sale.opensAtMs),
    closes_at_ms: String(sale.closesAtMs),
    remaining_units: String(remainingUnits),
    sold_units: String(soldUnits),
    per_buyer: String(sale.perBuyerLimit),
    by_turn: sale.waitingRoomCommitment === null ? '0' : '1',
    hold_ms: String(holdMs),
    payment_ms: String(paymentExtraMs),
  }
}

const toRow = (hold: KnownHold) => [
  hold.holdId,
  hold.accountId,
  hold.units,
  hold.expiresAtMs,
  hold.operationId ?? '',
  hold.remainingThen,
  hold.how,
]
