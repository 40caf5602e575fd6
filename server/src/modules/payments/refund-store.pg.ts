import type { AccountId, Currency, Money, OperationId, RefundId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'

const columns = `id AS "refundId", order_id AS "orderId", checkout_id AS "checkoutId", intent_ref AS "intentRef",
  currency, amount_minor AS "amountMinor", reason, state, tries`
// Looks for a standing refund before it inserts: the insert alone would wait for one that is being recorded, while that
// one waits for the order's row, which the caller has locked.
const insertRefund = statement(
  'payments.insert_refund',
  `INSERT INTO payment_refunds
     (id, order_id, checkout_id, intent_ref, currency, amount_minor, reason, requested_by, operation_id, look_at)
   SELECT $1, order_id, checkout_id, intent_ref, currency, captured_minor, $3, $4, $5, now() + interval '5 seconds'
   FROM payment_attempts a WHERE checkout_id = $2 AND captured_minor > 0 AND refunded_minor = 0
     AND NOT EXISTS (SELECT FROM payment_refunds r WHERE r.order_id = a.order_id AND r.state <> 'failed')
   ON CONFLICT DO NOTHING
   RETURNING ${columns}`,
)
const selectRefund = statement('payments.select_refund', `SELECT ${columns} FROM payment_refunds WHERE id = $1`)
const selectByOperation = statement(
  'payments.select_refund_by_operation',
  `SELECT ${columns} FROM payment_refunds WHERE requested_by = $1 AND operation_id = $2`,
)
// Two senders at once are harmless (same key at the provider); the count tells a later one to look first.
const countTry = statement(
  'payments.count_refund_try',
  `UPDATE payment_refunds SET tries = tries + 1,
     look_at = now() + least(300, 2 ^ least(tries, 10)) * interval '1 second' + interval '3 seconds'
   WHERE id = $1 AND state = 'pending'
   RETURNING ${columns}, (extract(epoch FROM now() - created_at) * 1000)::bigint AS "ageMs"`,
)
const markSucceeded = statement(
  'payments.mark_refund_succeeded',
  `WITH settled AS (
     UPDATE payment_refunds SET state = 'succeeded', refund_ref = $2, settled_at = now()
     WHERE id = $1 AND state = 'pending' RETURNING checkout_id, amount_minor
   )
   UPDATE payment_attempts a SET refunded_minor = a.refunded_minor + settled.amount_minor
   FROM settled WHERE a.checkout_id = settled.checkout_id RETURNING 1 AS one`,
)
const markFailed = statement(
  'payments.mark_refund_failed',
  `UPDATE payment_refunds SET state = 'failed', settled_at = now() WHERE id = $1 AND state = 'pending'`,
)
const selectDue = statement(
  'payments.select_due_refunds',
  `SELECT id FROM payment_refunds WHERE state = 'pending' AND look_at <= now() ORDER BY created_at LIMIT 100`,
)

export interface RefundRow {
  readonly refundId: RefundId
  readonly orderId: string
  readonly checkoutId: string
  readonly intentRef: string
  readonly currency: Currency
  readonly amountMinor: number
  readonly reason: string
  readonly state: 'pending' | 'succeeded' | 'failed'
  readonly tries: number
}

export const amountOf = (row: RefundRow): Money => ({ amountMinor: row.amountMinor, currency: row.currency })

/** Null where nothing was captured, it is refunded already, or another refund of the order stands. */
export async function keepRefund(
  tx: Transaction,
  wish: { refundId: RefundId; checkoutId: string; reason: string; requestedBy: AccountId; operationId: OperationId },
): Promise<RefundRow | null> {
  const values = [wish.refundId, wish.checkoutId, wish.reason, wish.requestedBy, wish.operationId]
  const [row] = await tx.query<RefundRow>(insertRefund, values)
  return row ?? null
}

export async function findRefund(on: Queryable, refundId: string): Promise<RefundRow | null> {
  const [row] = await on.query<RefundRow>(selectRefund, [refundId])
  return row ?? null
}

export async function findRefundByOperation(
  on: Queryable,
  accountId: AccountId,
  operationId: OperationId,
): Promise<RefundRow | null> {
  const [row] = await on.query<RefundRow>(selectByOperation, [accountId, operationId])
  return row ?? null
}

/** Null where the refund is settled. */
export async function beginTry(on: Queryable, refundId: string): Promise<(RefundRow & { ageMs: number }) | null> {
  const [row] = await on.query<RefundRow & { ageMs: number }>(countTry, [refundId])
  return row ?? null
}

/** False where it was recorded before. */
export async function recordRefunded(tx: Transaction, refundId: string, refundRef: string): Promise<boolean> {
  return (await tx.query(markSucceeded, [refundId, refundRef])).length === 1
}

export async function recordRefundFailed(on: Queryable, refundId: string): Promise<void> {
  await on.query(markFailed, [refundId])
}

export async function listDueRefunds(on: Queryable): Promise<string[]> {
  return (await on.query<{ id: string }>(selectDue)).map((row) => row.id)
}
