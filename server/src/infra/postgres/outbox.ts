import type { z } from 'zod'
import type { Job } from '#kernel/job'
import { statement, type Transaction } from './pool.ts'

const insertRow = statement(
  'outbox.insert',
  `INSERT INTO outbox (job, payload, ordered, not_before)
   VALUES ($1, $2, $3, CASE WHEN $4::int = 0 THEN '-infinity'::timestamptz ELSE now() + $4::int * interval '1 millisecond' END)`,
)

/** Ordered jobs are handled by the relay, the others by the queue. */
export type OutboxLane = 'queue' | 'ordered'

let poke: (lane: OutboxLane) => void = () => undefined

/** Told by the composition root: wakes the relay after a commit. Without it the relay still polls. */
export function onOutboxWritten(wake: (lane: OutboxLane) => void): void {
  poke = wake
}

/** Writes work that must follow this transaction. Atomic: it exists exactly if the transaction commits. */
export async function writeOutbox<P extends z.ZodType>(
  tx: Transaction,
  job: Job<P>,
  payload: z.input<P>,
  options: { delayMs?: number } = {},
): Promise<void> {
  await tx.query(insertRow, [job.name, JSON.stringify(payload), job.ordered ?? false, options.delayMs ?? 0])
  tx.afterCommit(() => poke(job.ordered ? 'ordered' : 'queue'))
}

/** For stores that insert their outbox row inside a larger statement of their own: wakes the queue's lane after the commit. */
export function pokeAfterCommit(tx: Transaction): void {
  tx.afterCommit(() => poke('queue'))
}
