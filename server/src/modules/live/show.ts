import type {
  AccountId,
  CreatorId,
  CreatorProfile,
  ProductId,
  RoomRights,
  Show,
  ShowId,
  ShowState,
} from '@livelot/client/contracts'
import type { z } from 'zod'
import type { Actor } from '#kernel/actor'

/** A show as it is kept. */
export interface ShowRecord {
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly title: string
  readonly teaser: string
  readonly coverUrl: string
  readonly state: ShowState
  readonly startsAtMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly pinnedProductId: ProductId | null
  readonly slowModeSeconds: number
  readonly mutedWords: readonly string[]
}

const steps: Record<ShowState, readonly ShowState[]> = {
  scheduled: ['live'],
  live: ['ended'],
  ended: [],
}

/** `already`: asked again, nothing to do. */
export function stepTo(from: ShowState, to: ShowState): 'step' | 'already' | 'forbidden' {
  if (from === to) return 'already'
  return steps[from].includes(to) ? 'step' : 'forbidden'
}

/** What a room needs to judge its people; changes are told to every process that has the room open. */
export interface RoomRules {
  readonly creatorId: CreatorId
  readonly moderators: ReadonlySet<AccountId>
  readonly muted: ReadonlySet<AccountId>
  readonly banned: ReadonlySet<AccountId>
  readonly slowModeSeconds: number
  readonly mutedWords: readonly string[]
}

export interface Standing extends z.infer<typeof RoomRights> {
  readonly isBanned: boolean
  readonly isMuted: boolean
}

/** What one person may do in one room. The host stands above every restriction, a moderator above muting. */
export function standingOf(rules: RoomRules, actor: Actor): Standing {
  if (actor.kind === 'guest')
    return { isHost: false, canModerate: false, canChat: false, isBanned: false, isMuted: false }
  const isHost = actor.creatorId === rules.creatorId
  const isBanned = !isHost && rules.banned.has(actor.accountId)
  const canModerate =
    isHost || (!isBanned && (rules.moderators.has(actor.accountId) || actor.roles.includes('operator')))
  const isMuted = !canModerate && rules.muted.has(actor.accountId)
  return { isHost, canModerate, canChat: !isBanned && !isMuted, isBanned, isMuted }
}

export type ShowBody = Omit<Show, 'viewerCount'>

export function toShowBody(record: ShowRecord, creator: CreatorProfile): ShowBody {
  const { showId, title, teaser, coverUrl, state, startsAtMs, startedAtMs, endedAtMs } = record
  return { showId, title, teaser, coverUrl, state, creator, startsAtMs, startedAtMs, endedAtMs }
}

/** Viewers count only while the show is live: a waiting room's figure would look like an audience. */
export function toShow(record: ShowRecord, creator: CreatorProfile, viewerCount: number): Show {
  return { ...toShowBody(record, creator), viewerCount: record.state === 'live' ? viewerCount : 0 }
}
