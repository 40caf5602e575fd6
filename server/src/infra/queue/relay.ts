import { setTimeout } from 'node:timers/promises'
import { Counter, Registry } from 'prom-client'
import { between } from '#kernel/failpoints'
import type { JobHandler } from '#kernel/job'
import type { Log } from '#kernel/log'
import { isUnavailable } from '#kernel/unavailable'
import type { OutboxLane } from '../postgres/outbox.ts'
import { type Database, type Statement, statement } from '../postgres/pool.ts'
import { traced } from '../telemetry/trace.ts'
import type { JobQueue, OutboxRow } from './queue.ts'
import { createSweptJobs, type SweptJobs } from './swept-jobs.ts'

/** Channel on which a process that wrote an outbox row wakes the relay. */
export const outboxChannel = 'livelot:outbox'

const batchMax = 200
/** With the rest after each failure about five seconds: nobody in a room should miss what follows for longer. */
const orderedAttemptsMax = 20
/** A lane that failed rests so long, however often it is woken. */
const failRestMs = 250
/** A lane that had work rests so long, so that what many write at the same time is handed on together. */
const restMs = 10
const defaultConcurrency = 16
const relayLockKey = 7_305_822_102

// Taken rows are gone with the end of their transaction only, so a relay that dies gives them back.
const takeText = (where: string, lock: string) => `
  WITH taken AS MATERIALIZED (SELECT id FROM outbox WHERE ${where} ORDER BY id LIMIT ${batchMax} ${lock})
  DELETE FROM outbox o USING taken WHERE o.id = taken.id RETURNING o.id, o.job, o.payload, o.ordered, o.traceparent`
