import type pg from 'pg'
import type { Platform } from '../server/embedded/supervisor.mjs'
import type { Check } from './report.ts'

/** What must be true of the stores after any bench. */
export async function checkStores(database: pg.Client, _platform: Platform): Promise<Check[]> {
  const count = async (sql: string): Promise<number> => {
    const { rows } = await database.query<{ count: string }>(sql)
    return Number(rows[0]?.count ?? Number.NaN)
  }
  return [
    {
      what: 'sum of all ledger entries',
      expected: 0,
      found: await count('SELECT coalesce(sum(amount_minor), 0) AS count FROM ledger_entries'),
    },
    { what: 'jobs given up', expected: 0, found: await count('SELECT count(*) FROM dead_jobs') },
  ]
}
