import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import type { Platform } from '../server/embedded/supervisor.mjs'
import type { Check } from './report.ts'

/** What buyers were told by the API, which must be found in the stores. */
export interface Told {
  readonly paidOrderIds: readonly string[]
}

/** Read past the API, from Postgres and from what the payment provider wrote down before it answered. */
export async function checkStores(database: pg.Client, platform: Platform, told?: Told): Promise<Check[]> {
  const count = async (sql: string, values: unknown[] = []): Promise<number> => {
    const { rows } = await database.query<{ count: string }>(sql, values)
    return Number(rows[0]?.count ?? Number.NaN)
  }
  const captured = await capturedIntents(platform)
  const paidCheckouts = await idsOf(database, `SELECT id FROM checkouts WHERE state = 'paid'`)
  const capturedMinor = [...captured.values()].reduce((sum, minor) => sum + minor, 0)
  const checks: Check[] = [
    {
      what: 'flash sales with more units sold than they had',
      expected: 0,
      found: await count(
        `SELECT count(*) FROM flash_sales s WHERE s.total_units <
           (SELECT coalesce(sum(units), 0) FROM holds h WHERE h.flash_sale_id = s.id AND h.state IN ('claimed', 'settled'))`,
      ),
    },
    {
      what: 'charges without a paid order',
      expected: 0,
      found: [...captured.keys()].filter((checkoutId) => !paidCheckouts.has(checkoutId)).length,
    },
    {
      what: 'paid orders without a charge',
      expected: 0,
      found: [...paidCheckouts].filter((checkoutId) => !captured.has(checkoutId)).length,
    },
    {
      what: 'money captured minus totals of paid orders',
      expected: 0,
      found:
        capturedMinor - (await count(`SELECT coalesce(sum(total_minor), 0) AS count FROM orders WHERE state = 'paid'`)),
    },
    {
      what: 'sum of all ledger entries',
      expected: 0,
      found: await count('SELECT coalesce(sum(amount_minor), 0) AS count FROM ledger_entries'),
    },
    {
      what: 'paid orders that are not in the ledger',
      expected: 0,
      found: await count(
        `SELECT count(*) FROM orders o WHERE state = 'paid' AND NOT EXISTS
           (SELECT FROM ledger_transactions t WHERE t.kind = 'sale' AND t.reference = o.id::text)`,
      ),
    },
    {
      what: 'stock levels that are not the sum of their movements',
      expected: 0,
      found: await count(
        `SELECT count(*) FROM stock_levels s JOIN
           (SELECT variant_id, sum(available_change) AS available, sum(held_change) AS held, sum(sold_change) AS sold
            FROM stock_movements GROUP BY variant_id) AS m USING (variant_id)
         WHERE (s.available, s.held, s.sold) IS DISTINCT FROM (m.available, m.held, m.sold)`,
      ),
    },
    { what: 'jobs given up', expected: 0, found: await count('SELECT count(*) FROM dead_jobs') },
  ]
  if (told) {
    const paid = await idsOf(database, `SELECT id FROM orders WHERE state = 'paid'`)
    const found = told.paidOrderIds.filter((orderId) => !paid.has(orderId)).length
    checks.push({ what: 'orders that a buyer was told are paid and that are not', expected: 0, found })
  }
  return checks
}

async function idsOf(database: pg.Client, sql: string): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>(sql)
  return new Set(rows.map(({ id }) => id))
}

/** Minor units captured, by checkout. */
async function capturedIntents(platform: Platform): Promise<Map<string, number>> {
  const text = await readFile(path.join(platform.env.SANDBOX_JOURNAL_DIR ?? '', 'payments.jsonl'), 'utf8')
  const captured = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const { object } = JSON.parse(line) as { object?: Record<string, unknown> }
    if (object?.object !== 'payment_intent' || object.status !== 'succeeded') continue
    const { checkoutId } = object.metadata as { checkoutId: string }
    captured.set(checkoutId, object.capturedMinor as number)
  }
  return captured
}
