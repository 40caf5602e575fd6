import { AccountId, type DataOf, ShowId, type ToldEvent } from '@livelot/client/contracts'
import { z } from 'zod'
import { writeOutbox } from '#infra/postgres/outbox'
import { statement, type Transaction } from '#infra/postgres/pool'
import { job } from '#kernel/job'

/** Ordered: a show's events reach its log in the order in which their transactions locked the show. */
export const appendShowEvent = job({
  name: 'live.append-show-event',
  ordered: true,
  payload: z.strictObject({
    showId: ShowId,
    type: z.string(),
    version: z.int(),
    data: z.record(z.string(), z.unknown()),
    fields: z.record(z.string(), z.string()),
  }),
})

/** The show is over; whoever has business in it ends it. */
export const showEndedJob = job({ name: 'live.show-ended', payload: z.strictObject({ showId: ShowId }) })

/** Somebody became a moderator of a show, was banned from its room, or is neither any more. */
export const showStandingChangedJob = job({
  name: 'live.standing-changed',
  payload: z.strictObject({ showId: ShowId, accountId: AccountId }),
})

const lockForEvent = statement('live.lock_for_event', 'SELECT 1 FROM shows WHERE id = $1 FOR NO KEY UPDATE')

/**
 * Tells all viewers of a show. Atomic: it is told exactly if the transaction commits, in the order of the commits.
 * `fields` are fields of the show's state that change with the event, so that a snapshot has it too.
 * Locks the show's row; a caller that locks other rows takes the show's first.
 */
export async function writeShowEvent<E extends ToldEvent>(
  tx: Transaction,
  showId: ShowId,
  event: E,
  data: DataOf<E>,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const checked = event.data.parse(data) as Record<string, unknown>
  await tx.query(lockForEvent, [showId])
  const { name: type, version } = event
  await writeOutbox(tx, appendShowEvent, { showId, type, version, data: checked, fields: { ...fields } })
}
