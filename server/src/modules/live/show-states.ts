import { randomBytes } from 'node:crypto'
import type { CreatorProfile, ShelfItem, ShowId } from '@livelot/client/contracts'
import { z } from 'zod'
import type { Bus } from '#infra/redis/bus'
import { type RedisServers, serverOf, serverRunId } from '#infra/redis/client'
import { loadScript, runScript } from '#infra/redis/scripts'
import { assertThat, Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import { controlChannel, showFeedKey, showStateKey } from './keys.ts'
import { type ShowRecord, toShowBody } from './show.ts'
import {
  type LoggedEvent,
  pinnedField,
  readEntry,
  readState,
  type StateContributor,
  type StoredSnapshot,
  shelfField,
  showField,
  slowField,
} from './state.ts'

const rebuildScript = loadScript(new URL('./lua/rebuild_state.lua', import.meta.url))
const appendScript = loadScript(new URL('./lua/append_event.lua', import.meta.url))

const RebuildAnswer = z.union([z.tuple([z.literal('kept'), z.string()]), z.tuple([z.literal('rebuilt'), z.string()])])
const AppendAnswer = z.union([
  z.tuple([z.literal('lost')]),
  z.tuple([z.literal('repeated')]),
  z.tuple([z.literal('appended'), z.int()]),
])

/** The log's tail that a process starts with, so that people from another process can go on without a snapshot. */
const tailEntriesMax = 256
/** An ended show's state answers late visitors; after that it is rebuilt for whoever still asks. */
const endedTtlMs = 24 * 60 * 60 * 1_000
const triesMax = 3

export interface ShowStateParts {
  readonly redis: RedisServers
  readonly bus: Bus
  readonly log: Log
  readonly showById: (showId: ShowId) => Promise<ShowRecord | null>
  readonly creatorOf: (record: ShowRecord) => Promise<CreatorProfile>
  readonly shelfOf: (showId: ShowId) => Promise<ShelfItem[]>
}

export interface OpenedState {
  readonly snapshot: StoredSnapshot
  /** The last events up to the snapshot’s number, oldest first, of its epoch. */
  readonly tail: readonly LoggedEvent[]
}

export interface AppendedEvent {
  readonly showId: ShowId
  readonly type: string
  readonly version: number
  readonly data: unknown
  readonly fields: Readonly<Record<string, string>>
}

/** States and logs of shows in Redis. Postgres holds the truth; what Redis lost is made anew from it. */
export function createShowStates(parts: ShowStateParts) {
  const { redis, log } = parts
  const contributors: StateContributor[] = []

  /** Fields of a whole state, from Postgres. Refuses: show.not_found. */
  const fieldsOf = async (showId: ShowId) => {
    const record = await parts.showById(showId)
    if (!record) throw new Refusal('show.not_found')
    const [creator, shelf, ...others] = await Promise.all([
      parts.creatorOf(record),
      parts.shelfOf(showId),
      ...contributors.map((contribute) => contribute(showId)),
    ])
    const own = {
      ...showField(toShowBody(record, creator)),
      ...shelfField(shelf),
      ...pinnedField(record.pinnedProductId),
      ...slowField(record.slowModeSeconds),
    }
    return { record, fields: Object.assign({}, ...others, own) as Record<string, string> }
  }

  const rebuild = async (showId: ShowId): Promise<string> => {
    const { record, fields } = await fieldsOf(showId)
    const epoch = randomBytes(9).toString('base64url')
    const ttlMs = record.state === 'ended' ? endedTtlMs : 0
    const keys = [showStateKey(showId), showFeedKey(showId)]
    const answer = RebuildAnswer.parse(
      await runScript(redis, rebuildScript, keys, [epoch, ttlMs, ...Object.entries(fields).flat()]),
    )
    if (answer[0] === 'rebuilt') {
      log.info({ showId, epoch }, 'state of a show rebuilt')
      parts.bus.publish(controlChannel, JSON.stringify({ kind: 'epoch', showId }))
    }
    return answer[1]
  }

  /** Null when the state is missing, or was written under another run of the Redis server, which may have lost some. */
  const trusted = (showId: ShowId, hash: Readonly<Record<string, string>>): StoredSnapshot | null => {
    const runId = serverRunId(redis, showStateKey(showId))
    return runId !== null && hash.run === runId ? readState(hash) : null
  }

  const tryRead = async (showId: ShowId): Promise<OpenedState | null> => {
    const replies = await serverOf(redis, showStateKey(showId))
      .multi()
      .hgetall(showStateKey(showId))
      .xrevrange(showFeedKey(showId), '+', '-', 'COUNT', tailEntriesMax)
      .exec()
    assertThat(replies, 'a transaction without WATCH is never given up')
    for (const [error] of replies) if (error) throw error
    const snapshot = trusted(showId, replies[0]?.[1] as Record<string, string>)
    if (!snapshot) return null
    const entries = replies[1]?.[1] as [string, string[]][]
    return { snapshot, tail: contiguousTail(snapshot, entries) }
  }

  return {
    registerContributor: (contribute: StateContributor) => void contributors.push(contribute),

    /** The state stands, rebuilt if it was lost; answers its epoch. Refuses: show.not_found. */
    ensure: async (showId: ShowId): Promise<string> => {
      const key = showStateKey(showId)
      const [epoch, run] = await serverOf(redis, key).hmget(key, 'epoch', 'run')
      if (epoch && run && run === serverRunId(redis, key)) return epoch
      return await rebuild(showId)
    },

    /** Snapshot and tail of the log at one moment. Refuses: show.not_found. */
    read: async (showId: ShowId): Promise<OpenedState> => {
      for (let tries = 0; tries < triesMax; tries++) {
        const opened = await tryRead(showId)
        if (opened) return opened
        await rebuild(showId)
      }
      throw new Error('A show’s state was lost as often as it was rebuilt')
    },

    /** Newest place of each show's log; null for a state that must be rebuilt. */
    positions: async (showIds: readonly ShowId[]): Promise<({ epoch: string; seq: number } | null)[]> => {
      const positionOf = async (key: string) => {
        const [epoch, seq, run] = await serverOf(redis, key).hmget(key, 'epoch', 'seq', 'run')
        return epoch && seq && run && run === serverRunId(redis, key) ? { epoch, seq: Number(seq) } : null
      }
      return await Promise.all(showIds.map((showId) => positionOf(showStateKey(showId))))
    },

    /**
     * Appends an event of the outbox. Atomic: log and state in one script. Repeats: the same outbox row does nothing.
     * A show that does not exist (any more) has no viewers to tell; its event is dropped.
     */
    append: async (event: AppendedEvent, outboxId: number): Promise<void> => {
      const { showId } = event
      const keys = [showStateKey(showId), showFeedKey(showId)]
      const ttlMs = event.type === 'show:ended' ? endedTtlMs : 0
      const args = [outboxId, event.type, event.version, JSON.stringify(event.data), ttlMs]
      const fields = Object.entries(event.fields).flat()
      for (let tries = 0; tries < triesMax; tries++) {
        const runId = serverRunId(redis, showStateKey(showId)) ?? ''
        const answer = AppendAnswer.parse(await runScript(redis, appendScript, keys, [runId, ...args, ...fields]))
        if (answer[0] !== 'lost') return
        if (!(await parts.showById(showId))) return log.warn({ showId }, 'an event of no show was dropped')
        await rebuild(showId)
      }
      throw new Error('A show’s state was lost as often as it was rebuilt')
    },
  }
}

export type ShowStates = ReturnType<typeof createShowStates>

/** An entry that nobody can read hides those before it: people further back get a snapshot. */
function readable(id: string, flat: readonly string[]): LoggedEvent | null {
  try {
    return readEntry(id, flat)
  } catch {
    return null
  }
}

/** Entries come newest first; those behind a hole or of an older epoch do not belong to this log any more. */
function contiguousTail(snapshot: StoredSnapshot, entries: readonly [string, string[]][]): LoggedEvent[] {
  const tail: LoggedEvent[] = []
  for (const [id, flat] of entries) {
    const event = readable(id, flat)
    if (event?.epoch !== snapshot.epoch || event.seq !== snapshot.seq - tail.length) break
    tail.push(event)
  }
  return tail.reverse()
}
