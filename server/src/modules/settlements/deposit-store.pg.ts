import type { AccountId, CardId, Currency, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import type { CardOnFile } from '#modules/payments'
import { depositLookMs } from './limits.ts'

const columns = `id AS "depositId", account_id AS "accountId", show_id AS "showId", card_id AS "cardId",
  customer_ref AS "customerRef", payment_method_ref AS "paymentMethodRef", amount_minor AS "amountMinor", currency,
  state, (extract(epoch FROM asked_at) * 1000)::bigint AS "askedAtMs",
  (extract(epoch FROM clock_timestamp() - asked_at) * 1000)::bigint AS "ageMs"`

const selectLive = statement(
  'settlements.select_live_deposit',
  `SELECT ${columns} FROM deposits
   WHERE account_id = $1 AND show_id = $2 AND state IN ('asked', 'needs_action', 'held')`,
)
const insertDeposit = statement(
  'settlements.insert_deposit',
  `INSERT INTO deposits (id, account_id, show_id, card_id, customer_ref, payment_method_ref, amount_minor, currency)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
   ON CONFLICT (account_id, show_id) WHERE state IN ('asked', 'needs_action', 'held') DO NOTHING RETURNING ${columns}`,
)
// From → to is said by the caller; what was let go or refused is never held again.
const moveDeposit = statement(
  'settlements.move_deposit',
  `UPDATE deposits SET state = $2, look_at = now() + ${depositLookMs} * interval '1 millisecond',
     held_at = CASE WHEN $2 = 'held' THEN coalesce(held_at, now()) ELSE held_at END,
     ended_at = CASE WHEN $2 IN ('released', 'refused') THEN now() END
   WHERE id = $1 AND state = ANY($3::text[]) RETURNING id`,
)
// Two processes that sweep at once share the work; a process that dies leaves it for the next look.
const takeDue = statement(
  'settlements.take_due_deposits',
  `UPDATE deposits SET look_at = now() + ${depositLookMs} * interval '1 millisecond' WHERE id IN (
     SELECT id FROM deposits WHERE state NOT IN ('released', 'refused') AND look_at <= now()
     ORDER BY look_at LIMIT $1 FOR UPDATE SKIP LOCKED)
   RETURNING ${columns}`,
)

export type DepositState = 'asked' | 'needs_action' | 'held' | 'releasing' | 'released' | 'refused'

export interface DepositRow extends CardOnFile {
  readonly depositId: string
  readonly accountId: AccountId
  readonly showId: ShowId
  readonly cardId: CardId
  readonly amountMinor: number
  readonly currency: Currency
  readonly state: DepositState
  readonly askedAtMs: number
  readonly ageMs: number
}

export type NewDeposit = Omit<DepositRow, 'state' | 'askedAtMs' | 'ageMs'>

/** The journal of deposits in Postgres: what is asked of the bank is written before. */
export function createDepositStore(db: Queryable) {
  return {
    live: async (accountId: AccountId, showId: ShowId): Promise<DepositRow | null> =>
      (await db.query<DepositRow>(selectLive, [accountId, showId]))[0] ?? null,
    /** Null where the bidder has one for the show. */
    insert: async (one: NewDeposit): Promise<DepositRow | null> => {
      const who = [one.depositId, one.accountId, one.showId, one.cardId, one.customerRef, one.paymentMethodRef]
      const rows = await db.query<DepositRow>(insertDeposit, [...who, one.amountMinor, one.currency])
      return rows[0] ?? null
    },
    /** False where it is in none of the states that this step may begin in. */
    move: async (depositId: string, from: readonly DepositState[], to: DepositState): Promise<boolean> =>
      (await db.query(moveDeposit, [depositId, to, from])).length === 1,
    takeDue: (max: number): Promise<DepositRow[]> => db.query<DepositRow>(takeDue, [max]),
  }
}

export type DepositStore = ReturnType<typeof createDepositStore>
