import { afterAll, beforeAll, expect, it } from 'vitest'
import { buyerId, openShop, operationId, type Shop } from '../../src/modules/flash-sales/shop-for-tests.ts'
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts'
import { testDatabase, testRedis } from '../support/services.ts'

let wire: ChaosProxy
let shop: Shop
let stores: readonly { drop(): Promise<void> }[]

beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  const url = new URL(redis.url)
  wire = await startChaosProxy([Number(url.port)])
  url.port = String(wire.port)
  shop = await openShop({ databaseUrl: database.url, redisUrl: url.href })
})
afterAll(async () => {
  await shop.close()
  await wire[Symbol.asyncDispose]()
  for (const one of stores) await one.drop()
})

it('[FS1] makes one hold where the reply was cut and the buyer asks again', async () => {
  const sale = await shop.openSale(10)
  const request = { flashSaleId: sale.flashSaleId, units: 1, operationId: operationId() }
  const buyer = buyerId()
  const cut = wire.cutReply(request.operationId, '')
  await expect(shop.holds.reserve(request, buyer)).rejects.not.toMatchObject({ name: 'Refusal' })
  await cut
  await expect.poll(() => shop.redis.status).toBe('ready')
  const answer = await shop.holds.reserve(request, buyer)
  expect(answer).toMatchObject({ hold: { units: 1 }, remainingUnits: 9 })
  expect(await shop.holds.reserve(request, buyer)).toEqual(answer)
  expect(await shop.gate.figures(sale)).toMatchObject({ remainingUnits: 9 })
  expect(await shop.redis.xlen(shop.keysOf(sale.flashSaleId)[6] ?? '')).toBe(1)
})
