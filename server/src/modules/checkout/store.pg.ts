import type { AccountId, Address, Currency, FlashSaleId, HoldId } from '@livelot/client/contracts'
import { batched } from '#infra/postgres/batched'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { attemptColumns, recordCapturePart } from '#modules/payments'
import type { Failure, StoredState } from './checkout.ts'
import { batchLimits, leaseMs } from './limits.ts'
import type { Letter } from './order.ts'

/**
 * Taking a turn locks the row, makes every older turn's answer worthless, and lends the checkout for a while. Rows that
 * are locked now are in somebody's hands already. Rows are locked in order of their ids, so batches never wait in a ring.
 */
const takeTurns = statement(
  'checkout.take_turns',
  `WITH free AS MATERIALIZED (
     SELECT id FROM checkouts
     WHERE id = ANY($1::uuid[]) AND (is_open OR watch_until > clock_timestamp())
       AND (lease_until IS NULL OR lease_until <= clock_timestamp())
     ORDER BY id FOR UPDATE SKIP LOCKED
   )
   UPDATE checkouts c SET
     turn = c.turn + 1,
     lease_until = clock_timestamp() + $2::int * interval '1 millisecond',
     is_first_send = (c.state = 'created' AND c.pay_before > clock_timestamp()),
     state = CASE WHEN c.state = 'created' AND c.pay_before > clock_timestamp() THEN 'authorising' ELSE c.state END,
     is_uncertain = c.is_uncertain OR c.lease_until IS NOT NULL
   FROM free, orders o, payment_attempts a
   WHERE c.id = free.id AND o.id = c.order_id AND a.checkout_id = c.id
   RETURNING c.id AS "checkoutId", c.order_id AS "orderId", c.account_id AS "accountId", c.state, c.failure, c.turn,
     c.is_first_send AS "isFirstSend", c.pay_before <= clock_timestamp() AS "isLate", c.is_uncertain AS "isUncertain",
     c.flash_sale_id AS "flashSaleId", c.hold_id AS "holdId",
     (extract(epoch FROM c.pay_before) * 1000)::bigint AS "payBeforeMs",
     o.order_number AS "orderNumber", o.show_id AS "showId", o.auction_id AS "auctionId", o.brand_id AS "brandId",
     o.variant_id AS "variantId", o.product_name AS "productName", o.variant_name AS "variantName",
     o.brand_name AS "brandName", o.address, o.units, o.currency,
     o.items_minor AS "itemsMinor", o.discount_minor AS "discountMinor", o.coupon_id AS "couponId",
     o.shipping_minor AS "shippingMinor", o.tax_minor AS "taxMinor",
     o.fees_minor AS "feesMinor", o.total_minor AS "totalMinor", o.tax_in_items_minor AS "taxInItemsMinor",
     o.tax_in_shipping_minor AS "taxInShippingMinor", ${attemptColumns}`,
)
const beginCaptures = statement(
  'checkout.begin_captures',
  `WITH mine AS MATERIALIZED (
     SELECT c.id FROM checkouts c JOIN unnest($1::uuid[], $2::int[]) AS t (id, turn) ON c.id = t.id AND c.turn = t.turn
     WHERE c.state IN ('authorising', 'needs_action', 'authorised') AND c.pay_before > clock_timestamp()
     ORDER BY c.id FOR UPDATE OF c
   )
   UPDATE checkouts c SET state = 'capturing', action_url = NULL,
     lease_until = clock_timestamp() + $3::int * interval '1 millisecond'
   FROM mine WHERE c.id = mine.id RETURNING c.id`,
)
const beginCancel = statement(
  'checkout.begin_cancel',
  `UPDATE checkouts SET state = 'canceling', failure = $3, action_url = NULL,
     lease_until = clock_timestamp() + $4::int * interval '1 millisecond'
   WHERE id = $1 AND turn = $2 AND state IN ('authorising', 'needs_action', 'authorised', 'capturing', 'canceling')
   RETURNING 1 AS one`,
)
const endTurn = statement(
  'checkout.end_turn',
  `UPDATE checkouts SET state = $3, lease_until = NULL, is_uncertain = is_uncertain OR $5,
     action_url = CASE WHEN $3 = 'needs_action' THEN coalesce($4, action_url) END,
     look_at = CASE WHEN is_open AND pay_before > clock_timestamp()
       THEN least(clock_timestamp() + $6::int * interval '1 millisecond', pay_before)
       ELSE clock_timestamp() + $6::int * interval '1 millisecond' END
   WHERE id = $1 AND turn = $2 RETURNING 1 AS one`,
)
const dropTurn = statement(
  'checkout.drop_turn',
  `UPDATE checkouts SET lease_until = NULL, is_uncertain = true,
     look_at = clock_timestamp() + $3::int * interval '1 millisecond'
   WHERE id = $1 AND turn = $2`,
)
const settlePaid = statement(
  'checkout.settle_paid',
  `WITH mine AS MATERIALIZED (
     SELECT c.id, c.order_id FROM checkouts c
     JOIN unnest($1::uuid[], $2::int[]) AS t (id, turn) ON c.id = t.id AND c.turn = t.turn
     WHERE c.state NOT IN ('created', 'paid', 'failed') ORDER BY c.id FOR UPDATE OF c
   ), done AS (
     UPDATE checkouts c SET state = 'paid', is_open = false, failure = NULL, action_url = NULL, lease_until = NULL
     FROM mine WHERE c.id = mine.id
   ), changed AS (
     UPDATE orders o SET state = 'paid', version = o.version + 1, paid_at = now()
     FROM mine WHERE o.id = mine.order_id AND o.state = 'payment_pending' RETURNING o.id, o.version, o.checkout_id, o.account_id
   ), event AS (
     INSERT INTO order_events (order_id, version, from_state, to_state)
     SELECT id, version, 'payment_pending', 'paid' FROM changed
   ), letter AS (
     INSERT INTO mail_outbox (account_id, kind, reference, subject, body)
     SELECT changed.account_id, 'order-confirmation', changed.id::text, one.subject, one.body
     FROM changed JOIN unnest($1::uuid[], $3::text[], $4::text[]) AS one (checkout_id, subject, body) USING (checkout_id)
     ORDER BY changed.id ON CONFLICT ON CONSTRAINT mail_outbox_once DO NOTHING
   ), ${recordCapturePart(5, 'changed')}
   SELECT checkout_id AS "checkoutId" FROM changed`,
)
const settleFailed = statement(
  'checkout.settle_failed',
  `WITH done AS (
     UPDATE checkouts SET state = 'failed', is_open = false, failure = $3, action_url = NULL, lease_until = NULL,
       look_at = clock_timestamp() + $4::int * interval '1 millisecond',
       watch_until = CASE WHEN is_uncertain THEN clock_timestamp() + $5::int * interval '1 millisecond' END
     WHERE id = $1 AND turn = $2 AND state NOT IN ('paid', 'failed') RETURNING order_id
   ), changed AS (
     UPDATE orders o SET state = 'payment_failed', version = o.version + 1
     FROM done WHERE o.id = done.order_id AND o.state = 'payment_pending' RETURNING o.id, o.version
   ), event AS (
     INSERT INTO order_events (order_id, version, from_state, to_state)
     SELECT id, version, 'payment_pending', 'payment_failed' FROM changed
   )
   SELECT id FROM changed`,
)
const selectDue = statement(
  'checkout.select_due',
  `(SELECT id FROM checkouts WHERE is_open AND look_at <= now() AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY look_at LIMIT $1)
   UNION ALL
   (SELECT id FROM checkouts WHERE watch_until > now() AND look_at <= now()
      AND (lease_until IS NULL OR lease_until <= now()) LIMIT $1)`,
)

