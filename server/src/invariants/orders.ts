import { ago, type Invariant, type SqlRule, sqlInvariants, standing } from './invariant.ts'

/** An outbox row that is due is handed on within so long; what is younger is on its way. */
const relayedWithinMs = 30_000

const rules: readonly SqlRule[] = [
  [
    'I16',
    'histories of orders have no gap and end in the state of the order',
    `SELECT o.id AS "orderId", o.state, o.version FROM orders o LEFT JOIN order_events e ON e.order_id = o.id GROUP BY o.id
     HAVING count(e.version) <> o.version OR max(e.version) <> o.version
       OR (array_agg(e.to_state ORDER BY e.version DESC))[1] <> o.state`,
  ],
  [
    'I16',
    'each step of an order is allowed and begins where the one before has ended',
    `SELECT order_id AS "orderId", version, from_state AS "from", to_state AS "to" FROM (
       SELECT *, lag(to_state) OVER (PARTITION BY order_id ORDER BY version) AS before FROM order_events) e
     WHERE from_state IS DISTINCT FROM before OR (from_state IS NOT NULL AND (from_state, to_state) NOT IN (
         ('payment_pending', 'paid'), ('payment_pending', 'payment_failed'), ('paid', 'refunded')))
       OR (from_state IS NULL AND to_state <> 'payment_pending')`,
  ],
  [
    'I16',
    'a checkout and its order say the same',
    `SELECT c.id AS "checkoutId", c.state, o.id AS "orderId", o.state AS "orderState"
     FROM checkouts c JOIN orders o ON o.id = c.order_id
     WHERE (c.state = 'paid') <> (o.state IN ('paid', 'refunded')) OR (c.state = 'failed') <> (o.state = 'payment_failed')`,
  ],
  [
    'I16',
    'the schema refuses to change the history of an order',
    standing('trigger', [['order_events', 'order_events_append_only']]),
    'cheap',
  ],
  [
    'I22',
    'what follows a change is handed on',
    ({ graceMs }) => `SELECT id AS "outboxId", job, created_at AS "since" FROM outbox
      WHERE greatest(created_at, not_before) < ${ago(graceMs === 0 ? 0 : relayedWithinMs)}`,
    'cheap',
  ],
  ['I22', 'no job was given up', `SELECT id AS "outboxId", job, created_at AS "since" FROM dead_jobs`, 'cheap'],
  [
    'I22',
    'a paid order is confirmed by a letter',
    `SELECT o.id AS "orderId" FROM orders o WHERE o.state IN ('paid', 'refunded') AND NOT EXISTS (
       SELECT FROM mail_outbox m WHERE m.kind = 'order-confirmation' AND m.reference = o.id::text)`,
  ],
  [
    'I22',
    'the keys stand by which an effect happens once',
    standing('index', [
      ['orders', 'orders_checkout_unique'],
      ['orders', 'orders_auction_once'],
      ['checkouts', 'checkouts_operation_unique'],
      ['mail_outbox', 'mail_outbox_once'],
      ['payment_refunds', 'payment_refunds_live'],
      ['payment_refunds', 'payment_refunds_ref_once'],
      ['payment_events', 'payment_events_pkey'],
      ['coupon_redemptions', 'coupon_redemptions_pkey'],
      ['auction_offers', 'auction_offers_one_live'],
      ['auction_results', 'auction_results_pkey'],
      ['auction_ledger', 'auction_ledger_bid_once'],
      ['giveaway_entries', 'giveaway_entries_one_each'],
      ['giveaway_prizes', 'giveaway_prizes_one_owner'],
    ]),
    'cheap',
  ],
]

export const orderInvariants: readonly Invariant[] = sqlInvariants('orders', rules)
