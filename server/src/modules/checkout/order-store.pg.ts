import type { AccountId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { OrderRow } from './order.ts'

const columns = `o.id AS "orderId", o.order_number AS "orderNumber", o.checkout_id AS "checkoutId",
  o.account_id AS "accountId", o.buyer_name AS "buyerName", o.brand_id AS "brandId", o.product_id AS "productId",
  o.variant_id AS "variantId", o.show_id AS "showId", o.bundle_id AS "bundleId", o.product_name AS "productName",
  o.variant_name AS "variantName", o.brand_name AS "brandName", o.picture_url AS "pictureUrl", o.state, o.currency,
  o.units, o.unit_price_minor AS "unitPriceMinor", o.items_minor AS "itemsMinor",
  o.discount_minor AS "discountMinor", o.coupon_id AS "couponId", o.shipping_minor AS "shippingMinor",
  o.tax_minor AS "taxMinor", o.fees_minor AS "feesMinor", o.total_minor AS "totalMinor",
  o.tax_in_items_minor AS "taxInItemsMinor", o.tax_in_shipping_minor AS "taxInShippingMinor",
  o.refunded_minor AS "refundedMinor", o.address, (extract(epoch FROM o.created_at) * 1000)::bigint AS "createdAtMs",
  (SELECT json_agg(json_build_object('what', e.to_state, 'atMs', (extract(epoch FROM e.happened_at) * 1000)::bigint)
     ORDER BY e.version) FROM order_events e WHERE e.order_id = o.id) AS history`

const lockOrder = statement('checkout.lock_order', `SELECT ${columns} FROM orders o WHERE o.id = $1 FOR UPDATE OF o`)
const selectOrder = statement('checkout.select_order', `SELECT ${columns} FROM orders o WHERE o.id = $1`)
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
/** Orders in Postgres. */
export function createOrderStore(db: Queryable) {
  return {
    lock: async (tx: Transaction, orderId: string): Promise<OrderRow | null> =>
      (await tx.query<OrderRow>(lockOrder, [orderId]))[0] ?? null,
    find: async (orderId: string): Promise<OrderRow | null> =>
      (await db.query<OrderRow>(selectOrder, [orderId]))[0] ?? null,
    listOf: (accountId: AccountId, beforeId: string | null, max: number): Promise<OrderRow[]> =>
      db.query<OrderRow>(selectOrdersOf, [accountId, beforeId, max]),
    /** Answers the show it was sold in; null where the order is not paid. */
    markRefunded: async (
      tx: Transaction,
      orderId: string,
      amountMinor: number,
    ): Promise<{ showId: string | null } | null> =>
      (await tx.query<{ showId: string | null }>(markRefunded, [orderId, amountMinor]))[0] ?? null,
  }
}

export type OrderStore = ReturnType<typeof createOrderStore>
