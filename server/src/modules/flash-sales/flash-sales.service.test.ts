import type { FlashSale, FlashSaleId, Hold, ShowId } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import type { Sweep } from '#kernel/sweep'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { buyerId, checkoutId, openShop, operationId, type Shop } from './shop-for-tests.ts'

let shop: Shop
let sweeps: Map<string, Sweep>
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
})
beforeEach(() => void shop.told.splice(0))
afterAll(async () => {
  await shop.close()
  for (const one of stores) await one.drop()
})

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })
const sweep = (name: string) => sweeps.get(`flash-sales.${name}`)?.run()
/** Sweeps read the list of sales once a second; new ones read it at once. */
const readSalesAnew = () => {
  sweeps = new Map(shop.sweeps().map((one) => [one.name, one]))
}
const holdsOf = (flashSaleId: FlashSaleId) =>
  shop.run<{ id: string; state: string }>('SELECT id, state FROM holds WHERE flash_sale_id = $1', [flashSaleId])
const stock = async () =>
  (await shop.run('SELECT available, held, sold FROM stock_levels WHERE variant_id = $1', [shop.variantId]))[0] as {
    available: number
    held: number
    sold: number
  }
const reserve = async ({ flashSaleId }: FlashSale, accountId = buyerId(), units = 1) => ({
  accountId,
  ...(await shop.holds.reserve({ flashSaleId, units, operationId: operationId() }, accountId)).hold,
})
const claim = (hold: Hold & { accountId: ReturnType<typeof buyerId> }, checkout = checkoutId()) =>
  shop.database.transaction((tx) =>
    shop.holds.claimHold(tx, {
      holdId: hold.holdId,
      flashSaleId: hold.flashSaleId,
      accountId: hold.accountId,
      units: hold.units,
      checkoutId: checkout,
    }),
  )

it('[FS9] makes a sale once for an operation id: units borrowed, announced, its gate open', async () => {
  const before = await stock()
  const request = shop.saleRequest(5, 2)
  const [one, two] = await Promise.all([
    shop.service.create(request, shop.creator),
    shop.service.create(request, shop.creator),
  ])
  expect(two).toEqual(one)
  expect(one).toMatchObject({
    showId: shop.showId,
    state: 'scheduled',
    salePrice: { amountMinor: 3_000, currency: 'USD' },
    priorPrice: { amountMinor: 4_000, currency: 'USD' },
    totalUnits: 5,
    remainingUnits: 5,
    soldUnits: 0,
    productName: 'Cup',
  })
  expect(one.closesAtMs - one.opensAtMs).toBe(600_000)
  expect(await stock()).toEqual({ available: before.available - 5, held: before.held + 5, sold: before.sold })
  const told = await shop.run<{ payload: { type: string; data: { sale: FlashSale }; fields: Record<string, string> } }>(
    `SELECT payload FROM outbox WHERE payload->'data'->'sale'->>'flashSaleId' = $1`,
    [one.flashSaleId],
  )
  expect(told).toHaveLength(1)
  expect(told[0]?.payload).toMatchObject({ type: 'flash-sale:scheduled', data: { sale: one } })
  expect(told[0]?.payload.fields).toEqual({ [`sale:${one.flashSaleId}`]: JSON.stringify(one) })
  await expect(shop.service.create({ ...request, totalUnits: 6 }, shop.creator)).rejects.toEqual(
    refusal('idempotency.key_reused'),
  )
  expect(await shop.gate.figures(one)).toEqual({ state: 'scheduled', remainingUnits: 5, soldUnits: 0 })
  expect(await shop.service.get(one.flashSaleId)).toEqual(one)
})

