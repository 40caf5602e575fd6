import type { AccountId, Card, CardId, Currency, Money } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { Attempt } from './attempt.ts'
import type { SavedCard } from './provider.ts'

const selectCustomer = statement(
  'payments.select_customer',
  'SELECT customer_ref FROM payment_customers WHERE account_id = $1 AND provider = $2',
)
const insertCustomer = statement(
  'payments.insert_customer',
  `INSERT INTO payment_customers (account_id, provider, customer_ref) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
)
const cardColumns = `id AS "cardId", brand, last4, exp_month AS "expMonth", exp_year AS "expYear"`
const selectCards = statement(
  'payments.select_cards',
  `SELECT ${cardColumns} FROM payment_cards
   WHERE account_id = $1 AND provider = $2 AND removed_at IS NULL ORDER BY saved_at DESC, id DESC`,
)
const selectCard = statement(
  'payments.select_card',
  `SELECT customer_ref AS "customerRef", payment_method_ref AS "paymentMethodRef" FROM payment_cards
   WHERE id = $1 AND account_id = $2 AND provider = $3 AND removed_at IS NULL`,
)
const insertCard = statement(
  'payments.insert_card',
  `INSERT INTO payment_cards
     (id, account_id, provider, customer_ref, payment_method_ref, brand, last4, exp_month, exp_year, fingerprint)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   ON CONFLICT ON CONSTRAINT payment_cards_method_unique
   DO UPDATE SET removed_at = NULL WHERE payment_cards.account_id = excluded.account_id
   RETURNING ${cardColumns}`,
)
const markCardRemoved = statement(
  'payments.mark_card_removed',
  'UPDATE payment_cards SET removed_at = now() WHERE id = $1 AND account_id = $2 AND removed_at IS NULL',
)
const insertAttempt = statement(
  'payments.insert_attempt',
  `INSERT INTO payment_attempts
     (checkout_id, order_id, provider, customer_ref, payment_method_ref, currency, amount_minor)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
)
const selectAttempt = statement(
  'payments.select_attempt',
  `SELECT order_id, customer_ref, payment_method_ref, currency, amount_minor, intent_ref,
          (extract(epoch FROM created_at) * 1000)::bigint AS created_at_ms
   FROM payment_attempts WHERE checkout_id = $1`,
)
const markCaptured = statement(
  'payments.mark_captured',
  `UPDATE payment_attempts SET intent_ref = $2, captured_minor = $3
   WHERE checkout_id = $1 AND currency = $4 AND captured_minor = 0 RETURNING 1 AS one`,
)

export interface CardOnFile {
  readonly customerRef: string
  readonly paymentMethodRef: string
}

export async function findCustomer(on: Queryable, accountId: AccountId, provider: string): Promise<string | null> {
  const [row] = await on.query<{ customer_ref: string }>(selectCustomer, [accountId, provider])
  return row?.customer_ref ?? null
}

export async function keepCustomer(on: Queryable, accountId: AccountId, provider: string, ref: string): Promise<void> {
  await on.query(insertCustomer, [accountId, provider, ref])
}

export const listCards = (on: Queryable, accountId: AccountId, provider: string): Promise<Card[]> =>
  on.query<Card>(selectCards, [accountId, provider])

export async function findCard(
  on: Queryable,
  accountId: AccountId,
  cardId: CardId,
  provider: string,
): Promise<CardOnFile | null> {
  const [row] = await on.query<CardOnFile>(selectCard, [cardId, accountId, provider])
  return row ?? null
}

/** Null where the same card reference belongs to another account. */
export async function keepCard(
  on: Queryable,
  owner: { cardId: CardId; accountId: AccountId; provider: string; customerRef: string },
  card: SavedCard,
): Promise<Card | null> {
  const [row] = await on.query<Card>(insertCard, [
    owner.cardId,
    owner.accountId,
    owner.provider,
    owner.customerRef,
    card.paymentMethodRef,
    card.brand,
    card.last4,
    card.expMonth,
    card.expYear,
    card.fingerprint,
  ])
  return row ?? null
}

export async function forgetCard(on: Queryable, accountId: AccountId, cardId: CardId): Promise<void> {
  await on.query(markCardRemoved, [cardId, accountId])
}

export async function keepAttempt(
  tx: Transaction,
  provider: string,
  attempt: { checkoutId: string; orderId: string; card: CardOnFile; amount: Money },
): Promise<void> {
  await tx.query(insertAttempt, [
    attempt.checkoutId,
    attempt.orderId,
    provider,
    attempt.card.customerRef,
    attempt.card.paymentMethodRef,
    attempt.amount.currency,
    attempt.amount.amountMinor,
  ])
}

interface AttemptRow {
  readonly order_id: string
  readonly customer_ref: string
  readonly payment_method_ref: string
  readonly currency: Currency
  readonly amount_minor: number
  readonly intent_ref: string | null
  readonly created_at_ms: number
}

export async function findAttempt(on: Queryable, checkoutId: string): Promise<Attempt | null> {
  const [row] = await on.query<AttemptRow>(selectAttempt, [checkoutId])
  return row
    ? {
        checkoutId,
        orderId: row.order_id,
        amount: { amountMinor: row.amount_minor, currency: row.currency },
        customerRef: row.customer_ref,
        paymentMethodRef: row.payment_method_ref,
        intentRef: row.intent_ref,
        createdAtMs: row.created_at_ms,
      }
    : null
}

/** False where a capture was recorded before. A captured amount that is not the attempt's own breaks its CHECK. */
export async function recordCaptured(
  tx: Transaction,
  checkoutId: string,
  intentRef: string,
  amount: Money,
): Promise<boolean> {
  const rows = await tx.query(markCaptured, [checkoutId, intentRef, amount.amountMinor, amount.currency])
  return rows.length === 1
}
