import { ago, type Invariant, type SqlRule, sqlInvariants, standing } from './invariant.ts'

const rules: readonly SqlRule[] = [
  [
    'I6',
    'a checkout has one order, and an order one checkout',
    `SELECT checkout_id AS "checkoutId", array_agg(id) AS "orderIds" FROM orders GROUP BY checkout_id HAVING count(*) > 1
     UNION ALL
     SELECT o.checkout_id, ARRAY[o.id] FROM orders o
     LEFT JOIN checkouts c ON c.id = o.checkout_id AND c.order_id = o.id AND c.account_id = o.account_id
     WHERE c.id IS NULL`,
  ],
  [
    'I6',
    'an operation of a buyer made one checkout',
    `SELECT account_id AS "accountId", operation_id AS "operationId", array_agg(id) AS "checkoutIds" FROM checkouts
     GROUP BY account_id, operation_id HAVING count(*) > 1`,
  ],
  [
    'I7',
    'what was captured is a paid order',
    `SELECT a.checkout_id AS "checkoutId", o.id AS "orderId", o.state FROM payment_attempts a
     LEFT JOIN orders o ON o.checkout_id = a.checkout_id
     WHERE a.captured_minor > 0 AND (o.state IS NULL OR o.state NOT IN ('paid', 'refunded'))`,
  ],
  [
    'I9',
    'a paid order has its capture, of the same amount and currency',
    `SELECT o.id AS "orderId", o.checkout_id AS "checkoutId", o.total_minor AS "total", a.captured_minor AS "captured"
     FROM orders o LEFT JOIN payment_attempts a ON a.checkout_id = o.checkout_id AND a.order_id = o.id
     WHERE o.state IN ('paid', 'refunded')
       AND (a.captured_minor, a.currency) IS DISTINCT FROM (o.total_minor, o.currency)`,
  ],
  [
    'I9',
    'one payment at the provider pays one order',
    `SELECT provider, intent_ref AS "intentRef", array_agg(checkout_id) AS "checkoutIds" FROM payment_attempts
     WHERE intent_ref IS NOT NULL GROUP BY provider, intent_ref HAVING count(*) > 1`,
  ],
  [
    'I12',
    'every transaction of the ledger adds up to zero in its currency',
    `SELECT transaction_id AS "transactionId", currency, sum(amount_minor) AS "sum" FROM ledger_entries
     GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0`,
  ],
  [
    'I12',
    'transactions are whole: one currency, lines from 1 without a gap, none without the other',
    `SELECT transaction_id AS "transactionId", count(e.line) AS "lines" FROM
       (SELECT id AS transaction_id FROM ledger_transactions) t FULL JOIN ledger_entries e USING (transaction_id)
     GROUP BY transaction_id HAVING count(e.line) < 2 OR min(e.line) <> 1 OR max(e.line) <> count(e.line)
       OR min(e.currency) <> max(e.currency) OR count(t.*) <> count(*)`,
  ],
  [
    'I12',
    'the schema refuses to change the ledger and to post a fact twice',
    `${standing('trigger', [
      ['ledger_entries', 'ledger_entries_append_only'],
      ['ledger_entries', 'ledger_entries_balanced'],
      ['ledger_transactions', 'ledger_transactions_append_only'],
    ])} UNION ALL ${standing('index', [['ledger_transactions', 'ledger_transactions_once']])}`,
    'cheap',
  ],
  [
    'I13',
    'seller, fee, tax and delivery of an order are what was paid for it',
    `SELECT o.id AS "orderId", o.total_minor AS "total", coalesce(-sum(e.amount_minor), 0) AS "posted" FROM orders o
     LEFT JOIN ledger_transactions t ON t.reference = o.id::text AND t.kind = 'sale'
     LEFT JOIN ledger_entries e ON e.transaction_id = t.id AND e.amount_minor < 0 AND e.currency = o.currency
     WHERE o.state IN ('paid', 'refunded') GROUP BY o.id HAVING coalesce(-sum(e.amount_minor), 0) <> o.total_minor`,
  ],
  [
    'I13',
    'only what was paid is posted as a sale, and only what was given back as a refund',
    `SELECT t.id AS "transactionId", t.kind, t.reference FROM ledger_transactions t
     LEFT JOIN orders o ON o.id::text = t.reference AND o.state IN ('paid', 'refunded')
     WHERE t.kind = 'sale' AND o.id IS NULL
     UNION ALL
     SELECT t.id, t.kind, t.reference FROM ledger_transactions t
     LEFT JOIN payment_refunds r ON r.id::text = t.reference AND r.state = 'succeeded'
     WHERE t.kind = 'refund' AND r.id IS NULL
     UNION ALL
     SELECT NULL, 'refund', r.id::text FROM payment_refunds r
     WHERE r.state = 'succeeded' AND NOT EXISTS (
       SELECT FROM ledger_transactions t WHERE t.kind = 'refund' AND t.reference = r.id::text)`,
  ],
  [
    'I14',
    'no more is given back than was taken',
    `SELECT checkout_id AS "checkoutId", captured_minor AS "captured", refunded_minor AS "refunded" FROM payment_attempts
     WHERE refunded_minor > captured_minor`,
  ],
  [
    'I14',
    'a refunded order is refunded whole and once',
    `SELECT o.id AS "orderId", o.state, o.refunded_minor AS "refunded" FROM orders o LEFT JOIN (
       SELECT order_id, sum(amount_minor) AS given FROM payment_refunds WHERE state = 'succeeded' GROUP BY order_id
     ) r ON r.order_id = o.id
     WHERE coalesce(r.given, 0) <> o.refunded_minor OR o.refunded_minor NOT IN (0, o.total_minor)
       OR (o.state = 'refunded') <> (o.refunded_minor > 0)`,
  ],
]

