import type { FlashSaleId, HoldId } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { buyerId, checkoutId, openShop, type Shop } from '../../src/modules/flash-sales/shop-for-tests.ts'
import { testDatabase, testRedis } from '../support/services.ts'

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

/** A claim of somebody else that is under way: its unit is locked until it ends. */
async function otherClaim(flashSaleId: FlashSaleId, unitNo: number) {
  const end = Promise.withResolvers<'taken' | 'free'>()
  const locked = Promise.withResolvers<void>()
  const done = shop.database.transaction(async (tx) => {
    const run = (text: string) => tx.query({ name: '', text }, [flashSaleId, unitNo])
    await run('SELECT 1 FROM flash_sale_units WHERE flash_sale_id = $1 AND unit_no = $2 FOR UPDATE')
    locked.resolve()
    if ((await end.promise) === 'taken')
      await run('UPDATE flash_sale_units SET hold_id = gen_random_uuid() WHERE flash_sale_id = $1 AND unit_no = $2')
  })
  await locked.promise
  return async (how: 'taken' | 'free') => {
    end.resolve(how)
    await done
  }
}

it('[FS11] never lets claims of several units wait for each other in a ring', async () => {
  const { flashSaleId } = await shop.openSale(3, 2)
  const answers: string[] = []
  const claimTwo = async () => {
    const claim = { holdId: newId<HoldId>(), flashSaleId, accountId: buyerId(), units: 2, checkoutId: checkoutId() }
    answers.push(await shop.database.transaction((tx) => shop.holds.claimHold(tx, claim)))
  }
  const waiting = async () => {
    const [row] = await shop.run<{ waiting: number }>(
      `SELECT count(*) AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return row?.waiting ?? 0
  }
  const endOfFirst = await otherClaim(flashSaleId, 1)
  const endOfThird = await otherClaim(flashSaleId, 3)
  const one = claimTwo()
  await expect.poll(waiting).toBe(1)
  await endOfThird('free')
  const two = claimTwo()
  await expect.poll(async () => answers.length + (await waiting())).toBe(2)
  await endOfFirst('taken')
  await Promise.all([one, two])
  expect(answers.sort()).toEqual(['claimed', 'sold_out'])
})
