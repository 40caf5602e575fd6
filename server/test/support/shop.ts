import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type {
  AccountId,
  BrandId,
  CardId,
  Checkout,
  CheckoutItem,
  CreatorId,
  FlashSaleId,
  HoldId,
  OperationId,
  ProductId,
  ShowId,
  ToldEvent,
  VariantId,
} from '@livelot/client/contracts'
import express from 'express'
import { type Logger, pino } from 'pino'
import { createSandboxProvider } from '#infra/payments/sandbox-provider'
import { createDatabase, type Database, statement } from '#infra/postgres/pool'
import { startSweeper } from '#infra/queue/sweeper'
import { createBus } from '#infra/redis/bus'
import { createRedis, type Redis, whenReady } from '#infra/redis/client'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { createCheckoutService } from '#modules/checkout'
import { createFlashSales } from '#modules/flash-sales'
import { createInventory } from '#modules/inventory'
import { createLedger } from '#modules/ledger'
import { createPaymentsService, type PaymentEvent, type PaymentProvider } from '#modules/payments'
import type { SandboxConfig } from '../../sandbox/payments/config.ts'
import {
  type createSandboxClient,
  startTestSandbox,
  testApiKey,
  testWebhookSecret,
} from '../../sandbox/payments/testing/test-sandbox.ts'
import { createCatalogService } from '../../src/modules/catalog/service.ts'
import { createCatalogStore } from '../../src/modules/catalog/store.pg.ts'
import { paymentWebhook } from '../../src/modules/payments/http.ts'
import { createProfilesStore } from '../../src/modules/profiles/store.pg.ts'
import { testDatabase, testRedis } from './services.ts'

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

const address = {
  name: 'Ada Byron',
  line1: '12 Pine St',
  city: 'Austin',
  region: 'TX',
  postalCode: '73301',
  country: 'US',
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
    timeoutMs: options.providerTimeoutMs ?? 1_000,
  })
  const world = await seed(db)
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
    rows: <Row>(sql: string, values: unknown[] = []) => db.query<Row>(statement(`test.${hash(sql)}`, sql), values),
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
  })
  const ledger = createLedger({ platformFeeBasisPoints: 600 })
  const payments = createPaymentsService({ database, provider, ledger, log })
  const profiles = createProfilesStore(database)
  const checkout = createCheckoutService({
    database,
    redis,
    bus,
    teller,
    log,
    catalog,
    inventory,
    flashSales: flashSales.holds,
    payments,
    addresses: { addressOf: async (accountId) => (await profiles.accountById(accountId))?.address ?? null },
    shows: {
      ownerOf: async (showId) =>
        showId === world.showId ? { creatorId: world.creatorId, accountId: world.creatorAccountId } : null,
    },
  })
  return { checkout, payments, ledger, flashSales, inventory, catalog }
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

async function seed(db: Database) {
  const world = {
    brandId: newId<BrandId>(),
    productId: newId<ProductId>(),
    variantId: newId<VariantId>(),
    creatorAccountId: newId<AccountId>(),
    creatorId: newId<CreatorId>(),
    showId: newId<ShowId>(),
    priceMinor: 2_000,
  }
  await insertAccount(db, world.creatorAccountId, ['buyer', 'creator'])
  await run(db, 'INSERT INTO creators (id, account_id, handle, display_name) VALUES ($1, $2, $3, $4)', [
    world.creatorId,
    world.creatorAccountId,
    'mira',
    'Mira',
  ])
  await run(db, 'INSERT INTO brands (id, handle, name) VALUES ($1, $2, $3)', [world.brandId, 'kiln', 'Kiln & Co'])
  await run(db, 'INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, $3, $4, $5)', [
    world.productId,
    world.brandId,
    'Stoneware mug',
    'home',
    '/mug.webp',
  ])
  await run(
    db,
    `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
     VALUES ($1, $2, 'MUG-1', 'Sand', $3, 'USD', 400)`,
    [world.variantId, world.productId, world.priceMinor],
  )
  await createInventoryStock(db, world.variantId, 1_000)
  return world
}
type World = Awaited<ReturnType<typeof seed>>