const isOpenWhenQuiet = ({ graceMs }: { graceMs: number }) => graceMs === 0

/** Each has a time at which somebody looks at it; what is quiet has nothing open at all. */
const stuck: readonly SqlRule[] = [
  [
    'I11',
    'a checkout is looked after until it is over',
    (tolerance) => `SELECT id AS "checkoutId", state, look_at AS "lookAt" FROM checkouts WHERE is_open
      AND (${isOpenWhenQuiet(tolerance)} OR greatest(look_at, lease_until) < ${ago(tolerance.graceMs)})`,
    'cheap',
  ],
  [
    'I11',
    'a refund is asked for until it is answered',
    (tolerance) => `SELECT id AS "refundId", order_id AS "orderId", tries, look_at AS "lookAt" FROM payment_refunds
      WHERE state = 'pending' AND (${isOpenWhenQuiet(tolerance)} OR look_at < ${ago(tolerance.graceMs)})`,
    'cheap',
  ],
  [
    'I11',
    'an auction is closed and recorded after its end',
    (
      tolerance,
    ) => `SELECT a.id AS "auctionId", a.requested_at AS "requestedAt", l.ends_at_ms AS "endsAtMs" FROM auctions a
      LEFT JOIN LATERAL (SELECT ends_at_ms FROM auction_ledger l WHERE l.auction_id = a.id ORDER BY seq DESC LIMIT 1) l ON true
      WHERE a.closed_at IS NULL AND (${isOpenWhenQuiet(tolerance)}
        OR coalesce(to_timestamp(l.ends_at_ms / 1000.0), a.requested_at) < ${ago(tolerance.graceMs)})`,
    'cheap',
  ],
  [
    'I11',
    'an offer of a won lot is paid, passed on or void when its time is over',
    (tolerance) => `SELECT o.id AS "offerId", o.auction_id AS "auctionId", o.state FROM auction_offers o
      LEFT JOIN checkouts c ON c.id = o.checkout_id AND c.is_open
      WHERE o.is_open AND (${isOpenWhenQuiet(tolerance)}
        OR (c.id IS NULL AND greatest(o.pay_before, o.try_again_at, o.created_at) < ${ago(tolerance.graceMs)}))`,
    'cheap',
  ],
  [
    'I11',
    'a deposit is looked after until it is let go',
    ({ graceMs }) => `SELECT id AS "depositId", state, look_at AS "lookAt" FROM deposits
      WHERE state NOT IN ('released', 'refused') AND look_at < ${ago(Math.max(graceMs, 10_000))}`,
    'cheap',
  ],
  [
    'I11',
    'a flash sale is finished once it is closed and its last hold has ended',
    ({ graceMs }) => `SELECT s.id AS "flashSaleId", s.closes_at AS "closesAt" FROM flash_sales s
      WHERE s.finished_at IS NULL AND s.closes_at < ${ago(Math.max(graceMs, 10_000))} AND NOT EXISTS (
        SELECT FROM holds h WHERE h.flash_sale_id = s.id AND (h.state IN ('live', 'claimed')
          OR h.changed_at > ${ago(Math.max(graceMs, 10_000))}))`,
    'cheap',
  ],
  [
    'I11',
    'a giveaway is drawn after its end, and its prizes go on',
    ({ graceMs }) => `SELECT id AS "giveawayId", state, entries_close_at AS "due" FROM giveaways
      WHERE state IN ('open', 'closed') AND entries_close_at < ${ago(Math.max(graceMs, 15_000))}
      UNION ALL
      SELECT giveaway_id, state, claim_before FROM giveaway_prizes
      WHERE state = 'waiting' AND claim_before < ${ago(Math.max(graceMs, 15_000))}`,
    'cheap',
  ],
]

export const moneyInvariants: readonly Invariant[] = sqlInvariants('money', [...rules, ...stuck])
