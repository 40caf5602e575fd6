import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  AccountId,
  CreatorId,
  OperationId,
  ProductId,
  ShelfItem,
  ShowId,
  ToldEvent,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createDatabase, type Database, statement } from '#infra/postgres/pool'
import { createBus } from '#infra/redis/bus'
import { createRedis, type Redis, serverRunId, whenReady } from '#infra/redis/client'
import { loadScript, runScript } from '#infra/redis/scripts'
import type { AccountActor, Actor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { createLive, type Live, showFeedKey, showStateKey } from '#modules/live'
import { testDatabase } from '../../../../test/support/services.ts'
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts'

const appendScript = loadScript(new URL('./append.lua', import.meta.url))

export const revokedChannel = 'livelot:sessions:revoked'

const insertAccount = statement(
  'stage.account',
  `INSERT INTO accounts (id, email, password_hash, display_name, roles) VALUES ($1, $2, 'x', $3, $4)`,
)
const insertCreator = statement(
  'stage.creator',
  'INSERT INTO creators (id, account_id, handle, display_name) VALUES ($1, $2, $3, $4)',
)
const insertBrand = statement('stage.brand', 'INSERT INTO brands (id, handle, name) VALUES ($1, $2, $3)')
const insertProduct = statement(
  'stage.product',
  `INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, $3, 'things', '/p.png')`,
)

/** One API process as far as rooms are concerned, on connections of its own. */
export interface StageNode {
  readonly url: string
  readonly live: Live
  readonly redis: Redis
  readonly gateway: Gateway
  /** Sum of one of the process’s counters. */
  counted(name: string): Promise<number>
  close(): Promise<void>
}

export interface Stage {
  readonly database: Database
  readonly nodes: readonly StageNode[]
  readonly host: AccountActor
  readonly productIds: readonly ProductId[]
  /** A live show of the host with all products on its shelf. */
  readonly showId: ShowId
  newAccount(name: string, roles?: AccountActor['roles']): Promise<AccountActor>
  /** What the handshake carries for this person. */
  tokenOf(actor: AccountActor): string
  /** Appends to the show’s log and answers the event’s number; 0 when the state must be rebuilt first. */
  append(node: StageNode, event: ToldEvent, data: unknown, fields?: Record<string, string>): Promise<number>
  close(): Promise<void>
}

export async function startStage(options: {
  redisUrl: string
  nodeCount?: number
  routes?: (live: Live, database: Database) => GatewayOptions['routes']
  media?: (live: Live) => GatewayOptions['media']
  gateway?: Partial<Pick<GatewayOptions, 'addressLimits' | 'handshakes' | 'heartbeat' | 'mayWriteDirectly'>>
}): Promise<Stage> {
  const testDb = await testDatabase()
  const log = pino({ level: 'silent' })
  const database = createDatabase({ url: testDb.url, poolSizeMax: 6, applicationName: 'test', log })
  const actors = new Map<string, AccountActor>()
  const newAccount = async (name: string, roles: AccountActor['roles'] = ['buyer']) => {
    const accountId = newId<AccountId>()
    const creatorId = roles.includes('creator') ? newId<CreatorId>() : null
    await database.query(insertAccount, [accountId, `${accountId}@example.test`, name, [...roles]])
    if (creatorId) await database.query(insertCreator, [creatorId, accountId, `h-${accountId}`, name])
    const sessionId = newId()
    const expiresAtMs = Date.now() + 600_000
    return {
      kind: 'account' as const,
      accountId,
      sessionId,
      displayName: name,
      roles,
      creatorId,
      brandIds: [],
      expiresAtMs,
    }
  }
  const tokenOf = (actor: AccountActor) => {
    const token = `token-${actor.sessionId}`
    actors.set(token, actor)
    return token
  }
  const authenticate = async (token: string): Promise<Actor> => {
    const actor = actors.get(token)
    if (!actor) throw new Refusal('auth.required')
    if (actor.expiresAtMs <= Date.now()) throw new Refusal('auth.token_expired')
    return actor
  }
  const productIds = await newProducts(database, 3)
  const nodes: StageNode[] = []
  for (let i = 0; i < (options.nodeCount ?? 1); i++)
    nodes.push(
      await startNode({
        database,
        redisUrl: options.redisUrl,
        authenticate,
        overrides: options.gateway ?? {},
        routes: options.routes ?? (() => []),
        media: options.media ?? (() => undefined),
      }),
    )
  const host = await newAccount('Hana', ['buyer', 'creator'])
  const [first] = nodes as [StageNode]
  const show = await first.live.service.create(
    {
      title: 'Teas of spring',
      teaser: '',
      startsAtMs: Date.now(),
      productIds: [...productIds],
      operationId: newId<OperationId>(),
    },
    host,
  )
  await first.live.service.start(show.showId, host)
  return {
    database,
    nodes,
    host,
    productIds,
    showId: show.showId,
    newAccount,
    tokenOf,
    append: async (node, event, data, fields = {}) => {
      const keys = [showStateKey(show.showId), showFeedKey(show.showId)]
      const told = [event.name, event.version, JSON.stringify(data), ...Object.entries(fields).flat()]
      return Number(await runScript(node.redis, appendScript, keys, [serverRunId(node.redis) ?? '', ...told]))
    },
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()))
      await database.close()
      await testDb.drop()
    },
  }
}

