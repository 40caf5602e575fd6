import { Gauge, type Registry } from 'prom-client'
import type { Log } from '#kernel/log'
import { type Database, statement } from '../postgres/pool.ts'

const readFigures = statement(
  'telemetry.backlog',
  `SELECT
     (SELECT count(*) FROM outbox)::int AS "outboxRows",
     coalesce((SELECT extract(epoch FROM now() - min(greatest(created_at, not_before))) FROM outbox WHERE not_before <= now()), 0)::float8
       AS "outboxOldestSeconds",
     (SELECT count(*) FROM dead_jobs)::int AS "deadJobs",
     (SELECT count(*) FROM holds WHERE state = 'live')::int AS "liveHolds",
     (SELECT count(*) FROM holds WHERE state = 'claimed')::int AS "claimedHolds",
     (SELECT count(*) FROM checkouts WHERE is_open)::int AS "openCheckouts"`,
)

interface Figures {
  readonly outboxRows: number
  readonly outboxOldestSeconds: number
  readonly deadJobs: number
  readonly liveHolds: number
  readonly claimedHolds: number
  readonly openCheckouts: number
}

/** Figures that are the same for all processes are read once a scrape; a store that is away leaves its own out. */
const readMs = 1_500

export interface BacklogOptions {
  readonly registry: Registry
  readonly database: Database
  /** Jobs of the queue, by state. */
  readonly queueDepth: () => Promise<Record<string, number>>
  readonly log: Log
}

/** What waits to be done, in Postgres and in the queue: told by worker processes. Call what is answered before a scrape. */
export function watchBacklog({ registry, database, queueDepth, log }: BacklogOptions): () => Promise<void> {
  const registers = [registry]
  const plain = (name: string, help: string) => new Gauge({ name, help, registers })
  const outboxRows = plain('livelot_outbox_rows', 'Rows that wait for the relay.')
  const outboxOldest = plain('livelot_outbox_oldest_seconds', 'For how long the oldest row that is due has waited.')
  const deadJobs = plain('livelot_dead_jobs', 'Jobs that failed for good and wait for a person.')
  const openCheckouts = plain('livelot_checkouts_open', 'Checkouts that are neither paid nor failed.')
  const holds = new Gauge({ name: 'livelot_holds', help: 'Holds that keep units.', labelNames: ['state'], registers })
  const jobs = new Gauge({ name: 'livelot_queue_jobs', help: 'Jobs in the queue.', labelNames: ['state'], registers })
  const all = [outboxRows, outboxOldest, deadJobs, openCheckouts, holds]

  const fromPostgres = async () => {
    const [figures] = await database.query<Figures>(readFigures)
    if (!figures) return
    outboxRows.set(figures.outboxRows)
    outboxOldest.set(figures.outboxOldestSeconds)
    deadJobs.set(figures.deadJobs)
    openCheckouts.set(figures.openCheckouts)
    holds.set({ state: 'live' }, figures.liveHolds)
    holds.set({ state: 'claimed' }, figures.claimedHolds)
  }
  const fromQueue = async () => {
    for (const [state, count] of Object.entries(await queueDepth())) jobs.set({ state }, count)
  }
  const orLeftOut = async (read: () => Promise<void>, figures: readonly Gauge[]) => {
    try {
      await withinMs(read())
    } catch (error) {
      for (const figure of figures) figure.remove()
      log.debug({ err: error }, 'figures could not be read')
    }
  }
  return async () => {
    await Promise.all([orLeftOut(fromPostgres, all), orLeftOut(fromQueue, [jobs])])
  }
}

async function withinMs(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${readMs} ms`)), readMs)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}
