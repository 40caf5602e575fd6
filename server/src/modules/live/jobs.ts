import { isDeepStrictEqual } from 'node:util'
import type { ShowId } from '@livelot/client/contracts'
import { assertThat } from '#kernel/errors'
import { type JobHandler, jobHandler } from '#kernel/job'
import type { Sweep } from '#kernel/sweep'
import { appendShowEvent, showEndedJob } from './events.ts'
import type { LiveService } from './service.ts'
import type { ShowStates } from './show-states.ts'
import type { ShowStore } from './store.pg.ts'

/** What other modules do about an ended show; run again as a whole if one of them fails. Repeats change nothing. */
export type OnShowEnded = readonly ((showId: ShowId) => Promise<unknown>)[]

export function liveJobs(states: ShowStates, onShowEnded: OnShowEnded): JobHandler[] {
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

/** A show that ended lately is ended for everybody once more: its job may have been lost with the queue. */
const endedLatelyMs = 600_000
const endedLatelyMax = 100

/** What keeps shows whole where a job was lost, or where another module knows nothing of shows. */
export function liveSweeps(
  store: ShowStore,
  states: ShowStates,
  service: LiveService,
  onShowEnded: OnShowEnded,
): Sweep[] {
  return [
    {
      name: 'live.end-shows',
      everyMs: 15_000,
      run: async () => {
        // The process' own clock only saves work here.
        const sinceMs = Date.now() - endedLatelyMs
        const ended = await store.ended(null, endedLatelyMax)
        const lately = ended.filter((show) => (show.endedAtMs ?? 0) > sinceMs)
        const done = await Promise.allSettled(lately.flatMap(({ showId }) => onShowEnded.map((act) => act(showId))))
        const failed = done.find((one) => one.status === 'rejected')
        if (failed) throw failed.reason
      },
    },
    // Prices and stock of a shelf change in modules that know nothing of shows: looked at here while the show is live.
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
