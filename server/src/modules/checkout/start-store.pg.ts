import type { CheckoutId, FlashSaleId, HoldId, OperationId } from '@livelot/client/contracts'
import { pokeAfterCommit } from '#infra/postgres/outbox'
import { statement, type Transaction } from '#infra/postgres/pool'
import { keepAttemptPart, keepAttemptValues, type NewAttempt } from '#modules/payments'
import type { NewOrder } from './order.ts'
import { advanceJob } from './work.ts'

// Jobs and attempts are written in the same statement: a start costs one round trip, and many at once no more. Their
// order is that of the operation ids, so that batches which hold the same ones never wait in a ring.
const insertCheckouts = statement(
  'checkout.insert_all',
  `WITH one AS MATERIALIZED (
     SELECT * FROM json_to_recordset($1) AS one (
       "orderId" uuid, "checkoutId" uuid, "accountId" uuid, "buyerName" text, "brandId" uuid, "productId" uuid,
       "variantId" uuid, "showId" uuid, "productName" text, "variantName" text, "brandName" text, "pictureUrl" text,
       currency text, units int, "unitPriceMinor" bigint, "itemsMinor" bigint, "shippingMinor" bigint,
       "taxMinor" bigint, "feesMinor" bigint, "totalMinor" bigint, "taxInItemsMinor" bigint,
       "taxInShippingMinor" bigint, address jsonb, "operationId" uuid, fingerprint bytea, "flashSaleId" uuid,
       "holdId" uuid, "payBeforeMs" bigint, "auctionId" uuid, "bundleId" uuid, "parcelGrams" int,
       "discountMinor" bigint, "couponId" uuid)
     ORDER BY "operationId"
   ), new_order AS (
     INSERT INTO orders (id, checkout_id, account_id, buyer_name, brand_id, product_id, variant_id, show_id,
       product_name, variant_name, brand_name, picture_url, currency, units, unit_price_minor, items_minor,
       shipping_minor, tax_minor, fees_minor, total_minor, tax_in_items_minor, tax_in_shipping_minor, address,
       auction_id, bundle_id, parcel_grams, discount_minor, coupon_id)
     SELECT "orderId", "checkoutId", "accountId", "buyerName", "brandId", "productId", "variantId", "showId",
       "productName", "variantName", "brandName", "pictureUrl", currency, units, "unitPriceMinor", "itemsMinor",
       "shippingMinor", "taxMinor", "feesMinor", "totalMinor", "taxInItemsMinor", "taxInShippingMinor", address,
       "auctionId", "bundleId", "parcelGrams", "discountMinor", "couponId" FROM one
     RETURNING id, order_number
   ), event AS (
     INSERT INTO order_events (order_id, version, to_state) SELECT "orderId", 1, 'payment_pending' FROM one
   ), job AS (
     INSERT INTO outbox (job, payload) SELECT $2, jsonb_build_object('checkoutId', "checkoutId") FROM one
   ), ${keepAttemptPart(5)}, made AS (
     INSERT INTO checkouts
       (id, order_id, account_id, operation_id, fingerprint, flash_sale_id, hold_id, pay_before, look_at)
     SELECT "checkoutId", "orderId", "accountId", "operationId", fingerprint, "flashSaleId", "holdId",
       coalesce(to_timestamp("payBeforeMs" / 1000.0), now() + $3::int * interval '1 millisecond'),
       now() + $4::int * interval '1 millisecond' FROM one
     RETURNING id, order_id, pay_before
   )
   SELECT made.id AS "checkoutId", new_order.order_number AS "orderNumber",
     (extract(epoch FROM made.pay_before) * 1000)::bigint AS "payBeforeMs"
   FROM made JOIN new_order ON new_order.id = made.order_id`,
)

export interface NewCheckout {
  readonly order: NewOrder
  readonly operationId: OperationId
  readonly fingerprint: Buffer
  readonly hold: { readonly flashSaleId: FlashSaleId; readonly holdId: HoldId } | null
  /** Absolute where a hold says it; else `payWithinMs` from now. */
  readonly payBeforeMs: number | null
  readonly attempt: NewAttempt
}

export interface Started {
  readonly checkoutId: CheckoutId
  readonly orderNumber: string
  readonly payBeforeMs: number
}

/** Writes orders, checkouts, first events, attempts and jobs. Violates checkouts_operation_unique on a repeat. */
export async function insertAll(
  tx: Transaction,
  all: readonly NewCheckout[],
  times: { readonly payWithinMs: number; readonly lookInMs: number },
): Promise<Started[]> {
  const rows = all.map(({ order, operationId, fingerprint, hold, payBeforeMs }) => {
    return { ...order, ...hold, operationId, fingerprint: `\\x${fingerprint.toString('hex')}`, payBeforeMs }
  })
  const { payWithinMs, lookInMs } = times
  const attempts = keepAttemptValues(all.map((one) => one.attempt))
  const values = [JSON.stringify(rows), advanceJob.name, payWithinMs, lookInMs, ...attempts]
  const started = await tx.query<Started>(insertCheckouts, values)
  pokeAfterCommit(tx)
  return started
}
