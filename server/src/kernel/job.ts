import type { z } from 'zod'

/**
 * Work that follows a business transaction. Its row is written to the outbox in that transaction; delivery is at least
 * once, so the handler's effect must be safe to repeat. `ordered` jobs are handled by the relay itself in the order
 * written, one at a time; the others run in parallel, by BullMQ or, `isSwept`, by the relay's own process: then they are
 * tried once, and a sweep must find what was left undone.
 */
export interface Job<P extends z.ZodType = z.ZodType> {
  readonly name: string
  readonly payload: P
  readonly ordered?: boolean
  readonly isSwept?: boolean
}

export const job = <P extends z.ZodType>(definition: Job<P>): Job<P> => definition

export interface JobHandler {
  readonly job: Job
  /** `jobId` is the outbox row's id: the same for every delivery of one job. */
  readonly handle: (payload: unknown, jobId: string) => Promise<void>
}

export function jobHandler<P extends z.ZodType>(
  definition: Job<P>,
  handle: (payload: z.infer<P>, jobId: string) => Promise<void>,
): JobHandler {
  return { job: definition, handle: (payload, jobId) => handle(definition.payload.parse(payload), jobId) }
}
