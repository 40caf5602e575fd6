import type { Hold } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buyerId, checkoutId, openShop, operationId, type Shop } from '../../src/modules/flash-sales/shop-for-tests.ts'
import { testDatabase, testRedis } from '../support/services.ts'

let shop: Shop
let other: Awaited<ReturnType<Shop['anotherProcess']>>
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
  other = await shop.anotherProcess()
})
afterAll(async () => {
  await Promise.all([shop.close(), other.close()])
  for (const one of stores) await one.drop()
})

/** Every other call through the other process. */
const holdsOf = (index: number) => (index % 2 === 0 ? shop : other).holds
const codesOf = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []))
const valuesOf = <T>(results: readonly PromiseSettledResult<T>[]) =>
  results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))

it('[FS1] gives the last unit to exactly one of 200 buyers', async () => {
  for (let round = 0; round < 3; round += 1) {
    const { flashSaleId } = await shop.openSale(1)
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) =>
        holdsOf(i).reserve({ flashSaleId, units: 1, operationId: operationId() }, buyerId()),
      ),
    )
    expect(valuesOf(results)).toHaveLength(1)
    expect(codesOf(results)).toEqual(Array.from({ length: 199 }, () => 'flash_sale.sold_out'))
  }
})

it('[FS1] makes one hold of one operation id sent 20 times at once, with equal answers', async () => {
  const { flashSaleId } = await shop.openSale(50, 5)
  const request = { flashSaleId, units: 2, operationId: operationId() }
  const buyer = buyerId()
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => holdsOf(i).reserve(request, buyer)))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]?.remainingUnits).toBe(48)
  expect(await shop.service.get(flashSaleId)).toMatchObject({ remainingUnits: 48 })
})

it('[FS1] keeps one buyer within the limit, however fast the taps', async () => {
  const { flashSaleId } = await shop.openSale(100, 3)
  const buyer = buyerId()
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) =>
      holdsOf(i).reserve({ flashSaleId, units: 1, operationId: operationId() }, buyer),
    ),
  )
  expect(valuesOf(results)).toHaveLength(3)
  expect(codesOf(results)).toEqual(Array.from({ length: 57 }, () => 'flash_sale.limit_reached'))
})

const claim = (index: number, hold: Hold, accountId: ReturnType<typeof buyerId>) =>
  (index % 2 === 0 ? shop : other).database.transaction((tx) =>
    holdsOf(index).claimHold(tx, { ...hold, accountId, checkoutId: checkoutId() }),
  )

it('[FS11] claims every admitted hold, each once, when all are claimed twice at once', async () => {
  const { flashSaleId } = await shop.openSale(60)
  const held = await Promise.all(
    Array.from({ length: 60 }, async (_, i) => {
      const accountId = buyerId()
      const { hold } = await holdsOf(i).reserve({ flashSaleId, units: 1, operationId: operationId() }, accountId)
      return { hold, accountId }
    }),
  )
  const answers = await Promise.all(
    held.flatMap(({ hold, accountId }) => [claim(0, hold, accountId), claim(1, hold, accountId)]),
  )
  // The second claim finds the hold taken, or, when it is fast, no unit free.
  const claimedOf = held.map((_, i) => answers.slice(2 * i, 2 * i + 2).filter((answer) => answer === 'claimed').length)
  expect(claimedOf).toEqual(held.map(() => 1))
  const [units] = await shop.run(
    'SELECT count(DISTINCT hold_id)::int AS holds, count(*)::int AS units FROM flash_sale_units WHERE flash_sale_id = $1',
    [flashSaleId],
  )
  expect(units).toEqual({ holds: 60, units: 60 })
})

it('[FS16] ends or claims a hold whose time is over, never both, and the gate agrees', async () => {
  const { flashSaleId } = await shop.openSale(40)
  const sweeps = [shop, other].map((one) => new Map(one.sweeps().map((sweep) => [sweep.name, sweep])))
  const held = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const accountId = buyerId()
      const { hold } = await shop.holds.reserve({ flashSaleId, units: 1, operationId: operationId() }, accountId)
      await shop.holds.beginPayment({ ...hold, accountId })
      await shop.runOut(flashSaleId, hold.holdId)
      return { hold, accountId }
    }),
  )
  const [answers] = await Promise.all([
    Promise.all(held.map(({ hold, accountId }, i) => claim(i, hold, accountId))),
    ...sweeps.map((one) => one.get('flash-sales.tick')?.run()),
  ])
  const claimed = answers.filter((answer) => answer === 'claimed').length
  expect(answers.filter((answer) => answer !== 'claimed' && answer !== 'expired')).toEqual([])
  await sweeps[0]?.get('flash-sales.repair')?.run()
  const states = await shop.run<{ state: string; holds: number }>(
    'SELECT state, count(*)::int AS holds FROM holds WHERE flash_sale_id = $1 GROUP BY state',
    [flashSaleId],
  )
  const count = (state: string) => states.find((row) => row.state === state)?.holds ?? 0
  expect([count('claimed'), count('expired')]).toEqual([claimed, 40 - claimed])
  expect(await shop.service.get(flashSaleId)).toMatchObject({ remainingUnits: 40 - claimed, soldUnits: 0 })
})
