import type { Shop } from './shop.ts'

/** Where the truth is read: our database, and the provider's journal. */
interface Books extends Pick<Shop, 'rows'> {
  readonly sandbox: Pick<Shop['sandbox'], 'get'>
}

interface JournalEntry {
  readonly kind: string
  readonly object: {
    readonly id: string
    readonly amountMinor: number
    readonly capturedMinor: number
    readonly currency: string
    readonly paymentIntent: string
    readonly metadata: { readonly checkoutId: string; readonly orderId: string }
  }
}

/** What the provider has done, by its own journal: the truth about money outside our database. */
export async function providerJournal(shop: Pick<Books, 'sandbox'>): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (;;) {
    const page = (await shop.sandbox.get(`/v1/journal?after=${entries.length}&limit=1000`)).body
    entries.push(...page.entries)
    if (page.entries.length < 1_000) return entries
  }
}

const rules: Readonly<Record<string, string>> = {
  'I2 levels are the sums of movements': `
    SELECT l.variant_id FROM stock_levels l JOIN stock_movements m USING (variant_id) GROUP BY l.variant_id
    HAVING sum(available_change) <> l.available OR sum(held_change) <> l.held OR sum(sold_change) <> l.sold`,
  'I6 one order a checkout': 'SELECT checkout_id FROM orders GROUP BY 1 HAVING count(*) > 1',
  'I9 a paid order has its capture': `
    SELECT o.id FROM orders o LEFT JOIN payment_attempts a ON a.checkout_id = o.checkout_id
    WHERE o.state IN ('paid', 'refunded') AND (a.captured_minor IS DISTINCT FROM o.total_minor OR a.currency <> o.currency)`,
  'I11 nothing is left open': `SELECT id FROM checkouts WHERE is_open`,
  'I12 transactions balance': `
    SELECT transaction_id FROM ledger_entries GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0`,
  'I13 the split is what was captured': `
    SELECT o.id FROM orders o LEFT JOIN ledger_transactions t ON t.reference = o.id::text AND t.kind = 'sale'
    LEFT JOIN ledger_entries e ON e.transaction_id = t.id AND e.amount_minor < 0 WHERE o.state IN ('paid', 'refunded')
    GROUP BY o.id HAVING coalesce(-sum(e.amount_minor), 0) <> o.total_minor`,
  'I13 only sold orders are posted': `
    SELECT t.id FROM ledger_transactions t JOIN orders o ON o.id::text = t.reference AND t.kind = 'sale'
    WHERE o.state NOT IN ('paid', 'refunded')`,
  'I14 refunds do not pass captures': 'SELECT checkout_id FROM payment_attempts WHERE refunded_minor > captured_minor',
  'I14 a refunded order is refunded whole and once': `
    SELECT o.id FROM orders o LEFT JOIN payment_refunds r ON r.order_id = o.id AND r.state = 'succeeded'
    GROUP BY o.id HAVING coalesce(sum(r.amount_minor), 0) <> o.refunded_minor
      OR (o.refunded_minor NOT IN (0, o.total_minor)) OR ((o.state = 'refunded') <> (o.refunded_minor > 0))`,
  'I16 histories have no gap and end in the state': `
    SELECT o.id FROM orders o LEFT JOIN order_events e ON e.order_id = o.id GROUP BY o.id
    HAVING count(e.version) <> o.version OR max(e.version) <> o.version
      OR (array_agg(e.to_state ORDER BY e.version DESC))[1] <> o.state`,
  'I5 and I1 units have one owner within its limit': `
    SELECT flash_sale_id FROM flash_sale_buyers WHERE units > units_max
    UNION ALL
    SELECT h.flash_sale_id FROM holds h CROSS JOIN unnest(h.unit_numbers) AS n
    WHERE h.state IN ('claimed', 'settled') GROUP BY h.flash_sale_id, n HAVING count(*) > 1`,
}

/** Everything about money, stock and orders that must hold, as sentences that are broken; empty when all is well. */
export async function brokenRules(shop: Books): Promise<string[]> {
  const broken: string[] = []
  for (const [rule, sql] of Object.entries(rules)) {
    const rows = await shop.rows(sql)
    if (rows.length > 0) broken.push(`${rule}: ${JSON.stringify(rows.slice(0, 3))}`)
  }
  const journal = await providerJournal(shop)
  const orders = await shop.rows<{ checkoutId: string; state: string; totalMinor: number; currency: string }>(
    `SELECT checkout_id AS "checkoutId", state, total_minor AS "totalMinor", currency FROM orders`,
  )
  const byCheckout = new Map(orders.map((order) => [order.checkoutId, order]))
  const captured = new Map<string, number>()
  for (const { kind, object } of journal.filter((one) => one.kind === 'intent.captured')) {
    const { checkoutId } = object.metadata
    captured.set(checkoutId, (captured.get(checkoutId) ?? 0) + 1)
    const order = byCheckout.get(checkoutId)
    if (order?.state !== 'paid' && order?.state !== 'refunded')
      broken.push(`I7 ${kind} without a paid order: ${checkoutId}`)
    if (order?.totalMinor !== object.capturedMinor || order.currency !== object.currency)
      broken.push(`I8 another amount was captured than ordered: ${checkoutId}`)
  }
  for (const [checkoutId, times] of captured) if (times > 1) broken.push(`I8 captured ${times} times: ${checkoutId}`)
  for (const order of orders)
    if ((order.state === 'paid' || order.state === 'refunded') && !captured.has(order.checkoutId))
      broken.push(`I9 paid without a capture: ${order.checkoutId}`)
  return broken
}
