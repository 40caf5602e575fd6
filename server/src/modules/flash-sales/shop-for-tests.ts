import { createHash, randomBytes } from 'node:crypto'
import type {
  AccountId,
  BrandId,
  CheckoutId,
  CreatorId,
  FlashSaleId,
  OperationId,
  ProductId,
  ShowId,
  VariantId,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import { createDatabase, statement } from '#infra/postgres/pool'
import { createRedis, serverRunId, whenReady } from '#infra/redis/client'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { createInventory } from '#modules/inventory'
import { showFeedKey, showStateKey } from '#modules/live'
import { createFlashSales } from './flash-sales.ts'
import { gateKeys } from './keys.ts'
import type { SaleCatalog, SaleShows, WaitingRooms } from './service.ts'
import { createGate } from './store.redis.ts'

export interface ToldOffer {
  readonly accountId: AccountId
  readonly event: string
  readonly data: unknown
}

export const log = pino({ level: 'silent' })
export const operationId = () => newId<OperationId>()
export const buyerId = () => newId<AccountId>()
export const checkoutId = () => newId<CheckoutId>()

/** One creator with a live show and one product of ten thousand units, on real servers. For tests only. */
export async function openShop(urls: { readonly databaseUrl: string; readonly redisUrl: string }) {
  const database = createDatabase({ url: urls.databaseUrl, poolSizeMax: 12, applicationName: 'test', log })
  const redis = createRedis(urls.redisUrl, { use: 'hot', name: 'test', log })
  await whenReady(redis, 10_000)
  const run = <Row>(sql: string, values: readonly unknown[] = []) =>
    database.query<Row>({ name: '', text: sql }, values)
  const ids = {
    accountId: newId<AccountId>(),
    creatorId: newId<CreatorId>(),
    brandId: newId<BrandId>(),
    productId: newId<ProductId>(),
    variantId: newId<VariantId>(),
    showId: newId<ShowId>(),
  }
  const inventory = createInventory({ database })
  const told: ToldOffer[] = []
  const parts = {
    inventory,
    shows: showsBySql,
    catalog: catalogFor(ids, async () => 4_000),
    waitingRooms: roomsBySql,
    teller: {
      toAccount: (accountId: AccountId, event: { readonly name: string }, data: unknown) =>
        void told.push({ accountId, event: event.name, data }),
    },
    log,
  }
  const flashSales = createFlashSales({ database, redis, ...parts })
  await database.transaction(async (tx) => {
    const insert = (sql: string, values: readonly unknown[]) => tx.query({ name: '', text: sql }, values)
    await insert(`INSERT INTO accounts (id, email, password_hash, display_name) VALUES ($1, $2, '', 'Mara')`, [
      ids.accountId,
      `${ids.accountId}@example.com`,
    ])
    const { creatorId, brandId, productId, variantId, showId } = ids
    await insert(`INSERT INTO creators (id, account_id, handle, display_name) VALUES ($1, $2, $3, 'Mara')`, [
      creatorId,
      ids.accountId,
      creatorId,
    ])
    await insert(`INSERT INTO brands (id, handle, name) VALUES ($1, $1::uuid::text, 'Kiln')`, [brandId])
    await insert(
      `INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, 'Cup', 'home', '/p')`,
      [productId, brandId],
    )
    await insert(
      `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
       VALUES ($1, $2, $1::uuid::text, 'Blue', 5000, 'USD', 400)`,
      [variantId, productId],
    )
    await insert(
      `INSERT INTO shows (id, creator_id, title, starts_at, operation_id, request_hash) VALUES ($1, $2, 'Cups', now(), $1, '')`,
      [showId, creatorId],
    )
    await insert('INSERT INTO show_products (show_id, product_id, position) VALUES ($1, $2, 1)', [showId, productId])
    await inventory.receive(tx, { variantId, units: 10_000, reference: `delivery:${variantId}` })
  })
  const creator: AccountActor = {
    kind: 'account',
    accountId: ids.accountId,
    sessionId: 'session',
    displayName: 'Mara',
    roles: ['buyer', 'creator'],
    creatorId: ids.creatorId,
    brandIds: [],
    expiresAtMs: Number.MAX_SAFE_INTEGER,
  }
  const saleRequest = (totalUnits: number, perBuyerLimit = 1) => ({
    showId: ids.showId,
    variantId: ids.variantId,
    salePriceMinor: 3_000,
    totalUnits,
    perBuyerLimit,
    countdownSeconds: 10,
    runSeconds: 600,
    waitingRoom: false,
    operationId: operationId(),
  })
  const keysOf = (flashSaleId: FlashSaleId) => gateKeys(ids.showId, flashSaleId)
  const gateKey = (flashSaleId: FlashSaleId) => keysOf(flashSaleId)[0] as string

  /** Deadlines are moved, not clocks: Redis' own time decides all the same. */
  const moveTimes = async (flashSaleId: FlashSaleId, opensInMs: number, closesInMs: number) => {
    const now = Date.now()
    await run(
      `UPDATE flash_sales SET opens_at = to_timestamp($2::bigint / 1000.0), closes_at = to_timestamp($3::bigint / 1000.0) WHERE id = $1`,
      [flashSaleId, now + opensInMs, now + closesInMs],
    )
    await redis.hset(gateKey(flashSaleId), 'opens_at_ms', now + opensInMs, 'closes_at_ms', now + closesInMs)
  }
  return {
    ...ids,
    database,
    redis,
    inventory,
    ...flashSales,
    gate: createGate(redis),
    told,
    creator,
    run,
    saleRequest,
    keysOf,
    moveTimes,

    /** The same module on connections of its own, as another process has it. */
    anotherProcess: async () => {
      const ownDatabase = createDatabase({ url: urls.databaseUrl, poolSizeMax: 12, applicationName: 'test', log })
      const ownRedis = createRedis(urls.redisUrl, { use: 'hot', name: 'test', log })
      await whenReady(ownRedis, 10_000)
      return {
        ...createFlashSales({ database: ownDatabase, redis: ownRedis, ...parts }),
        database: ownDatabase,
        close: async () => {
          ownRedis.disconnect()
          await ownDatabase.close()
        },
      }
    },

    /** A sale that is open now. */
    openSale: async (totalUnits: number, perBuyerLimit = 1) => {
      const sale = await flashSales.service.create(saleRequest(totalUnits, perBuyerLimit), creator)
      await moveTimes(sale.flashSaleId, -1_000, 600_000)
      return sale
    },

    /** Lets the time of a hold be over in the gate, now or in a while. */
    runOut: async (flashSaleId: FlashSaleId, holdId: string, inMs = -1) => {
      const [, holds = '', due = ''] = keysOf(flashSaleId)
      const text = await redis.hget(holds, holdId)
      const parts = (text ?? '').split('|')
      parts[3] = String(Date.now() + inMs)
      await redis.hset(holds, holdId, parts.join('|'))
      await redis.zadd(due, Date.now() + inMs, holdId)
    },

    /** As runOut, for holds whose end Postgres decides, and safe beside buyers who use the gate. */
    makeDue: async (flashSaleId: FlashSaleId, holdIds: readonly string[]) => {
      const due = keysOf(flashSaleId)[2] as string
      for (const holdId of holdIds) await redis.zadd(due, 'XX', Date.now() - 1, holdId)
    },

    /** The show has a state, as when viewers are in its room. */
    showState: async () => {
      await redis.hset(showStateKey(ids.showId), 'epoch', 'e1', 'run', serverRunId(redis) ?? '', 'seq', '0')
    },
    feed: async () => {
      const entries = await redis.xrange(showFeedKey(ids.showId), '-', '+')
      return entries.map(([, flat]) => ({ type: flat[3], data: JSON.parse(flat[7] ?? '') as Record<string, unknown> }))
    },
    feedKey: showFeedKey(ids.showId),
    showFields: () => redis.hgetall(showStateKey(ids.showId)),

    close: async () => {
      redis.disconnect()
      await database.close()
    },
  }
}

export type Shop = Awaited<ReturnType<typeof openShop>>

export const roomsBySql: WaitingRooms = {
  draw: () => {
    const seed = randomBytes(32)
    return { seed, seedCommitment: createHash('sha256').update(seed).digest('hex') }
  },
  open: async (tx, flashSaleId, seed) => {
    const insert = 'INSERT INTO waiting_rooms (flash_sale_id, seed) VALUES ($1, $2)'
    await tx.query(statement('test.open_waiting_room', insert), [flashSaleId, seed])
  },
}

export const showsBySql: SaleShows = {
  lock: async (tx, showId) => {
    const rows = await tx.query<{ creatorId: CreatorId; state: 'scheduled' | 'live' | 'ended' }>(
      statement('test.lock_show', 'SELECT creator_id AS "creatorId", state FROM shows WHERE id = $1 FOR NO KEY UPDATE'),
      [showId],
    )
    return rows[0] ?? null
  },
  shelf: async (tx, showId) => {
    const rows = await tx.query<{ productId: ProductId }>(
      statement('test.shelf', 'SELECT product_id AS "productId" FROM show_products WHERE show_id = $1'),
      [showId],
    )
    return rows.map((row) => row.productId)
  },
}

function catalogFor(
  { brandId, productId, variantId }: { brandId: BrandId; productId: ProductId; variantId: VariantId },
  lowestPriceOfDays: SaleCatalog['lowestPriceOfDays'],
): SaleCatalog {
  return {
    variant: async () => ({
      variantId,
      productId,
      brandId,
      sku: variantId,
      productName: 'Cup',
      variantName: 'Blue',
      brandName: 'Kiln',
      pictureUrl: '/p',
      priceMinor: 5_000,
      currency: 'USD',
      weightGrams: 400,
    }),
    lowestPriceOfDays,
  }
}
