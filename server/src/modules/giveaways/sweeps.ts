import type { GiveawayId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import type { Sweep } from '#kernel/sweep'
import type { Drawing } from './drawing.ts'
import type { Prizes } from './prizes.ts'
import { type ActiveGiveaway, giveawayStore } from './store.pg.ts'

export interface SweepParts {
  readonly database: Database
  readonly drawing: Drawing
  readonly prizes: Prizes
  readonly log: Log
}

/** Entries end at most this late in the room; for whoever enters they end at their time. */
const moveEveryMs = 250
/** What failed is tried again after this: a list that cannot be read through costs its whole length each time. */
const retryAfterMs = 10_000
/** 48 hours need no hurry. */
const prizesEveryMs = 5_000

/** Nothing moves without them, and nothing depends on which process runs them. */
export function giveawaySweeps({ database, drawing, prizes, log }: SweepParts): Sweep[] {
  const failedAt = new Map<GiveawayId, number>()
  const rests = ({ giveawayId }: ActiveGiveaway): boolean =>
    performance.now() - (failedAt.get(giveawayId) ?? Number.NEGATIVE_INFINITY) < retryAfterMs
  const move = async ({ giveawayId, showId, state, isOver, isToTell }: ActiveGiveaway): Promise<void> => {
    if (state === 'closed') await drawing.draw(giveawayId, showId)
    else if (isOver) await drawing.close(giveawayId, showId)
    else if (isToTell) await drawing.tellCount(giveawayId, showId)
  }
  return [
    {
      name: 'giveaways.move',
      everyMs: moveEveryMs,
      run: async () => {
        const active = await giveawayStore.active(database)
        for (const giveawayId of failedAt.keys())
          if (!active.some((one) => one.giveawayId === giveawayId)) failedAt.delete(giveawayId)
        // One giveaway that fails does not keep the others waiting.
        await Promise.all(
          active
            .filter((one) => !rests(one))
            .map((one) =>
              move(one).catch((error: unknown) => {
                failedAt.set(one.giveawayId, performance.now())
                log.warn({ err: error, giveawayId: one.giveawayId }, 'a giveaway could not be moved along')
              }),
            ),
        )
      },
    },
    { name: 'giveaways.prizes', everyMs: prizesEveryMs, run: prizes.sweep },
  ]
}
