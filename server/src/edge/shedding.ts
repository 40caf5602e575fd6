import { type Operation, operationPriorities, type Priority } from '@livelot/client/contracts'
import { Refusal } from '#kernel/errors'
import type { LoadLevel } from './load.ts'

/** The level from which a priority is refused. Chat is thinned by its lane one level before it is refused. */
const refusedFrom: Record<Priority, number> = { chat: 2, browsing: 2, joining: 3, essential: Number.POSITIVE_INFINITY }

// Long enough for the level to fall meanwhile, spread so that nobody comes back in step with everybody else.
const retryLeastMs = 2_000
const retrySpreadMs = 2_000

/** The first question of every way in, before anything is read or counted. Refuses: server.busy. */
export function refuseWhenBusy({ name }: Operation, level: LoadLevel): void {
  const priority = operationPriorities.get(name) ?? 'essential'
  if (level < refusedFrom[priority]) return
  throw new Refusal('server.busy', { retryAfterMs: retryLeastMs + Math.floor(Math.random() * retrySpreadMs) })
}
