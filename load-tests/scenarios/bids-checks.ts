import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Check } from '../report.ts'

const recordedWithinMs = 120_000

/** Every acknowledged bid stands in Postgres, each once, in sequence and without a gap. */
export async function checkLedgers(
  database: pg.Client,
  auctionIds: readonly string[],
  acknowledged: number,
): Promise<Check[]> {
  const read = async (sql: string): Promise<number> =>
    Number((await database.query<{ figure: string }>(sql, [auctionIds])).rows[0]?.figure ?? Number.NaN)
  const bids = () => read(`SELECT count(*) AS figure FROM auction_ledger WHERE what = 'bid' AND auction_id = ANY($1)`)
  const untilTick = performance.now() + recordedWithinMs
  while ((await bids()) < acknowledged && performance.now() < untilTick) await delay(50)
  return [
    { what: 'acknowledged bids that stand in Postgres', expected: acknowledged, found: await bids() },
    {
      what: 'ledgers with a gap',
      expected: 0,
      found: await read(
        `SELECT count(*) AS figure FROM (SELECT 1 FROM auction_ledger WHERE auction_id = ANY($1)
         GROUP BY auction_id HAVING max(seq) <> count(*)) AS gaps`,
      ),
    },
    {
      what: 'accepted bids that do not raise the price',
      expected: 0,
      found: await read(
        `SELECT count(*) AS figure FROM (
           SELECT price_minor, lag(price_minor) OVER (PARTITION BY auction_id ORDER BY seq) AS before
           FROM auction_ledger WHERE what = 'bid' AND auction_id = ANY($1)) AS steps WHERE price_minor <= before`,
      ),
    },
  ]
}

/** Waits until so many bids of an auction stand in Postgres. */
export async function recordedAll(database: pg.Client, auctionId: string, bids: number): Promise<void> {
  const untilTick = performance.now() + recordedWithinMs
  while (performance.now() < untilTick) {
    const { rows } = await database.query<{ seq: string }>(
      'SELECT seq FROM auction_log_cursors WHERE auction_id = $1',
      [auctionId],
    )
    if (Number(rows[0]?.seq) > bids) return
    await delay(100)
  }
  throw new Error('The raw bids were not recorded in time.')
}

/** From the decision in Redis to the row in Postgres, in ms by the machine's one clock. */
export async function recordingDelays(database: pg.Client, auctionIds: readonly string[]): Promise<number[]> {
  const { rows } = await database.query<{ ms: string }>(
    `SELECT extract(epoch FROM recorded_at) * 1000 - at_ms AS ms FROM auction_ledger
     WHERE what IN ('bid', 'max') AND auction_id = ANY($1)`,
    [auctionIds],
  )
  return rows.map((row) => Number(row.ms))
}
