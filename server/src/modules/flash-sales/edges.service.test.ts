import { afterAll, beforeAll, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { buyerId, openShop, operationId, type Shop } from './shop-for-tests.ts'

let shop: Shop
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await shop.close()
  for (const one of stores) await one.drop()
})

it('[FS15] gives the units of a sale back that was called off days before its start', async () => {
  const available = async () => (await shop.inventory.availableUnits([shop.variantId])).get(shop.variantId)
  const before = await available()
  const opensAtMs = Date.now() + 3 * 86_400_000
  const { flashSaleId } = await shop.service.create({ ...shop.saleRequest(7), opensAtMs }, shop.creator)
  expect(await available()).toBe((before ?? 0) - 7)
  expect(await shop.service.close(flashSaleId, shop.creator)).toMatchObject({ state: 'closed' })
  await shop
    .sweeps()
    .find((one) => one.name === 'flash-sales.repair')
    ?.run()
  expect(await available()).toBe(before)
})

it('[FS17] shows a hold as one of its own sale only, also while the gate is shut', async () => {
  const [sale, other] = [await shop.openSale(5), await shop.openSale(5)]
  const accountId = buyerId()
  const request = { flashSaleId: sale.flashSaleId, units: 1, operationId: operationId() }
  const { hold } = await shop.holds.reserve(request, accountId)
  for (const sweep of shop.sweeps()) if (sweep.name === 'flash-sales.copy-log') await sweep.run()
  for (const { flashSaleId } of [sale, other]) await shop.gate.shut({ showId: shop.showId, flashSaleId })
  expect(await shop.holds.peekHold({ ...hold, accountId })).toMatchObject({ holdId: hold.holdId, units: 1 })
  await expect(
    shop.holds.peekHold({ holdId: hold.holdId, flashSaleId: other.flashSaleId, accountId }),
  ).rejects.toMatchObject({ code: 'hold.not_found' })
})