/** What a turn knows of its checkout and order. */
export interface Turn {
  readonly checkoutId: string
  readonly orderId: string
  readonly orderNumber: string
  readonly accountId: AccountId
  readonly state: StoredState
  readonly failure: Failure | null
  readonly turn: number
  readonly isFirstSend: boolean
  readonly isLate: boolean
  readonly isUncertain: boolean
  readonly flashSaleId: FlashSaleId | null
  readonly holdId: HoldId | null
  readonly payBeforeMs: number
  readonly showId: string | null
  readonly auctionId: string | null
  readonly brandId: string
  readonly variantId: string
  readonly productName: string
  readonly variantName: string
  readonly brandName: string
  readonly address: Address
  readonly units: number
  readonly currency: Currency
  readonly itemsMinor: number
  readonly discountMinor: number
  readonly couponId: string | null
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly feesMinor: number
  readonly totalMinor: number
  readonly taxInItemsMinor: number
  readonly taxInShippingMinor: number
  readonly customerRef: string
  readonly paymentMethodRef: string
  readonly attemptedAtMs: number
}

type TurnKey = Pick<Turn, 'checkoutId' | 'turn'>

/** Checkouts in Postgres. Every write of a turn is refused once a newer turn was taken. */
export function createCheckoutStore(db: Queryable) {
  const isDone = (rows: unknown[]) => rows.length === 1
  const takeTurn = batched(async (ids: readonly string[]): Promise<(Turn | null)[]> => {
    const turns = await db.query<Turn>(takeTurns, [ids, leaseMs])
    const taken = new Map(turns.map((turn) => [turn.checkoutId, turn]))
    // A checkout that is asked for twice in one batch goes to the first.
    return ids.map((id) => {
      const turn = taken.get(id) ?? null
      taken.delete(id)
      return turn
    })
  }, batchLimits)
  const beginCapture = batched(async (keys: readonly TurnKey[]): Promise<boolean[]> => {
    const values = [keys.map((key) => key.checkoutId), keys.map((key) => key.turn), leaseMs]
    const begun = new Set((await db.query<{ id: string }>(beginCaptures, values)).map((row) => row.id))
    return keys.map((key) => begun.has(key.checkoutId))
  }, batchLimits)
  return {
    /** Null where it is final, or in another's hands. */
    takeTurn: (checkoutId: string): Promise<Turn | null> => takeTurn(checkoutId),

    /** The one place that decides whether money may still move: under the row's lock, by the database's clock. */
    beginCapture: ({ checkoutId, turn }: TurnKey): Promise<boolean> => beginCapture({ checkoutId, turn }),
    beginCancel: async ({ checkoutId, turn }: TurnKey, failure: Failure): Promise<boolean> =>
      isDone(await db.query(beginCancel, [checkoutId, turn, failure, leaseMs])),

    /** Gives the checkout back until somebody else takes a turn. */
    endTurn: async (
      { checkoutId, turn }: TurnKey,
      at: { state: StoredState; actionUrl: string | null; isUncertain: boolean; lookInMs: number },
    ): Promise<boolean> =>
      isDone(await db.query(endTurn, [checkoutId, turn, at.state, at.actionUrl, at.isUncertain, at.lookInMs])),

    /** Gives the checkout back after a fault, without a word on how far it came. */
    dropTurn: async ({ checkoutId, turn }: TurnKey, lookInMs: number): Promise<void> => {
      await db.query(dropTurn, [checkoutId, turn, lookInMs])
    },

    /**
     * Records captures, orders, history, letters and postings. Answers which checkouts it was for; the others are in
     * newer hands. `letters`: one a turn. `captures`: values of `recordCapturePart`.
     */
    settlePaid: async (
      tx: Transaction,
      turns: readonly TurnKey[],
      letters: readonly Letter[],
      captures: readonly unknown[],
    ): Promise<ReadonlySet<string>> => {
      const keys = [turns.map((one) => one.checkoutId), turns.map((one) => one.turn)]
      const values = [...keys, letters.map((one) => one.subject), letters.map((one) => one.body), ...captures]
      return new Set((await tx.query<{ checkoutId: string }>(settlePaid, values)).map((row) => row.checkoutId))
    },
    settleFailed: async (
      tx: Transaction,
      { checkoutId, turn }: TurnKey,
      failure: Failure,
      watch: { everyMs: number; forMs: number },
    ): Promise<boolean> =>
      isDone(await tx.query(settleFailed, [checkoutId, turn, failure, watch.everyMs, watch.forMs])),

    listDue: async (max: number): Promise<string[]> =>
      (await db.query<{ id: string }>(selectDue, [max])).map((row) => row.id),
  }
}

export type CheckoutStore = ReturnType<typeof createCheckoutStore>
