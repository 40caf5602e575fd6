import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { buyerId, openShop, operationId, type Shop } from './shop-for-tests.ts'

let shop: Shop
let databases: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  databases = [database, redis]
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
})
beforeEach(() => void shop.told.splice(0))
afterAll(async () => {
  await shop.close()
  for (const one of databases) await one.drop()
})

const figures = async (sale: Parameters<Shop['gate']['figures']>[0]) => await shop.gate.figures(sale)

it('[FS1] answers a reservation in the order of precedence, and writes nothing when it refuses', async () => {
  const sale = await shop.service.create(shop.saleRequest(3, 2), shop.creator)
  const [buyer, other, late] = [buyerId(), buyerId(), buyerId()]
  const first = operationId()
  expect(await shop.gate.reserve(sale, buyer, first, 1)).toEqual(['not_open', sale.opensAtMs])
  await shop.moveTimes(sale.flashSaleId, -1_000, 600_000)
  const held = await shop.gate.reserve(sale, buyer, first, 1)
  expect(held).toEqual(['held', expect.stringMatching(/^[0-9a-f-]{36}$/), 1, expect.any(Number), 2])
  if (held[0] !== 'held') throw new Error('unreachable')
  expect(await shop.gate.reserve(sale, buyer, first, 1)).toEqual(['repeated', held[1], 1, held[3], 2, 'live'])
  expect(await shop.gate.reserve(sale, buyer, first, 2)).toEqual(['key_reused'])
  expect(await shop.gate.reserve(sale, buyer, operationId(), 2)).toEqual(['limit_reached', 1])
  expect(await shop.gate.reserve(sale, other, operationId(), 2)).toEqual([
    'held',
    expect.any(String),
    2,
    expect.any(Number),
    0,
  ])
  expect(await shop.gate.reserve(sale, buyer, operationId(), 2)).toEqual(['limit_reached', 1])
  expect(await shop.gate.reserve(sale, late, operationId(), 1)).toEqual(['sold_out', 0])
  expect(await figures(sale)).toEqual({ state: 'open', remainingUnits: 0, soldUnits: 0 })
  await shop.moveTimes(sale.flashSaleId, -2_000, -1)
  expect(await shop.gate.reserve(sale, buyer, first, 1)).toEqual(['repeated', held[1], 1, held[3], 2, 'live'])
  expect(await shop.gate.reserve(sale, buyer, operationId(), 2)).toEqual(['closed'])
  await shop.gate.shut(sale)
  expect(await shop.gate.reserve(sale, buyer, first, 1)).toEqual(['gate_closed'])
  expect(await shop.redis.xlen(shop.keysOf(sale.flashSaleId)[6] ?? '')).toBe(2)
})

it('[FS2] begins payment: extends once, answers the same again, and refuses strangers and ended holds', async () => {
  const sale = await shop.openSale(2)
  const buyer = buyerId()
  const held = await shop.gate.reserve(sale, buyer, operationId(), 1)
  if (held[0] !== 'held') throw new Error('unreachable')
  const [, holdId, , expiresAtMs] = held
  expect(await shop.gate.beginPayment(sale, buyerId(), holdId)).toEqual(['not_found'])
  const extended = ['paying', 1, expiresAtMs + 180_000]
  expect(await shop.gate.beginPayment(sale, buyer, holdId)).toEqual(extended)
  expect(await shop.gate.beginPayment(sale, buyer, holdId)).toEqual(extended)
  await shop.runOut(sale.flashSaleId, holdId)
  expect(await shop.gate.beginPayment(sale, buyer, holdId)).toEqual(['expired'])
  const unpaid = await shop.gate.reserve(sale, buyerId(), operationId(), 1)
  expect(unpaid[0]).toBe('held')
  expect(await shop.gate.beginPayment(sale, buyer, buyerId() as never)).toEqual(['not_found'])
  await shop.gate.shut(sale)
  expect(await shop.gate.beginPayment(sale, buyer, holdId)).toEqual(['gate_closed'])
})