it('[FS9] refuses a sale that may not be, and moves nothing', async () => {
  const before = await stock()
  const request = shop.saleRequest(5)
  const refused = async (change: Partial<typeof request> & { opensAtMs?: number }, actor: AccountActor, code: string) =>
    await expect(shop.service.create({ ...request, ...change }, actor)).rejects.toEqual(refusal(code))
  await refused({}, { ...shop.creator, creatorId: newId() }, 'show.not_found')
  await refused({}, { ...shop.creator, creatorId: null }, 'auth.forbidden')
  await refused({ showId: newId<ShowId>() }, shop.creator, 'show.not_found')
  await refused({ salePriceMinor: 5_000 }, shop.creator, 'request.invalid')
  await refused({ opensAtMs: Date.now() + 5_000 }, shop.creator, 'request.invalid')
  await refused({ opensAtMs: Date.now() + 8 * 86_400_000 }, shop.creator, 'request.invalid')
  await shop.run('UPDATE stock_levels SET available = 4 WHERE variant_id = $1', [shop.variantId])
  await refused({}, shop.creator, 'flash_sale.not_enough_stock')
  await shop.run('UPDATE stock_levels SET available = $2 WHERE variant_id = $1', [shop.variantId, before.available])
  await shop.run('DELETE FROM show_products WHERE show_id = $1', [shop.showId])
  await refused({}, shop.creator, 'show.product_not_on_shelf')
  await shop.run('INSERT INTO show_products VALUES ($1, $2, 1)', [shop.showId, shop.productId])
  await shop.run(`UPDATE shows SET state = 'ended', started_at = now(), ended_at = now() WHERE id = $1`, [shop.showId])
  await refused({}, shop.creator, 'show.wrong_state')
  await shop.run(`UPDATE shows SET state = 'scheduled', started_at = NULL, ended_at = NULL WHERE id = $1`, [
    shop.showId,
  ])
  expect(await stock()).toEqual(before)
  expect(await shop.run('SELECT 1 FROM flash_sales WHERE operation_id = $1', [request.operationId])).toEqual([])
})

it('[FS10] copies each entry of the log to Postgres once, also by two processes at once', async () => {
  const sale = await shop.openSale(10)
  const held = await Promise.all(Array.from({ length: 5 }, () => reserve(sale)))
  const [first, second, third] = held
  if (!first || !second || !third) throw new Error('unreachable')
  await shop.holds.release({ ...first })
  await shop.holds.beginPayment({ ...second })
  await claim(third)
  readSalesAnew()
  const other = new Map(shop.sweeps().map((one) => [one.name, one])).get('flash-sales.copy-log')
  await Promise.all([sweep('copy-log'), other?.run()])
  const states = new Map((await holdsOf(sale.flashSaleId)).map((row) => [row.id, row.state]))
  expect(states).toEqual(
    new Map(held.map((hold) => [hold.holdId, hold === first ? 'released' : hold === third ? 'claimed' : 'live'])),
  )
  const [cursor] = await shop.run('SELECT seq FROM flash_sale_log_cursors WHERE flash_sale_id = $1', [sale.flashSaleId])
  expect(cursor).toEqual({ seq: 7 })
  const mine = await shop.holds.listMine(second.accountId)
  expect(mine.items).toEqual([{ ...pick(second), expiresAtMs: second.expiresAtMs + 180_000 }])
  await sweep('copy-log')
  expect(await shop.redis.xlen(shop.keysOf(sale.flashSaleId)[6] ?? '')).toBe(0)
})

const pick = ({ holdId, flashSaleId, units, unitPrice, expiresAtMs }: Hold) => ({
  holdId,
  flashSaleId,
  units,
  unitPrice,
  expiresAtMs,
})

it('[FS11] claims a hold once, before or after its row is there, and only for its buyer', async () => {
  const sale = await shop.openSale(4, 2)
  const [early, late] = [await reserve(sale), await reserve(sale)]
  readSalesAnew()
  await sweep('copy-log')
  const fresh = await reserve(sale)
  const checkout = checkoutId()
  expect([await claim(early, checkout), await claim(early, checkout)]).toEqual(['claimed', 'claimed'])
  expect(await claim(early)).toBe('expired')
  expect(await claim({ ...late, accountId: buyerId() })).toBe('expired')
  expect(await claim(fresh)).toBe('claimed')
  const taken = await shop.run(
    'SELECT hold_id FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NOT NULL',
    [sale.flashSaleId],
  )
  expect(taken).toHaveLength(2)
})

