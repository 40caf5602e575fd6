import { isDeepStrictEqual } from 'node:util'
import type { ShowId } from '@livelot/client/contracts'
import { assertThat } from '#kernel/errors'
import { type JobHandler, jobHandler } from '#kernel/job'
import type { Sweep } from '#kernel/sweep'
import { appendShowEvent, showEndedJob } from './events.ts'
import type { LiveService } from './service.ts'
import type { ShowStates } from './show-states.ts'
import type { ShowStore } from './store.pg.ts'

/** `onShowEnded`: what other modules do about an ended show; run again as a whole if one of them fails. */
export function liveJobs(
  states: ShowStates,
  onShowEnded: readonly ((showId: ShowId) => Promise<unknown>)[],
): JobHandler[] {
  return [
    jobHandler(appendShowEvent, async (event, jobId) => {
      const outboxId = Number(jobId.replace('outbox-', ''))
      assertThat(Number.isSafeInteger(outboxId), 'an outbox job carries its row’s id')
      await states.append(event, outboxId)
    }),
    jobHandler(showEndedJob, async ({ showId }) => {
      for (const act of onShowEnded) await act(showId)
    }),
  ]
}

/** Prices and stock of a shelf change in modules that know nothing of shows: looked at here while the show is live. */
export function liveSweeps(store: ShowStore, states: ShowStates, service: LiveService): Sweep[] {
  return [
    {
      name: 'live.tell-shelves',
      everyMs: 2_000,
      run: async () => {
        for (const { showId } of await store.live()) {
          const [{ snapshot }, { items }] = await Promise.all([states.read(showId), service.getShelf(showId)])
          if (!isDeepStrictEqual(snapshot.shelf, items)) await service.tellShelf(showId)
        }
      },
    },
  ]
}