it('[FS3] gives a hold back: the unit is free, the operation id is spent', async () => {
  const sale = await shop.openSale(1)
  const buyer = buyerId()
  const operation = operationId()
  const held = await shop.gate.reserve(sale, buyer, operation, 1)
  if (held[0] !== 'held') throw new Error('unreachable')
  expect(await shop.gate.release(sale, buyerId(), held[1])).toEqual(['not_found'])
  expect(await shop.gate.release(sale, buyer, held[1])).toEqual(['released', []])
  expect(await shop.gate.release(sale, buyer, held[1])).toEqual(['ended', 'released'])
  // That it has ended is not told to strangers either.
  expect(await shop.gate.release(sale, buyerId(), held[1])).toEqual(['not_found'])
  expect(await shop.gate.beginPayment(sale, buyerId(), held[1])).toEqual(['not_found'])
  expect(await figures(sale)).toEqual({ state: 'open', remainingUnits: 1, soldUnits: 0 })
  expect(await shop.gate.reserve(sale, buyer, operation, 1)).toEqual(['repeated', held[1], 1, held[3], 0, 'released'])
  const again = await shop.gate.reserve(sale, buyer, operationId(), 1)
  if (again[0] !== 'held') throw new Error('unreachable')
  await shop.gate.beginPayment(sale, buyer, again[1])
  expect(await shop.gate.release(sale, buyer, again[1])).toEqual(['ask'])
})

it('[FS4] offers units that come back in the order of the line, and to nobody who has reached the limit', async () => {
  const sale = await shop.openSale(2)
  const [a, b, c, d] = [buyerId(), buyerId(), buyerId(), buyerId()]
  const held = await shop.gate.reserve(sale, a, operationId(), 1)
  await shop.gate.reserve(sale, b, operationId(), 1)
  if (held[0] !== 'held') throw new Error('unreachable')
  const operation = operationId()
  expect(await shop.gate.joinWaitlist(sale, a, operationId())).toEqual(['limit_reached'])
  expect(await shop.gate.joinWaitlist(sale, c, operation)).toEqual(['joined', 1, []])
  expect(await shop.gate.joinWaitlist(sale, c, operation)).toEqual(['repeated', 1])
  expect(await shop.gate.joinWaitlist(sale, c, operationId())).toEqual(['joined', 1, []])
  expect(await shop.gate.joinWaitlist(sale, d, operationId())).toEqual(['joined', 2, []])
  await shop.runOut(sale.flashSaleId, held[1])
  const ticked = await shop.gate.tick(sale, sale.closesAtMs)
  expect(ticked.slice(6)).toEqual([[], [{ accountId: c, holdId: expect.any(String), expiresAtMs: expect.any(Number) }]])
  expect(await shop.gate.joinWaitlist(sale, c, operation)).toEqual(['repeated', 1])
  expect(await shop.gate.reserve(sale, buyerId(), operationId(), 1)).toEqual(['sold_out', 0])
})

it('[FS4] makes the offer at once where a unit is free', async () => {
  const sale = await shop.openSale(1)
  const buyer = buyerId()
  const joined = await shop.gate.joinWaitlist(sale, buyer, operationId())
  expect(joined).toEqual([
    'joined',
    1,
    [{ accountId: buyer, holdId: expect.any(String), expiresAtMs: expect.any(Number) }],
  ])
  await shop.moveTimes(sale.flashSaleId, -2_000, -1)
  expect(await shop.gate.joinWaitlist(sale, buyer, operationId())).toEqual(['closed'])
  const later = await shop.service.create(shop.saleRequest(1), shop.creator)
  expect(await shop.gate.joinWaitlist(later, buyer, operationId())).toEqual(['not_open', later.opensAtMs])
  await shop.gate.shut(later)
  expect(await shop.gate.joinWaitlist(later, buyer, operationId())).toEqual(['gate_closed'])
})

it('[FS5] ends unpaid holds by its own time and reports those whose payment began', async () => {
  const sale = await shop.openSale(3)
  const [a, b] = [buyerId(), buyerId()]
  const unpaid = await shop.gate.reserve(sale, a, operationId(), 1)
  const paying = await shop.gate.reserve(sale, b, operationId(), 1)
  if (unpaid[0] !== 'held' || paying[0] !== 'held') throw new Error('unreachable')
  await shop.gate.beginPayment(sale, b, paying[1])
  await shop.runOut(sale.flashSaleId, unpaid[1])
  await shop.runOut(sale.flashSaleId, paying[1])
  const ticked = await shop.gate.tick(sale, sale.closesAtMs)
  expect(ticked.slice(0, 4)).toEqual(['ticked', 'open', 4, 1])
  expect(ticked[6]).toEqual([{ holdId: paying[1], accountId: b, units: 1 }])
  expect(await figures(sale)).toEqual({ state: 'open', remainingUnits: 2, soldUnits: 0 })
  const again = await shop.gate.tick(sale, sale.closesAtMs)
  expect(again[6]).toEqual([])
  expect(await shop.gate.beginPayment(sale, a, unpaid[1])).toEqual(['expired'])
  expect(await shop.gate.release(sale, a, unpaid[1])).toEqual(['ended', 'expired'])
})