const takeRows = statement(
  'outbox.take_rows',
  takeText('NOT ordered AND not_before <= now()', 'FOR UPDATE SKIP LOCKED'),
)
// The advisory lock keeps ordered rows with one relay at a time; it ends with the transaction.
const takeOrdered = statement(
  'outbox.take_ordered',
  takeText(`ordered AND pg_try_advisory_xact_lock(${relayLockKey})`, ''),
)
const buryRow = statement(
  'outbox.bury_row',
  `INSERT INTO dead_jobs (id, job, payload, error) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
)

const countAttempt = statement(
  'outbox.count_attempt',
  'UPDATE outbox SET attempts = attempts + 1 WHERE id = $1 RETURNING attempts',
)
// One statement, so that the row is in one of the two places whatever dies.
const buryOrdered = statement(
  'outbox.bury_ordered',
  `WITH gone AS (DELETE FROM outbox WHERE id = $1 RETURNING id, job, payload)
   INSERT INTO dead_jobs (id, job, payload, error) SELECT id, job, payload, $2 FROM gone
   ON CONFLICT (id) DO NOTHING RETURNING id`,
)

export interface Relay {
  /** New rows may be there, in any lane where none is named. Never throws; calls during a run lead to one more run. */
  wake(lane?: OutboxLane | string): void
  close(): Promise<void>
}

export interface RelayOptions {
  readonly database: Database
  readonly queue: JobQueue
  readonly handlers: readonly JobHandler[]
  readonly log: Log
  readonly pollMs?: number
  /** An ordered row that failed so often is buried, because everything behind it waits. */
  readonly orderedAttemptsMax?: number
  /** Swept jobs that this process runs at once. */
  readonly concurrency?: number
  readonly registry?: Registry
}

/**
 * Hands outbox rows on: ordered ones to their handler in the order written, swept ones to their handler at once, the
 * others to the queue in bulk.
 */
export function startRelay(options: RelayOptions): Relay {
  const ordered = new Map(options.handlers.filter((one) => one.job.ordered).map((one) => [one.job.name, one]))
  const dead = deadJobs(options.registry)
  const swept = createSweptJobs({ ...options, concurrency: options.concurrency ?? defaultConcurrency })
  const lanes: Record<OutboxLane, Relay> = {
    queue: startLane('queue', options, () => handOnUnordered(options, swept)),
    ordered: startLane('ordered', options, () => handOnInOrder(options, ordered, dead)),
  }
  return {
    wake: (lane) => {
      if (lane !== 'ordered') lanes.queue.wake()
      if (lane !== 'queue') lanes.ordered.wake()
    },
    close: async () => {
      await Promise.all(Object.values(lanes).map((lane) => lane.close()))
      await swept.close()
    },
  }
}

async function handOnUnordered(options: RelayOptions, swept: SweptJobs): Promise<number> {
  await swept.hasRoom()
  const begun: OutboxRow[] = []
  const handedOn = await handOn(options, takeRows, async (rows) => {
    const queued = rows.filter((row) => !swept.takes(row))
    begun.push(...rows.filter(swept.takes))
    if (queued.length > 0) await options.queue.addAll(queued)
  })
  // After the commit: until then another relay may still be given the same rows.
  swept.begin(begun)
  return handedOn
}

async function handOn(
  options: RelayOptions,
  take: Statement,
  deliver: (rows: OutboxRow[]) => Promise<void>,
): Promise<number> {
  return await options.database.transaction(async (tx) => {
    const rows = await tx.query<OutboxRow>(take)
    if (rows.length === 0) return 0
    rows.sort((one, other) => one.id - other.id)
    await between('relay.rows.taken', 'relay.rows.handed-on', () => deliver(rows))
    return rows.length
  })
}

async function handleInOrder(rows: OutboxRow[], handlers: Map<string, JobHandler>): Promise<void> {
  for (const row of rows) {
    const handler = handlers.get(row.job)
    if (!handler) throw new Error(`No handler for ordered job ${row.job}`)
    const attributes = { 'messaging.operation.name': row.job }
    try {
      await traced(`job ${row.job}`, { kind: 'consumer', parent: row.traceparent ?? null, attributes }, () =>
        handler.handle(row.payload, `outbox-${row.id}`),
      )
    } catch (error) {
      throw new OrderedRowFailed(row, error)
    }
  }
}

class OrderedRowFailed extends Error {
  override readonly name = 'OrderedRowFailed'
  readonly row: OutboxRow

  constructor(row: OutboxRow, cause: unknown) {
    super(`Ordered job ${row.job} failed`, { cause })
    this.row = row
  }
}

/**
 * Rows behind one that fails wait for it, so one that fails for itself is buried in the end and the others go on in
 * their order. While a store is away everything fails, and nothing is counted.
 */
async function handOnInOrder(options: RelayOptions, handlers: Map<string, JobHandler>, dead: Counter): Promise<number> {
  try {
    return await handOn(options, takeOrdered, (rows) => handleInOrder(rows, handlers))
  } catch (error) {
    if (error instanceof OrderedRowFailed && !isUnavailable(error.cause)) await countFailure(options, error, dead)
    throw error
  }
}

async function countFailure(options: RelayOptions, { row, cause }: OrderedRowFailed, dead: Counter): Promise<void> {
  const { database, log } = options
  const [counted] = await database.query<{ attempts: number }>(countAttempt, [row.id])
  if (!counted || counted.attempts < (options.orderedAttemptsMax ?? orderedAttemptsMax)) return
  const text = cause instanceof Error ? cause.message : String(cause)
  const buried = await database.query(buryOrdered, [row.id, text.slice(0, 2_000)])
  if (buried.length === 0) return
  dead.inc({ job: row.job })
  log.error({ err: cause, job: row.job, outboxId: row.id, attempts: counted.attempts }, 'job failed for good')
}

function deadJobs(registry: Registry = new Registry()): Counter {
  return new Counter({
    name: 'livelot_outbox_ordered_rows_buried_total',
    help: 'Ordered outbox rows that failed again and again and were moved to dead_jobs.',
    labelNames: ['job'],
    registers: [registry],
  })
}

function startLane(name: OutboxLane, options: RelayOptions, runOnce: () => Promise<number>): Relay {
  let isClosed = false
  let isWanted = true
  let running: Promise<void> | undefined
  const run = async () => {
    while (isWanted && !isClosed) {
      isWanted = false
      try {
        const handedOn = await runOnce()
        if (handedOn === batchMax) isWanted = true
        else if (handedOn > 0) await setTimeout(restMs)
      } catch (error) {
        options.log.warn({ err: error, lane: name }, 'outbox relay failed; it will try again')
        if (!isClosed) await setTimeout(failRestMs)
      }
    }
    running = undefined
  }
  const wake = () => {
    isWanted = true
    if (!isClosed) running ??= run()
  }
  const timer = setInterval(wake, options.pollMs ?? 250)
  wake()
  return {
    wake,
    close: async () => {
      isClosed = true
      clearInterval(timer)
      await running
    },
  }
}

/** Keeps a job that failed for good, so that a person can look at it. */
export async function buryJob(
  database: Database,
  row: { id: number; job: string; payload: unknown; error: string },
): Promise<void> {
  await database.query(buryRow, [row.id, row.job, JSON.stringify(row.payload), row.error])
}
