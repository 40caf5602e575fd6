import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AccountId, Checkout, ShowId, ToldEvent } from '@livelot/client/contracts'
import express, { type NextFunction, type Request, type Response } from 'express'
import { type Logger, pino } from 'pino'
import { sendProblem } from '#edge/http/bind'
import { createSandboxProvider } from '#infra/payments/sandbox-provider'
import { createDatabase, type Database } from '#infra/postgres/pool'
import { startSweeper } from '#infra/queue/sweeper'
import { createBus } from '#infra/redis/bus'
import { createRedis, type Redis, whenReady } from '#infra/redis/client'
import type { AccountActor } from '#kernel/actor'
import { createCheckoutService } from '#modules/checkout'
import { createCoupons } from '#modules/coupons'
import { createFlashSales } from '#modules/flash-sales'
import { createInventory } from '#modules/inventory'
import { createLedger } from '#modules/ledger'
import { createPaymentsService, type PaymentEvent, type PaymentProvider } from '#modules/payments'
import { waitingRoomOpening } from '#modules/waiting-rooms'
import type { SandboxConfig } from '../../sandbox/payments/config.ts'
import { startTestSandbox, testApiKey, testWebhookSecret } from '../../sandbox/payments/testing/test-sandbox.ts'
import { createCatalogService } from '../../src/modules/catalog/service.ts'
import { createCatalogStore } from '../../src/modules/catalog/store.pg.ts'
import { paymentWebhook } from '../../src/modules/payments/http.ts'
import { createProfilesStore } from '../../src/modules/profiles/store.pg.ts'
import { testDatabase, testRedis } from './services.ts'
import { createActors, seedWorld, statementOf, type World } from './shop-world.ts'

export interface ShopOptions {
  readonly sandbox?: Partial<SandboxConfig>
  /** Where the provider is reached; the sandbox in this process where absent. */
  readonly paymentUrl?: string
  readonly providerTimeoutMs?: number
}

export interface Told {
  readonly accountId: AccountId
  readonly event: string
  readonly data: unknown
}

/** Everything that sells: a database and Redis of its own, the sandbox over HTTP with its webhooks, and one seller. */
export async function startShop(options: ShopOptions = {}) {
  const [testDb, redisServer] = await Promise.all([testDatabase(), testRedis()])
  const log = pino({ level: 'silent' })
  const db = createDatabase({ url: testDb.url, poolSizeMax: 12, applicationName: 'test', log })
  const connections: Redis[] = []
  const openRedis = async (use: 'hot' | 'blocking') => {
    const redis = createRedis(redisServer.url, { use, name: 'test', log })
    connections.push(redis)
    await whenReady(redis, 5_000)
    return redis
  }
  const redis = await openRedis('hot')
  const subscriber = await openRedis('blocking')
  const webhooks = await listenForWebhooks()
  const sandbox = await startTestSandbox({ webhookUrl: webhooks.url, ...options.sandbox })
  const baseUrl = options.paymentUrl ?? sandbox.url
  const provider = createSandboxProvider({
    baseUrl,
    publicUrl: baseUrl,
    apiKey: testApiKey,
    webhookSecrets: [testWebhookSecret],
    timeoutMs: options.providerTimeoutMs ?? 5_000,
  })
  const world = await seedWorld(db)
  const told: Told[] = []
  const parts = { db, redis, log, told, world, bus: createBus(redis, subscriber, log) }
  const processes: ReturnType<typeof createSellingProcess>[] = []
  const newProcess = (
    wrap: (provider: PaymentProvider) => PaymentProvider = (one) => one,
    wrapDatabase: (database: Database) => Database = (one) => one,
  ) => {
    const made = createSellingProcess({ ...parts, db: wrapDatabase(db) }, wrap(provider))
    processes.push(made)
    return made
  }
  const main = newProcess()
  webhooks.handle(main)
  const sweepers: { close(): Promise<void> }[] = []
  return {
    ...main,
    ...createActors(db, main, sandbox, world),
    db,
    /** For whoever looks at the stores from outside. */
    databaseUrl: testDb.url,
    redisUrl: redisServer.url,
    redis,
    world,
    told,
    sandbox,
    provider,
    newProcess,
    webhooks,
    /** Sweeps as a worker process does, only more often. */
    startSweeping: (process: SellingProcess = main) => {
      const sweep = { name: 'checkout.mend', everyMs: 50, run: () => process.checkout.sweep() }
      const sweeper = startSweeper([sweep], log)
      sweepers.push(sweeper)
      return sweeper
    },
    /** The checkout once it is final, as its buyer sees it. */
    final: async ({ account }: { account: AccountActor }, checkoutId: Checkout['checkoutId']): Promise<Checkout> => {
      for (;;) {
        const checkout = await main.checkout.get(account, { checkoutId, waitMs: 25_000 })
        if (checkout.state === 'paid' || checkout.state === 'failed') return checkout
        if (checkout.state === 'needs_action') throw new Error('the checkout waits for its buyer')
      }
    },
    rows: <Row>(sql: string, values: unknown[] = []) => db.query<Row>(statementOf(sql), values),
    close: async () => {
      await Promise.all(sweepers.map((one) => one.close()))
      await webhooks.idle()
      await Promise.all(processes.map((one) => one.checkout.close()))
      await sandbox[Symbol.asyncDispose]()
      await webhooks.close()
      provider.close()
      for (const connection of connections) connection.disconnect()
      await db.close()
      await Promise.all([testDb.drop(), redisServer.drop()])
    },
  }
}