it('[FS12] refuses in Postgres what the gate should not have admitted: units beyond the total, beyond the limit', async () => {
  const sale = await shop.openSale(2, 1)
  const surplus = (accountId = buyerId()) => ({
    holdId: newId<Hold['holdId']>(),
    flashSaleId: sale.flashSaleId,
    units: 1,
    unitPrice: sale.salePrice,
    expiresAtMs: 0,
    accountId,
  })
  const buyer = buyerId()
  expect(await claim(surplus(buyer))).toBe('claimed')
  expect(await claim(surplus(buyer))).toBe('limit_reached')
  const others = await Promise.all(Array.from({ length: 12 }, () => claim(surplus())))
  expect(others.filter((answer) => answer === 'claimed')).toHaveLength(1)
  expect(new Set(others)).toEqual(new Set(['claimed', 'sold_out']))
  const twice = buyerId()
  const wide = await shop.openSale(10, 1)
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => claim({ ...surplus(twice), flashSaleId: wide.flashSaleId })),
  )
  expect(answers.filter((answer) => answer === 'claimed')).toHaveLength(1)
  expect(new Set(answers)).toEqual(new Set(['claimed', 'limit_reached']))
})

it('[FS13] settles or releases a claim once, and the gate follows', async () => {
  const sale = await shop.openSale(2)
  const [paid, failed] = [await reserve(sale), await reserve(sale)]
  await shop.holds.beginPayment(paid)
  await claim(paid)
  await claim(failed)
  const settle = () => shop.database.transaction((tx) => shop.holds.settleHolds(tx, [paid.holdId, failed.holdId]))
  const release = () => shop.database.transaction((tx) => shop.holds.releaseClaim(tx, failed.holdId))
  expect([await release(), await release()]).toEqual([true, false])
  expect([await settle(), await settle()]).toEqual([new Set([paid.holdId]), new Set()])
  for (let run = 0; run < 2; run += 1) {
    await shop.holds.syncHold({ ...paid, how: 'settled' })
    await shop.holds.syncHold({ ...failed, how: 'released' })
  }
  expect(await shop.gate.figures(sale)).toEqual({ state: 'open', remainingUnits: 1, soldUnits: 1 })
  expect(await claim(failed)).toBe('expired')
  expect(await shop.service.get(sale.flashSaleId)).toMatchObject({ remainingUnits: 1, soldUnits: 1 })
})

it('[FS13] repairs by a sweep what the gate was not told', async () => {
  const sale = await shop.openSale(2)
  const [paid, failed] = [await reserve(sale), await reserve(sale)]
  await claim(paid)
  await claim(failed)
  await shop.database.transaction((tx) => shop.holds.settleHolds(tx, [paid.holdId]))
  await shop.database.transaction((tx) => shop.holds.releaseClaim(tx, failed.holdId))
  readSalesAnew()
  await sweep('repair')
  expect(await shop.gate.figures(sale)).toEqual({ state: 'open', remainingUnits: 1, soldUnits: 1 })
})

it('[FS14] writes the gate anew where it differs from Postgres though nothing moves', async () => {
  const sale = await shop.openSale(3)
  await reserve(sale)
  await shop.redis.hset(shop.keysOf(sale.flashSaleId)[0] ?? '', 'remaining_units', '7')
  readSalesAnew()
  for (let i = 0; i < 3; i += 1) await sweep('repair')
  expect(await shop.gate.figures(sale)).toEqual({ state: 'open', remainingUnits: 2, soldUnits: 0 })
})

it('[FS15] gives unsold units back when the sale is over and its last hold has ended', async () => {
  const before = await stock()
  const sale = await shop.openSale(5)
  const [paid, open] = [await reserve(sale), await reserve(sale)]
  await shop.holds.beginPayment(paid)
  await claim(paid)
  await shop.database.transaction((tx) => shop.holds.settleHolds(tx, [paid.holdId]))
  const closed = await shop.service.close(sale.flashSaleId, shop.creator)
  expect(closed).toMatchObject({ state: 'closed', remainingUnits: 3 })
  await expect(shop.service.close(sale.flashSaleId, { ...shop.creator, creatorId: newId() })).rejects.toEqual(
    refusal('flash_sale.not_found'),
  )
  await expect(reserve(sale)).rejects.toEqual(refusal('flash_sale.closed'))
  readSalesAnew()
  await sweep('repair')
  expect(await stock()).toEqual({ ...before, available: before.available - 5, held: before.held + 5 })
  await shop.runOut(sale.flashSaleId, open.holdId)
  await sweep('repair')
  await sweep('repair')
  expect(await stock()).toEqual({ ...before, available: before.available - 1, sold: before.sold + 1 })
  await shop.redis.del(...shop.keysOf(sale.flashSaleId))
  await expect(reserve(sale)).rejects.toEqual(refusal('flash_sale.closed'))
  expect(await shop.service.get(sale.flashSaleId)).toMatchObject({ state: 'closed', soldUnits: 1 })
})