it('[FS6] takes over what Postgres decided, once, also of a hold that it never knew', async () => {
  const sale = await shop.openSale(3)
  const buyer = buyerId()
  const held = await shop.gate.reserve(sale, buyer, operationId(), 1)
  if (held[0] !== 'held') throw new Error('unreachable')
  const hold = { holdId: held[1], accountId: buyer, units: 1 }
  expect(await shop.gate.applyHoldState(sale, { ...hold, how: 'claimed' })).toEqual(['applied', []])
  expect(await shop.gate.applyHoldState(sale, { ...hold, how: 'claimed' })).toEqual(['repeated'])
  expect(await shop.gate.applyHoldState(sale, { ...hold, how: 'settled' })).toEqual(['applied', []])
  expect(await shop.gate.applyHoldState(sale, { ...hold, how: 'settled' })).toEqual(['repeated'])
  expect(await figures(sale)).toEqual({ state: 'open', remainingUnits: 2, soldUnits: 1 })
  const lost = { holdId: operationId() as never, accountId: buyerId(), units: 1 }
  expect(await shop.gate.applyHoldState(sale, { ...lost, how: 'claimed' })).toEqual(['applied', []])
  expect(await figures(sale)).toEqual({ state: 'open', remainingUnits: 1, soldUnits: 1 })
  expect(await shop.gate.applyHoldState(sale, { ...lost, how: 'released' })).toEqual(['applied', []])
  expect(await figures(sale)).toEqual({ state: 'open', remainingUnits: 2, soldUnits: 1 })
  await shop.gate.shut(sale)
  expect(await shop.gate.applyHoldState(sale, { ...hold, how: 'settled' })).toEqual(['gate_closed'])
})

it('[FS7] tells the show each change of the figures in the step that makes it, and opening and closing once', async () => {
  const sale = await shop.service.create(shop.saleRequest(2), shop.creator)
  await shop.showState()
  const { flashSaleId } = sale
  await shop.gate.tick(sale, sale.closesAtMs)
  await shop.moveTimes(flashSaleId, -1_000, 600_000)
  const buyer = buyerId()
  await shop.gate.reserve(sale, buyer, operationId(), 1)
  await shop.gate.tick(sale, sale.closesAtMs)
  const now = Date.now()
  await shop.gate.tick(sale, now - 1)
  await shop.gate.tick(sale, now - 1)
  expect(await shop.feed()).toEqual([
    { type: 'flash-sale:opened', data: { flashSaleId } },
    { type: 'flash-sale:stock-changed', data: { flashSaleId, remainingUnits: 1, soldUnits: 0 } },
    { type: 'flash-sale:closed', data: { flashSaleId, remainingUnits: 1, soldUnits: 0 } },
  ])
  expect(await shop.showFields()).toMatchObject({
    seq: '3',
    [`state:${flashSaleId}`]: 'closed',
    [`remaining:${flashSaleId}`]: '1',
    [`sold:${flashSaleId}`]: '0',
  })
})

it('[FS8] keeps its keys for an hour after the end of the sale and no longer', async () => {
  const sale = await shop.openSale(1)
  await shop.gate.reserve(sale, buyerId(), operationId(), 1)
  await shop.gate.tick(sale, sale.closesAtMs)
  const [gate = '', holds = '', due = '', buyers = '', answers = '', , log = ''] = shop.keysOf(sale.flashSaleId)
  for (const key of [gate, holds, due, buyers, answers, log]) {
    const ttl = await shop.redis.pttl(key)
    expect(ttl).toBeGreaterThan(3_600_000)
    expect(ttl).toBeLessThanOrEqual(600_000 + 3_600_000)
  }
})
