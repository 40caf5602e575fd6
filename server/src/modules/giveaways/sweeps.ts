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
/** 48 hours need no hurry. */
const prizesEveryMs = 5_000

/** Nothing moves without them, and nothing depends on which process runs them. */
export function giveawaySweeps({ database, drawing, prizes, log }: SweepParts): Sweep[] {
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
        // One giveaway that fails does not keep the others waiting.
        await Promise.all(
          (await giveawayStore.active(database)).map((one) =>
            move(one).catch((error: unknown) =>
              log.warn({ err: error, giveawayId: one.giveawayId }, 'a giveaway could not be moved along'),
            ),
          ),
        )
      },
    },
    { name: 'giveaways.prizes', everyMs: prizesEveryMs, run: prizes.sweep },
  ]
}
