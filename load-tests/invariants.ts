import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Client } from 'pg'
import type { Check } from './report.ts'

export interface SaleFacts {
  flashSaleId: string
  variantId: string
  units: number
  /** Units of sales before it, which were all paid for too. */
  unitsBefore: number
  journalDir: string
}

/** What must be true after a sale that sold out, whatever happened on the way; read past the API, from the stores. */
export async function checkSale(database: Client, facts: SaleFacts): Promise<Check[]> {
  const count = async (sql: string, values: unknown[] = []): Promise<number> => {
    const { rows } = await database.query<{ count: string }>(sql, values)
    return Number(rows[0]?.count ?? Number.NaN)
  }
  const unitsOfAll = facts.units + facts.unitsBefore
  const captured = await capturedIntents(facts.journalDir)
  const paidOrders = await ids(database, `SELECT id FROM orders WHERE state = 'paid'`)
  const paidCheckouts = await ids(database, `SELECT id FROM checkouts WHERE state = 'paid'`)
  const paidFor = new Set([...captured.values()].map(({ checkoutId }) => checkoutId))
  return [
    { what: 'orders paid', expected: unitsOfAll, found: paidOrders.size },
    {
      what: 'buyers with more than one paid order',
      expected: 0,
      found: await count(
        `SELECT count(*) FROM (SELECT account_id FROM orders WHERE state = 'paid' GROUP BY 1 HAVING count(*) > 1) AS more`,
      ),
    },
    { what: "captures in the provider's journal", expected: unitsOfAll, found: captured.size },
    {
      what: 'charges without a paid order',
      expected: 0,
      found: [...paidFor].filter((checkoutId) => !paidCheckouts.has(checkoutId)).length,
    },
    {
      what: 'paid orders without a charge',
      expected: 0,
      found: [...paidCheckouts].filter((checkoutId) => !paidFor.has(checkoutId)).length,
    },
    {
      what: 'money captured minus totals of paid orders',
      expected: 0,
      found:
        [...captured.values()].reduce((sum, { amountMinor }) => sum + amountMinor, 0) -
        (await count(`SELECT coalesce(sum(total_minor), 0) AS count FROM orders WHERE state = 'paid'`)),
    },
    {
      what: 'sum of all ledger entries',
      expected: 0,
      found: await count('SELECT coalesce(sum(amount_minor), 0) AS count FROM ledger_entries'),
    },
    {
      what: 'orders posted to the ledger as sales',
      expected: unitsOfAll,
      found: await count(`SELECT count(*) FROM ledger_transactions WHERE kind = 'sale'`),
    },
    {
      what: "units taken in the sale's rows",
      expected: facts.units,
      found: await count('SELECT count(*) FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NOT NULL', [
        facts.flashSaleId,
      ]),
    },
    {
      what: 'stock: available + held + sold',
      expected: facts.units,
      found: await count('SELECT available + held + sold AS count FROM stock_levels WHERE variant_id = $1', [
        facts.variantId,
      ]),
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
}

async function ids(database: Client, sql: string): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>(sql)
  return new Set(rows.map(({ id }) => id))
}

interface Captured {
  checkoutId: string
  amountMinor: number
}

/** The independent witness: what the provider itself wrote down before it answered. */
async function capturedIntents(journalDir: string): Promise<Map<string, Captured>> {
  const text = await readFile(path.join(journalDir, 'payments.jsonl'), 'utf8')
  const captured = new Map<string, Captured>()
  for (const line of text.split('\n')) {
    if (line === '') continue
    const { object } = JSON.parse(line) as { object?: Record<string, unknown> }
    if (object?.object !== 'payment_intent' || object.status !== 'succeeded') continue
    const { checkoutId } = object.metadata as { checkoutId: string }
    captured.set(object.id as string, { checkoutId, amountMinor: object.capturedMinor as number })
  }
  return captured
}
