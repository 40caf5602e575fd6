import type { Currency } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { LedgerTransaction } from './posting.ts'

const insertTransaction = statement(
  'ledger.insert_transaction',
  `WITH added AS (
     INSERT INTO ledger_transactions (kind, reference) VALUES ($1, $2)
     ON CONFLICT ON CONSTRAINT ledger_transactions_once DO NOTHING RETURNING id
   ), lines AS (
     INSERT INTO ledger_entries (transaction_id, line, account, currency, amount_minor)
     SELECT added.id, one.line, one.account, $3, one.amount_minor
     FROM added, unnest($4::text[], $5::bigint[]) WITH ORDINALITY AS one (account, amount_minor, line)
   )
   SELECT id FROM added`,
)

const insertReversal = statement(
  'ledger.insert_reversal',
  `WITH reversed AS (
     SELECT e.line, e.account, e.currency, e.amount_minor
     FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id
     WHERE t.kind = $3 AND t.reference = $4
   ), added AS (
     INSERT INTO ledger_transactions (kind, reference)
     SELECT $1, $2 WHERE EXISTS (SELECT FROM reversed)
     ON CONFLICT ON CONSTRAINT ledger_transactions_once DO NOTHING RETURNING id
   ), lines AS (
     INSERT INTO ledger_entries (transaction_id, line, account, currency, amount_minor)
     SELECT added.id, reversed.line, reversed.account, reversed.currency, -reversed.amount_minor FROM added, reversed
   )
   SELECT EXISTS (SELECT FROM reversed) AS has_original, (SELECT id FROM added) AS id`,
)

const selectBalances = statement(
  'ledger.select_balances',
  `SELECT account, currency, sum(amount_minor)::bigint AS "balanceMinor" FROM ledger_entries
   WHERE starts_with(account, $1) GROUP BY account, currency ORDER BY account, currency`,
)

export interface Balance {
  readonly account: string
  readonly currency: Currency
  readonly balanceMinor: number
}

export async function postTransaction(tx: Transaction, one: LedgerTransaction): Promise<'posted' | 'repeated'> {
  const rows = await tx.query(insertTransaction, [
    one.kind,
    one.reference,
    one.currency,
    one.lines.map((line) => line.account),
    one.lines.map((line) => line.amountMinor),
  ])
  return rows.length === 1 ? 'posted' : 'repeated'
}

export async function postReversal(
  tx: Transaction,
  one: { readonly kind: string; readonly reference: string },
  original: { readonly kind: string; readonly reference: string },
): Promise<'posted' | 'repeated' | 'no-original'> {
  const [row] = await tx.query<{ has_original: boolean; id: number | null }>(insertReversal, [
    one.kind,
    one.reference,
    original.kind,
    original.reference,
  ])
  if (!row?.has_original) return 'no-original'
  return row.id === null ? 'repeated' : 'posted'
}

export const readBalances = (on: Queryable, accountPrefix: string): Promise<Balance[]> =>
  on.query<Balance>(selectBalances, [accountPrefix])
