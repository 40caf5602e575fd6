import type { FlashSaleId, HoldId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { HoldState, LoggedHold } from './flash-sale.ts'

const lockCursor = statement(
  'flash_sales.lock_log_cursor',
  'SELECT generation, seq FROM flash_sale_log_cursors WHERE flash_sale_id = $1 FOR UPDATE',
)
const moveCursor = statement(
  'flash_sales.move_log_cursor',
  'UPDATE flash_sale_log_cursors SET generation = $2, seq = $3 WHERE flash_sale_id = $1',
)
const beginLog = statement(
  'flash_sales.begin_log',
  'UPDATE flash_sale_log_cursors SET generation = $2, seq = 0 WHERE flash_sale_id = $1',
)
// A claim may have made the row before its entry came, and a hold that Postgres has ended stays ended.
const copyHolds = statement(
  'flash_sales.copy_holds',
  `INSERT INTO holds (id, flash_sale_id, account_id, units, state, expires_at, operation_id, remaining_then)
   SELECT n.id, $1, n.account_id, n.units, n.state, to_timestamp(n.expires_at_ms / 1000.0), n.operation_id, n.remaining_then
   FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::text[], $6::bigint[], $7::uuid[], $8::int[])
     AS n (id, account_id, units, state, expires_at_ms, operation_id, remaining_then)
   ORDER BY n.id
   ON CONFLICT (id) DO UPDATE SET
     state = CASE holds.state WHEN 'live' THEN excluded.state ELSE holds.state END,
     expires_at = greatest(holds.expires_at, excluded.expires_at),
     operation_id = coalesce(holds.operation_id, excluded.operation_id),
     remaining_then = coalesce(holds.remaining_then, excluded.remaining_then),
     changed_at = now()`,
)

export interface LogCursor {
  readonly generation: string
  readonly seq: number
}

const stateAfter: Record<LoggedHold['what'], HoldState> = {
  held: 'live',
  paying: 'live',
  released: 'released',
  expired: 'expired',
}

/** The state of each hold after a batch: its last entry counts, with the last deadline. */
export function foldLog(entries: readonly LoggedHold[]): (LoggedHold & { readonly state: HoldState })[] {
  const last = new Map<HoldId, LoggedHold & { readonly state: HoldState }>()
  for (const entry of entries) last.set(entry.holdId, { ...entry, state: stateAfter[entry.what] })
  return [...last.values()]
}

export const logStore = {
  /** How far the log was copied; locked until the transaction ends, so that one process copies at a time. */
  lockCursor: async (tx: Transaction, flashSaleId: FlashSaleId): Promise<LogCursor | null> =>
    (await tx.query<LogCursor>(lockCursor, [flashSaleId]))[0] ?? null,

  /**
   * A new log begins. A copy of an older one that is under way ends before this or is given up, so that what is read
   * from Postgres afterwards does not grow by holds that the new gate knows nothing of.
   */
  begin: async (on: Queryable, flashSaleId: FlashSaleId, generation: string): Promise<void> => {
    await on.query(beginLog, [flashSaleId, generation])
  },

  /** Copies entries and moves the cursor past them in the caller's transaction: each entry counts once. */
  copy: async (tx: Transaction, flashSaleId: FlashSaleId, entries: readonly LoggedHold[], cursor: LogCursor) => {
    const holds = foldLog(entries)
    const column = <T>(read: (hold: (typeof holds)[number]) => T) => holds.map(read)
    await tx.query(copyHolds, [
      flashSaleId,
      column((hold) => hold.holdId),
      column((hold) => hold.accountId),
      column((hold) => hold.units),
      column((hold) => hold.state),
      column((hold) => hold.expiresAtMs),
      column((hold) => hold.operationId),
      column((hold) => hold.remainingThen),
    ])
    await tx.query(moveCursor, [flashSaleId, cursor.generation, cursor.seq])
  },
}
