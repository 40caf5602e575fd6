import { createHash } from 'node:crypto'
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
  VariantId,
} from '@livelot/client/contracts'
import { type Database, statement } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { createInventory } from '#modules/inventory'
import type { createSandboxClient } from '../../sandbox/payments/testing/test-sandbox.ts'
import type { SellingProcess } from './shop.ts'

const address = {
  name: 'Ada Byron',
  line1: '12 Pine St',
  city: 'Austin',
  region: 'TX',
  postalCode: '73301',
  country: 'US',
}

/** One brand with one product in stock, and one creator with a show. */
export async function seedWorld(db: Database) {
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
export type World = Awaited<ReturnType<typeof seedWorld>>

const createInventoryStock = (db: Database, variantId: VariantId, units: number) =>
  db.transaction((tx) =>
    createInventory({ database: db }).receive(tx, { variantId, units, reference: `seed:${units}` }),
  )

/** Names a statement of a test by its text, as a prepared statement needs. */
export const statementOf = (sql: string) => statement(`test.${hash(sql)}`, sql)
const hash = (sql: string) => createHash('sha1').update(sql).digest('hex')
const run = (db: Database, sql: string, values: unknown[]) => db.query(statementOf(sql), values)

async function insertAccount(db: Database, accountId: AccountId, roles: readonly string[]) {
  await run(
    db,
    `INSERT INTO accounts (id, email, password_hash, display_name, roles, address) VALUES ($1, $2, 'none', $3, $4, $5)`,
    [accountId, `${accountId}@shop.test`, 'Ada', roles, JSON.stringify(address)],
  )
}

/** People who buy and sell. */
export function createActors(
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
