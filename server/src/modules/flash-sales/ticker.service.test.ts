import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSweeper } from '#infra/queue/sweeper'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { buyerId, log, openShop, operationId, type Shop } from './shop-for-tests.ts'

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

/** Moments at which the show was told of opening and closing. */
const told = async () => {
  const entries = await shop.redis.xrange(shop.feedKey, '-', '+')
  return entries.map(([, flat]) => ({ type: flat[3], atMs: Number(flat[9]) }))
}

it('[FS19] opens and closes on time, and ends a hold on time, whichever worker is left', {
  timeout: 60_000,
}, async () => {
  await shop.showState()
  const sale = await shop.service.create(shop.saleRequest(1), shop.creator)
  const other = await shop.anotherProcess()
  const workers = [startSweeper(shop.sweeps(), log), startSweeper(other.sweeps(), log)]
  const openedAtMs = Date.now() + 1_500
  await shop.moveTimes(sale.flashSaleId, 1_500, 6_000)
  await expect.poll(told, { timeout: 5_000 }).toEqual([{ type: 'flash-sale:opened', atMs: expect.any(Number) }])
  await workers[0]?.close()
  const holder = buyerId()
  const { hold } = await shop.holds.reserve(
    { flashSaleId: sale.flashSaleId, units: 1, operationId: operationId() },
    holder,
  )
  const dueAtMs = Date.now() + 1_000
  await shop.runOut(sale.flashSaleId, hold.holdId, 1_000)
  await expect.poll(told, { timeout: 10_000 }).toHaveLength(4)
  const [opened, held, ended, closed] = await told()
  expect([opened, held, ended, closed].map((one) => one?.type)).toEqual([
    'flash-sale:opened',
    'flash-sale:stock-changed',
    'flash-sale:stock-changed',
    'flash-sale:closed',
  ])
  // The sweeps look every 100 ms; a busy machine may add as much again. The moved deadlines are seen within a second.
  const late = [
    (opened?.atMs ?? 0) - openedAtMs,
    (ended?.atMs ?? 0) - dueAtMs,
    (closed?.atMs ?? 0) - openedAtMs - 4_500,
  ]
  for (const ms of late) expect(ms).toBeLessThan(250)
  for (const ms of late) expect(ms).toBeGreaterThanOrEqual(-10)
  await workers[1]?.close()
  await other.close()
})