it('[FS16] ends a hold against payment: whichever comes first in Postgres wins, the other finds it decided', async () => {
  const sale = await shop.openSale(2)
  const [claimedFirst, expiredFirst] = [await reserve(sale), await reserve(sale)]
  for (const hold of [claimedFirst, expiredFirst]) {
    await shop.holds.beginPayment(hold)
    await shop.runOut(sale.flashSaleId, hold.holdId)
  }
  await claim(claimedFirst)
  readSalesAnew()
  await sweep('tick')
  expect(await claim(expiredFirst)).toBe('expired')
  await sweep('copy-log')
  expect(new Map((await holdsOf(sale.flashSaleId)).map((row) => [row.id, row.state]))).toEqual(
    new Map([
      [claimedFirst.holdId, 'claimed'],
      [expiredFirst.holdId, 'expired'],
    ]),
  )
  expect(await shop.gate.figures(sale)).toEqual({ state: 'open', remainingUnits: 1, soldUnits: 0 })
  await expect(shop.holds.release(claimedFirst)).rejects.toEqual(refusal('hold.not_found'))
  await expect(shop.holds.release(expiredFirst)).rejects.toEqual(refusal('hold.expired'))
})

it('[FS16] lets a buyer give a hold back whose payment began, unless it is claimed', async () => {
  const sale = await shop.openSale(1)
  const hold = await reserve(sale)
  await shop.holds.beginPayment(hold)
  expect([await shop.holds.release(hold), await shop.holds.release(hold)]).toEqual([{}, {}])
  expect(await claim(hold)).toBe('expired')
  expect(await shop.gate.figures(sale)).toMatchObject({ remainingUnits: 1 })
})

it('[FS4] tells the next in line of the hold that is made for him', async () => {
  const sale = await shop.openSale(1)
  const hold = await reserve(sale)
  const waiting = buyerId()
  expect(await shop.holds.joinWaitlist(sale.flashSaleId, operationId(), waiting)).toEqual({ position: 1 })
  await shop.holds.release(hold)
  expect(shop.told).toEqual([
    {
      accountId: waiting,
      event: 'flash-sale:waitlist-offered',
      data: { hold: { ...pick(hold), holdId: expect.any(String), expiresAtMs: expect.any(Number) } },
    },
  ])
})

it('[FS17] shows checkout what is held, changing nothing', async () => {
  const sale = await shop.openSale(2, 2)
  const hold = await reserve(sale, buyerId(), 2)
  const seen = {
    holdId: hold.holdId,
    flashSaleId: sale.flashSaleId,
    variantId: shop.variantId,
    productId: shop.productId,
    showId: shop.showId,
    units: 2,
    unitPrice: sale.salePrice,
    expiresAtMs: hold.expiresAtMs,
  }
  expect(await shop.holds.peekHold(hold)).toEqual(seen)
  await expect(shop.holds.peekHold({ ...hold, accountId: buyerId() })).rejects.toEqual(refusal('hold.not_found'))
  readSalesAnew()
  await sweep('copy-log')
  await shop.gate.shut(sale)
  expect(await shop.holds.peekHold(hold)).toEqual(seen)
  await expect(shop.holds.beginPayment(hold)).rejects.toEqual(refusal('flash_sale.gate_closed'))
})

it('[FS7] gives a rebuilt show its sales with their figures', async () => {
  const sale = await shop.openSale(3)
  await reserve(sale)
  const fields = await shop.service.showFields(shop.showId)
  expect(fields).toMatchObject({
    [`state:${sale.flashSaleId}`]: 'open',
    [`remaining:${sale.flashSaleId}`]: '2',
    [`sold:${sale.flashSaleId}`]: '0',
  })
  expect(JSON.parse(fields[`sale:${sale.flashSaleId}`] ?? '')).toMatchObject({ flashSaleId: sale.flashSaleId })
})
