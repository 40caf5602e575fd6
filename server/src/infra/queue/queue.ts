import { Queue, Worker } from 'bullmq'
import { between } from '#kernel/failpoints'
import type { JobHandler } from '#kernel/job'
import type { Log } from '#kernel/log'
import type { Redis } from '../redis/client.ts'
import { traced } from '../telemetry/trace.ts'

const queueName = 'jobs'
const prefix = '{livelot:queue}'

/** A job as BullMQ carries it: ids only, no personal data, because queues are plain text in Redis. */
interface Carried {
  readonly payload: unknown
  /** The trace of the request that the job follows. */
  readonly traceparent?: string
}

export interface OutboxRow {
  readonly id: number
  readonly job: string
  readonly payload: unknown
  readonly ordered: boolean
  readonly traceparent?: string | null
}

export interface JobQueue {
  /** Adds jobs in one round trip. A job whose outbox row was added before is ignored. */
  addAll(rows: readonly OutboxRow[]): Promise<void>
  close(): Promise<void>
}

export interface MeasuredJobQueue extends JobQueue {
  /** Jobs by state. */
  depth(): Promise<Record<string, number>>
}

const attemptsMax = 12
const addMsMax = 5_000

export function createJobQueue(redis: Redis, log: Log): MeasuredJobQueue {
  const queue = new Queue<Carried>(queueName, { connection: redis, prefix })
  queue.on('error', (error) => log.warn({ err: error }, 'job queue connection'))
  return {
    addAll: async (rows) => {
      const added = queue.addBulk(
        rows.map((row) => ({
          name: row.job,
          data: { payload: row.payload, ...(row.traceparent ? { traceparent: row.traceparent } : {}) },
          opts: {
            jobId: `outbox-${row.id}`,
            attempts: attemptsMax,
            backoff: { type: 'exponential', delay: 250, jitter: 0.5 },
            // The outbox row is gone by then; the ids of the last finished jobs catch a relay that repeats itself.
            removeOnComplete: { count: 2_000 },
            removeOnFail: { count: 10_000 },
          },
        })),
      )
      await withinMs(addMsMax, added)
    },
    depth: () => queue.getJobCounts('waiting', 'active', 'delayed', 'failed'),
    close: () => queue.close(),
  }
}

/**
 * BullMQ waits for its Redis without end, and the relay with it, its rows locked. Given up, the rows stay in the outbox
 * and are added again under the same ids; should the first try still arrive, the second is ignored.
 */
async function withinMs(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The job queue did not answer within ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}

const withFailpoints = (handler: JobHandler): JobHandler => ({
  ...handler,
  handle: (payload, jobId) => between('jobs.job.starting', 'jobs.job.done', () => handler.handle(payload, jobId)),
})

export interface JobWorker {
  close(): Promise<void>
}

/**
 * Runs jobs. At least once: a handler may be called again, even beside itself, after a stall.
 * A job that failed its last attempt is handed to `bury`.
 */
export function startJobWorker(options: {
  readonly redis: Redis
  readonly handlers: readonly JobHandler[]
  readonly concurrency: number
  readonly log: Log
  readonly bury: (row: { id: number; job: string; payload: unknown; error: string }) => Promise<void>
}): JobWorker {
  const byName = new Map(options.handlers.map((handler) => [handler.job.name, withFailpoints(handler)]))
  const worker = new Worker<Carried>(
    queueName,
    async (carried) => {
      const handler = byName.get(carried.name)
      if (!handler) throw new Error(`No handler for job ${carried.name}`)
      const attributes = { 'messaging.operation.name': carried.name, 'livelot.attempt': carried.attemptsMade + 1 }
      const parent = carried.data.traceparent ?? null
      await traced(`job ${carried.name}`, { kind: 'consumer', parent, attributes }, () =>
        handler.handle(carried.data.payload, carried.id ?? ''),
      )
    },
    { connection: options.redis, prefix, concurrency: options.concurrency, drainDelay: 5, maxStalledCount: 5 },
  )
  worker.on('error', (error) => options.log.warn({ err: error }, 'job worker connection'))
  worker.on('failed', (carried, error) => {
    if (!carried) return
    const isLast = carried.attemptsMade >= attemptsMax
    options.log[isLast ? 'error' : 'warn'](
      { err: error, job: carried.name, attempt: carried.attemptsMade },
      isLast ? 'job failed for good' : 'job failed, will be tried again',
    )
    if (!isLast) return
    const row = {
      id: Number(carried.id?.replace('outbox-', '')),
      job: carried.name,
      payload: carried.data.payload,
      error: String(error.message).slice(0, 2_000),
    }
    options.bury(row).catch((buryError: unknown) => options.log.error({ err: buryError }, 'dead job not recorded'))
  })
  return { close: () => worker.close() }
}
