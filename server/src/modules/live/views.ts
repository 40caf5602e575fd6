import type {
  CreatorId,
  CreatorProfile,
  listShows,
  RequestOf,
  ResponseOf,
  Show,
  ShowId,
} from '@livelot/client/contracts'
import { assertThat, Refusal } from '#kernel/errors'
import type { Audiences } from './audience.ts'
import { cursorOf, readCursor } from './cursor.ts'
import { type ShowRecord, toShow } from './show.ts'
import type { ShowStore } from './store.pg.ts'

export interface Creators {
  creatorsByIds(ids: readonly string[]): Promise<CreatorProfile[]>
}

export interface ViewParts {
  readonly store: ShowStore
  readonly creators: Creators
  readonly audiences: Audiences
}

/** Shows as people see them: with their creator and the viewers of this moment. */
export function createShowViews({ store, creators, audiences }: ViewParts) {
  const creatorOf = async (record: ShowRecord): Promise<CreatorProfile> => {
    const [creator] = await creators.creatorsByIds([record.creatorId])
    assertThat(creator, 'a show’s creator exists')
    return creator
  }

  const viewersOf = (records: readonly ShowRecord[]) =>
    audiences.viewerCounts(records.filter((one) => one.state === 'live').map((one) => one.showId))

  const toShows = async (records: readonly ShowRecord[], viewers: ReadonlyMap<ShowId, number>): Promise<Show[]> => {
    const ids = [...new Set(records.map((record) => record.creatorId))]
    const found = ids.length === 0 ? [] : await creators.creatorsByIds(ids)
    const byId = new Map(found.map((creator) => [creator.creatorId, creator]))
    return records.map((record) => {
      const creator = byId.get(record.creatorId)
      assertThat(creator, 'a show’s creator exists')
      return toShow(record, creator, viewers.get(record.showId) ?? 0)
    })
  }

  /** Live shows are few enough to be ordered here, by figures that only Redis has. */
  const livePage = async (request: RequestOf<typeof listShows>): Promise<ResponseOf<typeof listShows>> => {
    const records = await store.live()
    const viewers = await viewersOf(records)
    const after = readCursor(request.cursor)
    const figureOf = (record: ShowRecord) => viewers.get(record.showId) ?? 0
    const rest = records
      .toSorted((a, b) => figureOf(b) - figureOf(a) || (a.showId < b.showId ? 1 : -1))
      .filter((one) => {
        if (!after) return true
        return figureOf(one) < after.figure || (figureOf(one) === after.figure && one.showId < after.id)
      })
    const shown = rest.slice(0, request.limit)
    const last = shown.at(-1)
    const nextCursor = last && rest.length > shown.length ? cursorOf(figureOf(last), last.showId) : null
    return { items: await toShows(shown, viewers), nextCursor }
  }

  const timedPage = async (request: RequestOf<typeof listShows>): Promise<ResponseOf<typeof listShows>> => {
    const isEnded = request.state === 'ended'
    const from = readCursor(request.cursor)
    const records = await (isEnded ? store.ended : store.scheduled)(from, request.limit + 1)
    const shown = records.slice(0, request.limit)
    const last = shown.at(-1)
    const figure = isEnded ? last?.endedAtMs : last?.startsAtMs
    const nextCursor = last && records.length > shown.length ? cursorOf(figure ?? 0, last.showId) : null
    return { items: await toShows(shown, new Map()), nextCursor }
  }

  return {
    creatorOf,

    view: async (record: ShowRecord): Promise<Show> => {
      const [creator, viewers] = await Promise.all([creatorOf(record), viewersOf([record])])
      return toShow(record, creator, viewers.get(record.showId) ?? 0)
    },

    /** Refuses: request.invalid (a cursor that is not ours). */
    list: (request: RequestOf<typeof listShows>) => (request.state === 'live' ? livePage(request) : timedPage(request)),

    listMine: async (creatorId: CreatorId): Promise<{ items: Show[] }> => {
      const records = await store.ofCreator(creatorId)
      return { items: await toShows(records, await viewersOf(records)) }
    },

    /** Refuses: show.not_found. */
    record: async (showId: ShowId): Promise<ShowRecord> => {
      const record = await store.byId(showId)
      if (!record) throw new Refusal('show.not_found')
      return record
    },
  }
}

export type ShowViews = ReturnType<typeof createShowViews>
