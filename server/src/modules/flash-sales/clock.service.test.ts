import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, type TestRedis, testDatabase, testRedis } from '../../../test/support/services.ts'
import { buyerId, openShop, operationId, type Shop } from './shop-for-tests.ts'
import { createGate } from './store.redis.ts'

let shop: Shop
let redis: TestRedis
let database: TestDatabase
beforeAll(async () => {
  ;[database, redis] = await Promise.all([testDatabase(), testRedis()])
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await shop.close()
  await Promise.all([database.drop(), redis.drop()])
})

it('[FS19] closes no sale and ends no hold while the clock is off, and does both when it is right', async () => {
  const sale = await shop.openSale(3)
  const at = { showId: shop.showId, flashSaleId: sale.flashSaleId }
  const mine = { flashSaleId: sale.flashSaleId, units: 1, operationId: operationId() }
  const { hold } = await shop.holds.reserve(mine, buyerId())
  await shop.runOut(sale.flashSaleId, hold.holdId)
  const closesAtMs = Date.now() - 1
  for (const offMs of [3_600_000, -600_000, 3_000]) {
    const gate = createGate(shop.redis, { nowMs: () => Date.now() + offMs })
    expect(await gate.tick(at, closesAtMs)).toEqual(['gate_closed'])
  }
  expect(await shop.gate.figures(at)).toEqual({ state: 'open', remainingUnits: 2, soldUnits: 0 })
  const gate = createGate(shop.redis, { nowMs: () => Date.now() + 1_000 })
  expect((await gate.tick(at, closesAtMs))[0]).toBe('ticked')
  expect(await shop.gate.figures(at)).toEqual({ state: 'closed', remainingUnits: 3, soldUnits: 0 })
})
