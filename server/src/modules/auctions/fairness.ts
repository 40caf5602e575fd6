import type { Fairness, ShowId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { assertThat, Refusal } from '#kernel/errors'
import { fairnessStore } from './fairness-store.pg.ts'
import { bucketOf, quantileMs } from './latency.ts'
import type { AuctionShows } from './needs.ts'
import { fairnessCacheMs, knownAuctionsMax } from './record-limits.ts'

/**
 * How the auctions of a show went. Latencies and late bids are counted in memory and added to Postgres every two seconds:
 * a process that is killed takes at most those two seconds of its own counts along; bids themselves are in the ledger.
 */
export function createFairness({ database, shows }: { readonly database: Database; readonly shows: AuctionShows }) {
  let latencies = new Map<ShowId, Map<number, number>>()
  let late = new Map<ShowId, number>()
  const told = new Map<ShowId, { readonly fairness: Fairness; readonly untilMs: number }>()

  const flush = async (): Promise<void> => {
    const [measured, refused] = [latencies, late]
    latencies = new Map()
    late = new Map()
    const rows = [...measured].flatMap(([showId, buckets]) =>
      [...buckets].map(([bucket, bids]) => ({ showId, bucket, bids })),
    )
    try {
      await database.transaction(async (tx) => {
        if (rows.length > 0) await fairnessStore.addLatencies(tx, rows)
        if (refused.size > 0) await fairnessStore.addLate(tx, refused)
      })
    } catch (error) {
      for (const { showId, bucket, bids } of rows) count(latencies, showId, bucket, bids)
      for (const [showId, bids] of refused) late.set(showId, (late.get(showId) ?? 0) + bids)
      throw error
    }
  }

  const read = async (showId: ShowId): Promise<Fairness> => {
    if (!(await shows.byId(showId))) throw new Refusal('show.not_found')
    const [counts, buckets] = await Promise.all([
      fairnessStore.counts(database, showId),
      fairnessStore.latencies(database, showId),
    ])
    assertThat(counts, 'a count is always answered')
    const [p50, p95] = [quantileMs(buckets, 0.5), quantileMs(buckets, 0.95)]
    return { showId, ...counts, bidLatencyMs: p50 === null || p95 === null ? null : { p50, p95 } }
  }

  return {
    /** One bid was answered: after so long, and perhaps as too late. */
    answered: (showId: ShowId, ms: number, isLate: boolean): void => {
      count(latencies, showId, bucketOf(ms), 1)
      if (isLate) late.set(showId, (late.get(showId) ?? 0) + 1)
    },
    /** Adds what this process counted to Postgres; keeps it where Postgres does not take it. */
    flush: async (): Promise<void> => {
      if (latencies.size > 0 || late.size > 0) await flush()
    },
    /** At most a few seconds old. Refuses: show.not_found. */
    get: async (showId: ShowId): Promise<Fairness> => {
      const known = told.get(showId)
      if (known && known.untilMs > performance.now()) return known.fairness
      const fairness = await read(showId)
      if (told.size >= knownAuctionsMax) told.clear()
      told.set(showId, { fairness, untilMs: performance.now() + fairnessCacheMs })
      return fairness
    },
  }
}

export type FairnessBook = ReturnType<typeof createFairness>

function count(into: Map<ShowId, Map<number, number>>, showId: ShowId, bucket: number, bids: number): void {
  const buckets = into.get(showId) ?? new Map<number, number>()
  if (buckets.size === 0) into.set(showId, buckets)
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + bids)
}
