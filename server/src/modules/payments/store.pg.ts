import type { AccountId, Card, CardId, Money } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import { postingPart } from '#modules/ledger'
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
/**
 * Parts for statements of checkout, so that an attempt costs no round trips of its own. `keepAttemptPart` is the
 * expression `attempt`; `recordCapturePart` the expressions `captured`, `posted` and `posted_lines`, which write, once, the
 * captures whose checkout is in `source.checkout_id`. Their values, from parameter `first` on, are made by the service.
 */
export const keepAttemptPart = (first: number): string => `
   attempt AS (
     INSERT INTO payment_attempts
       (checkout_id, order_id, provider, customer_ref, payment_method_ref, currency, amount_minor)
     VALUES ($${first}, $${first + 1}, $${first + 2}, $${first + 3}, $${first + 4}, $${first + 5}, $${first + 6})
   )`
export const recordCapturePart = (first: number, source: string): string => `
   captured AS (
     UPDATE payment_attempts a SET intent_ref = one.intent_ref, captured_minor = one.amount_minor
     FROM ${source} JOIN unnest($${first}::uuid[], $${first + 1}::text[], $${first + 2}::bigint[], $${first + 3}::text[])
       AS one (checkout_id, intent_ref, amount_minor, currency) USING (checkout_id)
     WHERE a.checkout_id = one.checkout_id AND a.currency = one.currency AND a.captured_minor = 0
     RETURNING a.order_id::text AS reference
   ), ${postingPart(first + 4, 'captured')}`

/** Columns of `payment_attempts AS a`, for a statement of checkout that reads its attempt along. */
export const attemptColumns = `a.customer_ref AS "customerRef", a.payment_method_ref AS "paymentMethodRef",
     (extract(epoch FROM a.created_at) * 1000)::bigint AS "attemptedAtMs"`

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

export const keepAttemptValues = (
  provider: string,
  attempt: { checkoutId: string; orderId: string; card: CardOnFile; amount: Money },
): unknown[] => {
  const { checkoutId, orderId, card, amount } = attempt
  return [checkoutId, orderId, provider, card.customerRef, card.paymentMethodRef, amount.currency, amount.amountMinor]
}

export interface Capture {
  readonly checkoutId: string
  readonly intentRef: string
  readonly amount: Money
}

export const recordCaptureValues = (captures: readonly Capture[], posting: readonly unknown[]): unknown[] => [
  captures.map((one) => one.checkoutId),
  captures.map((one) => one.intentRef),
  captures.map((one) => one.amount.amountMinor),
  captures.map((one) => one.amount.currency),
  ...posting,
]
