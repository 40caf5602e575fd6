import { between } from '#kernel/failpoints'
import type { JobHandler } from '#kernel/job'
import type { Log } from '#kernel/log'
import { traced } from '../telemetry/trace.ts'
import type { OutboxRow } from './queue.ts'

export interface SweptJobs {
  /** Whether a row is one of these jobs. */
  takes(row: OutboxRow): boolean
  /** Begins them, as many at once as the process runs jobs; the others wait for their turn. */
  begin(rows: readonly OutboxRow[]): void
  /** Resolves when so few wait that more may be taken from the outbox. */
  hasRoom(): Promise<void>
  /** Nothing that waits is begun any more; what runs is waited for. */
  close(): Promise<void>
}

/**
 * Runs jobs of which a sweep finds by itself what was left undone. They need no queue that remembers them: whoever has
 * taken their row tries at once, and what fails, or dies with the process, is the sweep's.
 */
export function createSweptJobs(options: {
  readonly handlers: readonly JobHandler[]
  readonly concurrency: number
  readonly log: Log
}): SweptJobs {
  const byName = new Map(options.handlers.filter((one) => one.job.isSwept).map((one) => [one.job.name, one]))
  const waiting: OutboxRow[] = []
  const running = new Set<Promise<void>>()
  let whenRoom = Promise.withResolvers<void>()

  const run = async (row: OutboxRow): Promise<void> => {
    const handler = byName.get(row.job)
    if (!handler) return
    const attributes = { 'messaging.operation.name': row.job }
    try {
      await traced(`job ${row.job}`, { kind: 'consumer', parent: row.traceparent ?? null, attributes }, () =>
        between('jobs.job.starting', 'jobs.job.done', () => handler.handle(row.payload, `outbox-${row.id}`)),
      )
    } catch (error) {
      options.log.warn({ err: error, job: row.job }, 'job failed, a sweep will take it up')
    }
  }

  const beginNext = (): void => {
    while (running.size < options.concurrency) {
      const row = waiting.shift()
      if (!row) break
      const one = run(row).finally(() => {
        running.delete(one)
        beginNext()
      })
      running.add(one)
    }
    if (waiting.length < options.concurrency) whenRoom.resolve()
  }

  return {
    takes: (row) => byName.has(row.job),
    begin: (rows) => {
      waiting.push(...rows)
      beginNext()
    },
    hasRoom: () => {
      if (waiting.length < options.concurrency) return Promise.resolve()
      whenRoom = Promise.withResolvers()
      return whenRoom.promise
    },
    close: async () => {
      waiting.length = 0
      whenRoom.resolve()
      await Promise.all(running)
    },
  }
}
