import type { Currency } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { LedgerTransaction } from './posting.ts'

/**
 * Posting within a larger statement, so that sales cost no round trip of their own: the expressions `posted` and
 * `posted_lines`. Of the transactions in the values (`postingValues`, from parameter `first` on) those are written whose
 * reference is in `source.reference`, each once.
 */
export const postingPart = (first: number, source: string): string => `
   posted AS (
     INSERT INTO ledger_transactions (kind, reference)
     SELECT one.kind, one.reference
     FROM unnest($${first}::text[], $${first + 1}::text[]) AS one (kind, reference) JOIN ${source} USING (reference)
     ORDER BY one.reference
     ON CONFLICT ON CONSTRAINT ledger_transactions_once DO NOTHING RETURNING id, kind, reference
   ), posted_lines AS (
     INSERT INTO ledger_entries (transaction_id, line, account, currency, amount_minor)
     SELECT posted.id, one.line, one.account, one.currency, one.amount_minor
     FROM posted JOIN unnest($${first + 2}::text[], $${first + 3}::text[], $${first + 4}::int[], $${first + 5}::text[],
       $${first + 6}::text[], $${first + 7}::bigint[]) AS one (kind, reference, line, account, currency, amount_minor)
       ON one.kind = posted.kind AND one.reference = posted.reference
   )`

export function postingValues(transactions: readonly LedgerTransaction[]): unknown[] {
  const lines = transactions.flatMap(({ kind, reference, currency, lines: all }) =>
    all.map((line, index) => ({ kind, reference, number: index + 1, currency, ...line })),
  )
  return [
    transactions.map((one) => one.kind),
    transactions.map((one) => one.reference),
    lines.map((line) => line.kind),
    lines.map((line) => line.reference),
    lines.map((line) => line.number),
    lines.map((line) => line.account),
    lines.map((line) => line.currency),
    lines.map((line) => line.amountMinor),
  ]
}

const insertTransaction = statement(
  'ledger.insert_transaction',
  `WITH source AS (SELECT unnest($2::text[]) AS reference), ${postingPart(1, 'source')} SELECT id FROM posted`,
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
  const rows = await tx.query(insertTransaction, postingValues([one]))
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
