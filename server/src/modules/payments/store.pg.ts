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
const selectCardsById = statement(
  'payments.select_cards_by_id',
  `SELECT id AS "cardId", account_id AS "accountId", customer_ref AS "customerRef",
     payment_method_ref AS "paymentMethodRef"
   FROM payment_cards WHERE id = ANY($1::uuid[]) AND provider = $2 AND removed_at IS NULL`,
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
     SELECT "checkoutId", "orderId", provider, "customerRef", "paymentMethodRef", currency, "amountMinor"
     FROM json_to_recordset($${first}) AS one ("checkoutId" uuid, "orderId" uuid, provider text, "customerRef" text,
       "paymentMethodRef" text, currency text, "amountMinor" bigint)
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

export interface OwnedCard extends CardOnFile {
  readonly cardId: CardId
  readonly accountId: AccountId
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

export const findCards = (on: Queryable, cardIds: readonly CardId[], provider: string): Promise<OwnedCard[]> =>
  on.query<OwnedCard>(selectCardsById, [cardIds, provider])

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

export interface NewAttempt extends CardOnFile, Money {
  readonly checkoutId: string
  readonly orderId: string
  readonly provider: string
}

export const keepAttemptValues = (attempts: readonly NewAttempt[]): unknown[] => [JSON.stringify(attempts)]

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
