import type { FlashSaleId, VariantId } from '@livelot/client/contracts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDatabase, type Database } from '#infra/postgres/pool'
import { newId } from '#kernel/ids'
import { type TestDatabase, testDatabase } from '../../../test/support/services.ts'
import { createInventory, type Inventory } from './service.ts'

let file: TestDatabase
let database: Database
let inventory: Inventory
const run = <Row>(sql: string, values: readonly unknown[] = []) => database.query<Row>({ name: '', text: sql }, values)

beforeAll(async () => {
  file = await testDatabase()
  const log = pino({ level: 'silent' })
  database = createDatabase({ url: file.url, poolSizeMax: 16, applicationName: 'test', log })
  inventory = createInventory({ database })
})
afterAll(async () => {
  await database.close()
  await file.drop()
})

async function variantWith(units: number): Promise<VariantId> {
  const variantId = newId<VariantId>()
  await run('INSERT INTO brands (id, handle, name) VALUES ($1, $1::uuid::text, $1::uuid::text)', [variantId])
  await run(`INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $1, 'Cup', 'home', '/p')`, [
    variantId,
  ])
  await run(
    `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
     VALUES ($1, $1, $1::uuid::text, 'Blue', 5000, 'USD', 400)`,
    [variantId],
  )
  const delivery = { variantId, units, reference: `delivery:${variantId}` }
  await database.transaction((tx) => inventory.receive(tx, delivery))
  await database.transaction((tx) => inventory.receive(tx, delivery))
  return variantId
}

const levels = async (variantId: VariantId) =>
  (await run('SELECT available, held, sold FROM stock_levels WHERE variant_id = $1', [variantId]))[0]

/** The sums of the movements, and the sum of what came in. */
const sums = async (variantId: VariantId) =>
  (
    await run(
      `SELECT sum(available_change)::int AS available, sum(held_change)::int AS held, sum(sold_change)::int AS sold
       FROM stock_movements WHERE variant_id = $1`,
      [variantId],
    )
  )[0]

const claim = (variantId: VariantId, reference: string, units = 1) =>
  database.transaction((tx) => inventory.claimStock(tx, { variantId, units, reference }))

it('[IN1] gives the last unit to exactly one of many claims', async () => {
  const variantId = await variantWith(1)
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => claim(variantId, `checkout:${variantId}:${i}`)),
  )
  expect(answers.filter((taken) => taken)).toHaveLength(1)
  expect(await levels(variantId)).toEqual({ available: 0, held: 1, sold: 0 })
  expect(await claim(variantId, newId(), 2)).toBe(false)
})

it('[IN2] claims, lends and receives once for each reference', async () => {
  const variantId = await variantWith(10)
  const flashSaleId = newId<FlashSaleId>()
  const reference = newId()
  expect([await claim(variantId, reference, 3), await claim(variantId, reference, 3)]).toEqual([true, true])
  const lend = () => database.transaction((tx) => inventory.allocateToSale(tx, { flashSaleId, variantId, units: 5 }))
  expect([await lend(), await lend()]).toEqual([true, true])
  expect(await levels(variantId)).toEqual({ available: 2, held: 8, sold: 0 })
  const tooMuch = { flashSaleId: newId<FlashSaleId>(), variantId, units: 3 }
  expect(await database.transaction((tx) => inventory.allocateToSale(tx, tooMuch))).toBe(false)
  expect(await inventory.availableUnits([variantId, newId<VariantId>()])).toEqual(new Map([[variantId, 2]]))
})

it('[IN3] ends a claim once: given back or sold', async () => {
  const variantId = await variantWith(5)
  const [sold, back] = [newId(), newId()]
  await claim(variantId, sold, 2)
  await claim(variantId, back, 1)
  for (let i = 0; i < 2; i += 1) {
    await database.transaction((tx) => inventory.settleStock(tx, sold))
    await database.transaction((tx) => inventory.releaseStock(tx, sold))
    await database.transaction((tx) => inventory.releaseStock(tx, back))
    await database.transaction((tx) => inventory.settleStock(tx, back))
  }
  expect(await levels(variantId)).toEqual({ available: 3, held: 0, sold: 2 })
})

it('[IN4] keeps levels equal to the sums of movements that nobody can change', async () => {
  const variantId = await variantWith(20)
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const reference = `${variantId}:${i}`
      if (!(await claim(variantId, reference))) return
      await database.transaction((tx) =>
        i % 2 === 0 ? inventory.settleStock(tx, reference) : inventory.releaseStock(tx, reference),
      )
    }),
  )
  const now = await levels(variantId)
  expect(await sums(variantId)).toEqual(now)
  await expect(run('UPDATE stock_movements SET held_change = 9')).rejects.toThrow('never changed')
  await expect(run('DELETE FROM stock_movements')).rejects.toThrow('never changed')
  await expect(run('UPDATE stock_levels SET available = -1 WHERE variant_id = $1', [variantId])).rejects.toMatchObject({
    constraint: 'stock_levels_available_not_negative',
  })
})

it('[IN5] takes a loan back in one movement: sold units are sold, the rest is available', async () => {
  const variantId = await variantWith(10)
  const flashSaleId = newId<FlashSaleId>()
  await database.transaction((tx) => inventory.allocateToSale(tx, { flashSaleId, variantId, units: 6 }))
  await database.transaction((tx) => inventory.returnFromSale(tx, { flashSaleId, soldUnits: 4 }))
  await database.transaction((tx) => inventory.returnFromSale(tx, { flashSaleId, soldUnits: 4 }))
  expect(await levels(variantId)).toEqual({ available: 6, held: 0, sold: 4 })
  expect(await sums(variantId)).toEqual({ available: 6, held: 0, sold: 4 })
})
