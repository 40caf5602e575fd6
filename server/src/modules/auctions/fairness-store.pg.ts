import type { Fairness, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'

const addLatencies = statement(
  'auctions.add_latencies',
  `INSERT INTO show_bid_latencies AS l (show_id, bucket, bids)
   SELECT show_id, bucket, bids FROM unnest($1::uuid[], $2::smallint[], $3::bigint[]) AS n (show_id, bucket, bids)
   ORDER BY show_id, bucket
   ON CONFLICT (show_id, bucket) DO UPDATE SET bids = l.bids + excluded.bids`,
)
const addLate = statement(
  'auctions.add_late_refusals',
  `INSERT INTO show_late_refusals AS l (show_id, bids)
   SELECT show_id, bids FROM unnest($1::uuid[], $2::bigint[]) AS n (show_id, bids) ORDER BY show_id
   ON CONFLICT (show_id) DO UPDATE SET bids = l.bids + excluded.bids`,
)
const latencies = statement('auctions.latencies', 'SELECT bucket, bids FROM show_bid_latencies WHERE show_id = $1')
const counts = statement(
  'auctions.fairness_counts',
  `SELECT count(*)::int AS auctions, coalesce(sum(c.bid_count), 0)::int AS bids,
     coalesce(sum(c.extensions), 0)::int AS extensions,
     (count(*) FILTER (WHERE c.extensions > 0))::int AS "lotsInOvertime",
     coalesce((SELECT bids FROM show_late_refusals WHERE show_id = $1), 0)::int AS "refusedLate",
     (SELECT count(*)::int FROM auction_non_payments n JOIN auctions x ON x.id = n.auction_id
      WHERE x.show_id = $1) AS unpaid
   FROM auctions a JOIN auction_log_cursors c ON c.auction_id = a.id WHERE a.show_id = $1`,
)

export type Counts = Omit<Fairness, 'showId' | 'bidLatencyMs'>

/** What happened to the bids of shows, added up in Postgres. */
export const fairnessStore = {
  addLatencies: async (on: Queryable, rows: readonly { showId: ShowId; bucket: number; bids: number }[]) => {
    const column = <T>(take: (row: (typeof rows)[number]) => T) => rows.map(take)
    await on.query(addLatencies, [column((row) => row.showId), column((row) => row.bucket), column((row) => row.bids)])
  },
  addLate: async (on: Queryable, late: ReadonlyMap<ShowId, number>) => {
    await on.query(addLate, [[...late.keys()], [...late.values()]])
  },
  latencies: async (on: Queryable, showId: ShowId): Promise<ReadonlyMap<number, number>> => {
    const rows = await on.query<{ bucket: number; bids: number }>(latencies, [showId])
    return new Map(rows.map((row) => [row.bucket, row.bids]))
  },
  counts: async (on: Queryable, showId: ShowId): Promise<Counts | null> =>
    (await on.query<Counts>(counts, [showId]))[0] ?? null,
}