const createInventoryStock = (db: Database, variantId: VariantId, units: number) =>
  db.transaction((tx) =>
    createInventory({ database: db }).receive(tx, { variantId, units, reference: `seed:${units}` }),
  )

const hash = (sql: string) => createHash('sha1').update(sql).digest('hex')
const run = (db: Database, sql: string, values: unknown[]) => db.query(statement(`test.${hash(sql)}`, sql), values)

async function insertAccount(db: Database, accountId: AccountId, roles: readonly string[]) {
  await run(
    db,
    `INSERT INTO accounts (id, email, password_hash, display_name, roles, address) VALUES ($1, $2, 'none', $3, $4, $5)`,
    [accountId, `${accountId}@shop.test`, 'Ada', roles, JSON.stringify(address)],
  )
}

function createActors(
  db: Database,
  { payments, checkout, flashSales }: SellingProcess,
  sandbox: ReturnType<typeof createSandboxClient>,
  world: World,
) {
  const newActor = async (roles: AccountActor['roles'] = ['buyer']): Promise<AccountActor> => {
    const accountId = newId<AccountId>()
    await insertAccount(db, accountId, roles)
    const brandIds = roles.includes('seller') ? [world.brandId] : []
    const expiresAtMs = Date.now() + 600_000
    const sessionId = newId()
    return { kind: 'account', accountId, sessionId, displayName: 'Ada', roles, creatorId: null, brandIds, expiresAtMs }
  }
  const saveCard = async (buyer: AccountActor, cardName = 'visa'): Promise<CardId> =>
    (await payments.saveCard(buyer.accountId, await sandbox.makeToken(cardName))).cardId

  const buyer = async (cardName = 'visa') => {
    const account = await newActor()
    return { account, cardId: await saveCard(account, cardName) }
  }
  const listItem = (units = 1): CheckoutItem => ({
    kind: 'variant',
    variantId: world.variantId,
    units,
    showId: world.showId,
  })
  /** Starts a checkout at the quoted price; nothing is advanced. */
  const start = async (
    by: { account: AccountActor; cardId: CardId },
    item: CheckoutItem = listItem(),
    operationId = newId<OperationId>(),
  ): Promise<Checkout> => {
    const { total } = await checkout.quote(by.account, { item })
    return await checkout.start(by.account, { item, cardId: by.cardId, expectedTotal: total, operationId })
  }
  const openSale = async (units: number, perBuyerLimit = 1): Promise<FlashSaleId> => {
    const flashSaleId = newId<FlashSaleId>()
    await run(
      db,
      `INSERT INTO flash_sales (id, show_id, creator_id, product_id, variant_id, product_name, variant_name, picture_url,
         price_minor, currency, total_units, per_buyer_limit, opens_at, closes_at, operation_id, request_hash)
       VALUES ($1, $2, $3, $4, $5, 'Stoneware mug', 'Sand', '/mug.webp', 1500, 'USD', $6, $7,
         now() - interval '1 second', now() + interval '20 minutes', $8, '')`,
      [
        flashSaleId,
        world.showId,
        world.creatorId,
        world.productId,
        world.variantId,
        units,
        perBuyerLimit,
        newId<OperationId>(),
      ],
    )
    const number =
      'INSERT INTO flash_sale_units (flash_sale_id, unit_no) SELECT $1, n FROM generate_series(1, $2::int) n'
    await run(db, number, [flashSaleId, units])
    await run(db, 'INSERT INTO flash_sale_log_cursors (flash_sale_id) VALUES ($1)', [flashSaleId])
    return flashSaleId
  }
  /** Holds units; the gate of a new sale is shut until somebody has rebuilt it. */
  const hold = async (account: AccountActor, flashSaleId: FlashSaleId, units = 1): Promise<CheckoutItem> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const request = { flashSaleId, units, operationId: newId<OperationId>() }
        const { hold: held } = await flashSales.holds.reserve(request, account.accountId)
        return { kind: 'hold', flashSaleId, holdId: held.holdId as HoldId }
      } catch (error) {
        if (attempt >= 100 || (error as { code?: string }).code !== 'flash_sale.gate_closed') throw error
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }
  return { newActor, saveCard, buyer, listItem, start, openSale, hold }
}
