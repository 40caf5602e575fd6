import type { AccountId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { OrderRow } from './order.ts'

const columns = `o.id AS "orderId", o.order_number AS "orderNumber", o.checkout_id AS "checkoutId",
  o.account_id AS "accountId", o.buyer_name AS "buyerName", o.brand_id AS "brandId", o.product_id AS "productId",
  o.variant_id AS "variantId", o.show_id AS "showId", o.product_name AS "productName",
  o.variant_name AS "variantName", o.brand_name AS "brandName", o.picture_url AS "pictureUrl", o.state, o.currency,
  o.units, o.unit_price_minor AS "unitPriceMinor", o.items_minor AS "itemsMinor", o.shipping_minor AS "shippingMinor",
  o.tax_minor AS "taxMinor", o.fees_minor AS "feesMinor", o.total_minor AS "totalMinor",
  o.tax_in_items_minor AS "taxInItemsMinor", o.tax_in_shipping_minor AS "taxInShippingMinor",
  o.refunded_minor AS "refundedMinor", o.address, (extract(epoch FROM o.created_at) * 1000)::bigint AS "createdAtMs",
  (SELECT json_agg(json_build_object('what', e.to_state, 'atMs', (extract(epoch FROM e.happened_at) * 1000)::bigint)
     ORDER BY e.version) FROM order_events e WHERE e.order_id = o.id) AS history`

const lockOrder = statement('checkout.lock_order', `SELECT ${columns} FROM orders o WHERE o.id = $1 FOR UPDATE OF o`)
const selectOrders = statement('checkout.select_orders', `SELECT ${columns} FROM orders o WHERE o.id = ANY($1::uuid[])`)
const selectOrdersOf = statement(
  'checkout.select_orders_of',
  `SELECT ${columns} FROM orders o
   WHERE o.account_id = $1 AND ($2::uuid IS NULL OR o.id < $2) ORDER BY o.id DESC LIMIT $3`,
)
const markRefunded = statement(
  'checkout.mark_refunded',
  `WITH changed AS (
     UPDATE orders SET state = 'refunded', version = version + 1, refunded_minor = refunded_minor + $2
     WHERE id = $1 AND state = 'paid' RETURNING id, version, show_id
   ), event AS (
     INSERT INTO order_events (order_id, version, from_state, to_state)
     SELECT id, version, 'paid', 'refunded' FROM changed
   )
   SELECT show_id AS "showId" FROM changed`,
)
const insertMail = statement(
  'checkout.insert_mail',
  `INSERT INTO mail_outbox (account_id, kind, reference, subject, body)
   SELECT one.account_id, $2, one.reference, one.subject, one.body
   FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[]) AS one (account_id, reference, subject, body)
   ORDER BY one.reference ON CONFLICT ON CONSTRAINT mail_outbox_once DO NOTHING`,
)
// Ids of orders begin with the time they were made, so that only the latest are looked at. A subquery with a limit is one
// look into the letters' index an order, however many letters there are; NOT EXISTS may read them all.
const selectUnconfirmed = statement(
  'checkout.select_unconfirmed',
  `SELECT o.id FROM orders o
   WHERE o.id > (lpad(to_hex((extract(epoch FROM now() - $2::int * interval '1 millisecond') * 1000)::bigint), 12, '0')
       || repeat('0', 20))::uuid
     AND o.paid_at < now() - $3::int * interval '1 millisecond'
     AND (SELECT true FROM mail_outbox m WHERE m.kind = $1 AND m.reference = o.id::text LIMIT 1) IS NULL
   ORDER BY o.id LIMIT 200`,
)

export interface Letter {
  readonly accountId: AccountId
  readonly reference: string
  readonly subject: string
  readonly body: string
}

/** Orders in Postgres. */
export function createOrderStore(db: Queryable) {
  return {
    lock: async (tx: Transaction, orderId: string): Promise<OrderRow | null> =>
      (await tx.query<OrderRow>(lockOrder, [orderId]))[0] ?? null,
    find: async (orderId: string): Promise<OrderRow | null> =>
      (await db.query<OrderRow>(selectOrders, [[orderId]]))[0] ?? null,
    findAll: (orderIds: readonly string[]): Promise<OrderRow[]> => db.query<OrderRow>(selectOrders, [orderIds]),
    listOf: (accountId: AccountId, beforeId: string | null, max: number): Promise<OrderRow[]> =>
      db.query<OrderRow>(selectOrdersOf, [accountId, beforeId, max]),
    /** Answers the show it was sold in; null where the order is not paid. */
    markRefunded: async (
      tx: Transaction,
      orderId: string,
      amountMinor: number,
    ): Promise<{ showId: string | null } | null> =>
      (await tx.query<{ showId: string | null }>(markRefunded, [orderId, amountMinor]))[0] ?? null,
    /** Paid orders without a letter of this kind, made within `madeInMs` and paid at least `paidBeforeMs` ago. */
    listWithoutLetter: async (kind: string, at: { madeInMs: number; paidBeforeMs: number }): Promise<string[]> => {
      const rows = await db.query<{ id: string }>(selectUnconfirmed, [kind, at.madeInMs, at.paidBeforeMs])
      return rows.map((row) => row.id)
    },
    /** Repeats: one letter a kind and reference. */
    writeLetters: async (kind: string, letters: readonly Letter[]): Promise<void> => {
      const column = (name: keyof Letter) => letters.map((letter) => letter[name])
      await db.query(insertMail, [column('accountId'), kind, column('reference'), column('subject'), column('body')])
    },
  }
}

export type OrderStore = ReturnType<typeof createOrderStore>
