import type { ShowId } from '@livelot/client/contracts'
import { Refusal } from '#kernel/errors'
import type { Audiences } from './audience.ts'
import type { ChatLines } from './chat-lines.ts'
import { chatChannel, controlChannel, showFeedKey } from './keys.ts'
import { type RoomRules, standingOf } from './show.ts'
import type { ShowStates } from './show-states.ts'
import { readEntry } from './state.ts'
import type { ShowStore } from './store.pg.ts'

export interface RoomParts {
  readonly store: ShowStore
  readonly states: ShowStates
  readonly audiences: Audiences
  readonly chat: ChatLines
}

/** What the socket edge needs of shows, and nothing else: it keeps the connections, this module the rules. */
export function createLiveRooms({ store, states, audiences, chat }: RoomParts) {
  return {
    feedKey: showFeedKey,
    readEntry,
    chatChannel,
    controlChannel,
    standingOf,

    /** State and log’s tail at one moment; a lost state is rebuilt first. Refuses: show.not_found. */
    read: states.read,
    /** Newest places of logs; null for a state that must be rebuilt. */
    positions: states.positions,

    /** Who may do what in the room. Refuses: show.not_found. */
    rules: async (showId: ShowId): Promise<RoomRules> => {
      const rules = await store.rules(showId)
      if (!rules) throw new Refusal('show.not_found')
      return rules
    },

    acceptLine: chat.accept,
    keepLines: chat.keep,
    recentLines: chat.recent,
    removeLine: chat.remove,
    report: audiences.report,
  }
}

export type LiveRooms = ReturnType<typeof createLiveRooms>
