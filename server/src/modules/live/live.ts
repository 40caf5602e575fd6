import type { ProductId, ShelfItem } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Bus } from '#infra/redis/bus'
import type { Redis } from '#infra/redis/client'
import type { Log } from '#kernel/log'
import { createAudiences } from './audience.ts'
import { createChatLines } from './chat-lines.ts'
import { createLiveRooms } from './rooms.ts'
import { createLiveService } from './service.ts'
import { createShowStates } from './show-states.ts'
import { createShowStore } from './store.pg.ts'
import { createStreamTokens } from './stream-tokens.ts'
import { type Creators, createShowViews } from './views.ts'

export interface LiveOptions {
  readonly database: Database
  readonly redis: Redis
  readonly bus: Bus
  readonly log: Log
  readonly creators: Creators
  readonly shelfItems: (productIds: readonly ProductId[]) => Promise<ShelfItem[]>
  /** Shared by all processes; keys of stream tokens are derived from it. */
  readonly tokenSecret: string
}

/** The module put together: verbs, states in Redis, and the rooms that the socket edge serves. */
export function createLive(options: LiveOptions) {
  const { database, redis, bus, log } = options
  const store = createShowStore(database)
  const audiences = createAudiences(redis, log)
  const views = createShowViews({ store, creators: options.creators, audiences })
  const tokens = createStreamTokens(redis, options.tokenSecret)
  const states = createShowStates({
    redis,
    bus,
    log,
    showById: store.byId,
    creatorOf: views.creatorOf,
    shelfOf: async (showId) => options.shelfItems(await store.shelf(showId)),
  })
  const rooms = createLiveRooms({ store, states, audiences, chat: createChatLines(redis) })
  const service = createLiveService({ store, views, tokens, bus, shelfItems: options.shelfItems })
  return {
    service,
    rooms,
    states,
    store,
    /** Lets another module add its own fields to a show's state when that is rebuilt. */
    registerStateContributor: states.registerContributor,
    /** The show's state stands, rebuilt if Redis lost it. Refuses: show.not_found. */
    ensureShowState: states.ensure,
  }
}

export type Live = ReturnType<typeof createLive>