async function newProducts(database: Database, count: number): Promise<ProductId[]> {
  const brandId = newId()
  await database.query(insertBrand, [brandId, `b-${brandId}`, 'Leaf & Co'])
  const ids = Array.from({ length: count }, () => newId<ProductId>())
  for (const id of ids) await database.query(insertProduct, [id, brandId, `Tea ${id.slice(-4)}`])
  return ids
}

const shelfItem = (productId: ProductId): ShelfItem => ({
  productId,
  name: 'Tea',
  brandName: 'Leaf & Co',
  pictureUrl: '/p.png',
  price: { amountMinor: 1_250, currency: 'EUR' },
  availableUnits: 10,
})

const creatorsByIds = statement(
  'stage.creators',
  `SELECT id AS "creatorId", handle, display_name AS "displayName", bio, picture_url AS "pictureUrl" FROM creators WHERE id = ANY($1)`,
)

async function startNode(parts: {
  database: Database
  redisUrl: string
  authenticate: (token: string) => Promise<Actor>
  overrides: Partial<GatewayOptions>
  routes: (live: Live, database: Database) => GatewayOptions['routes']
  media: (live: Live) => GatewayOptions['media']
}): Promise<StageNode> {
  const log = pino({ level: 'silent' })
  const { database, redisUrl, authenticate } = parts
  const redis = createRedis(redisUrl, { use: 'hot', name: 'test', log })
  const subscriber = createRedis(redisUrl, { use: 'blocking', name: 'test-bus', log })
  const feedRedis = createRedis(redisUrl, { use: 'blocking', name: 'test-feed', log })
  await Promise.all([redis, subscriber, feedRedis].map((one) => whenReady(one, 5_000)))
  const bus = createBus(redis, subscriber, log)
  const live = createLive({
    database,
    redis,
    bus,
    log,
    creators: { creatorsByIds: (ids) => database.query(creatorsByIds, [ids]) },
    shelfItems: async (ids) => ids.map(shelfItem),
    tokenSecret: 'the same for all nodes',
  })
  const registry = new Registry()
  const httpServer = createServer((_request, response) => response.writeHead(404).end())
  const gateway = createGateway({
    loadLevel: () => 0,
    httpServer,
    routes: parts.routes(live, database),
    media: parts.media(live),
    rooms: live.rooms,
    bus,
    redis,
    feedRedis,
    authenticate,
    revokedChannel,
    allowedOrigins: ['http://shop.test'],
    trustProxyHops: 0,
    registry,
    log,
    addressLimits: { openMax: 1_000, burst: 1_000, perSecond: 1_000 },
    ...parts.overrides,
  })
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`,
    live,
    redis,
    gateway,
    counted: async (name) => {
      const values = (await registry.getSingleMetric(name)?.get())?.values ?? []
      return values.reduce((sum, { value }) => sum + value, 0)
    },
    close: async () => {
      await gateway.close()
      httpServer.closeAllConnections()
      await new Promise((resolve) => httpServer.close(resolve))
      redis.disconnect()
      subscriber.disconnect()
    },
  }
}