export type Shop = Awaited<ReturnType<typeof startShop>>

/** What one server process of ours would hold: its own services on the shared stores. */
function createSellingProcess(
  parts: {
    db: Database
    redis: Redis
    log: Logger
    told: Told[]
    world: World
    bus: ReturnType<typeof createBus>
  },
  provider: PaymentProvider,
) {
  const { db: database, redis, log, world, bus } = parts
  const teller = {
    toAccount: (accountId: AccountId, event: ToldEvent, data: unknown) =>
      void parts.told.push({ accountId, event: event.name, data }),
  }
  const inventory = createInventory({ database })
  const catalog = createCatalogService({
    store: createCatalogStore(database),
    availableUnits: inventory.availableUnits,
    brandById: async () => null,
  })
  const flashSales = createFlashSales({
    database,
    redis,
    inventory,
    catalog,
    teller,
    log,
    shows: { lock: async () => null, shelf: async () => [] },
    waitingRooms: waitingRoomOpening,
  })
  const ledger = createLedger({ platformFeeBasisPoints: 600 })
  const payments = createPaymentsService({ database, provider, ledger, log })
  const profiles = createProfilesStore(database)
  const showOf = async (showId: ShowId) =>
    showId === world.showId ? { creatorId: world.creatorId, state: 'live' as const } : null
  const coupons = createCoupons({
    database,
    shows: { byId: showOf, lock: (_tx, showId) => showOf(showId), shelf: async () => [world.productId] },
  })
  const checkout = createCheckoutService({
    database,
    redis,
    bus,
    teller,
    log,
    catalog,
    inventory,
    flashSales: flashSales.holds,
    coupons: coupons.redeeming,
    payments,
    addresses: { addressOf: async (accountId) => (await profiles.accountById(accountId))?.address ?? null },
    shows: {
      ownerOf: async (showId) =>
        showId === world.showId ? { creatorId: world.creatorId, accountId: world.creatorAccountId } : null,
    },
  })
  return { checkout, coupons, payments, ledger, flashSales, inventory, catalog }
}

export type SellingProcess = ReturnType<typeof createSellingProcess>

async function listenForWebhooks() {
  let target: SellingProcess | undefined
  let isHeld = false
  const running = new Set<Promise<void>>()
  const app = express()
  app.post('/webhooks', express.raw({ type: '*/*' }), (request, response, next) => {
    if (!target || isHeld) {
      response.status(503).end()
      return
    }
    const { payments, checkout } = target
    const told = (event: PaymentEvent) => {
      const work = checkout.paymentTold(event).finally(() => running.delete(work))
      running.add(work)
      return work
    }
    return paymentWebhook({ service: payments, told, log: pino({ level: 'silent' }) })(request, response, next)
  })
  const silent = pino({ level: 'silent' })
  app.use(
    (error: unknown, _request: Request, response: Response, _next: NextFunction) =>
      void sendProblem(response, error, silent),
  )
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    handle: (process: SellingProcess) => {
      target = process
    },
    /** While held, every delivery is answered 503 and the provider tries again. */
    hold: (held: boolean) => {
      isHeld = held
    },
    idle: async () => {
      await Promise.allSettled(running)
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
