import type { AccountId, FlashSaleId } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { buyerId, codeOf, openWaitingShop, placeOf, type WaitingShop } from './room-for-tests.ts'

let shop: WaitingShop
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  shop = await openWaitingShop({ databaseUrl: database.url, redisUrl: redis.url })
})
beforeEach(async () => {
  shop.told.splice(0)
  await shop.redis.del(shop.feedKey)
  await shop.showState()
})
afterAll(async () => {
  await shop.close()
  for (const one of stores) await one.drop()
})

const toldRooms = async (flashSaleId: FlashSaleId) =>
  (await shop.feed())
    .filter(({ type }) => type === 'waiting-room:changed')
    .map(
      ({ data }) => data.room as { flashSaleId: string; state: string; endReason: string | null; seed: string | null },
    )
    .filter((room) => room.flashSaleId === flashSaleId)
describe('the end of the wait', () => {
  it('[WR7] comes for everybody at once with the last payment, not while units are only held', async () => {
    const { flashSaleId } = await shop.announce(2)
    const people = shop.accounts(5)
    await shop.joinAll(flashSaleId, people)
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    const buyers = (await shop.turns(flashSaleId)) as AccountId[]
    const holds = []
    for (const buyer of buyers) holds.push(await shop.reserve(flashSaleId, buyer))
    await shop.settle(flashSaleId, buyers[0] as AccountId, holds[0] as never)
    await shop.sweep()
    expect((await shop.join(flashSaleId, buyerId())).standing.how).toBe('waiting')
    expect(await shop.endOf(flashSaleId)).toBeNull()
    await shop.settle(flashSaleId, buyers[1] as AccountId, holds[1] as never)
    // No process moves the room here: who asks is told the truth all the same.
    expect(await codeOf(shop.join(flashSaleId, buyerId()))).toBe('flash_sale.sold_out')
    await Promise.all([shop.sweep(), shop.sweep()])
    expect((await toldRooms(flashSaleId)).at(-1)).toMatchObject({ state: 'ended', endReason: 'sold-out' })
    expect(await shop.endOf(flashSaleId)).toBe('sold-out')
    expect(await shop.lineOf(flashSaleId)).toEqual([])
    for (const accountId of people)
      expect(await codeOf(shop.reserve(flashSaleId, accountId))).toMatch(/not_your_turn|limit_reached/)
  })

  it('[WR7] comes with the end of a sale that is cancelled, also before it opened', async () => {
    const running = await shop.announce(1)
    const early = await shop.announce(1)
    await shop.joinAll(running.flashSaleId, shop.accounts(3))
    await shop.joinAll(early.flashSaleId, shop.accounts(3))
    await shop.openNow(running.flashSaleId)
    await shop.step(running.flashSaleId)
    for (const { flashSaleId } of [running, early]) {
      await shop.service.close(flashSaleId, shop.creator)
      await shop.step(flashSaleId)
      expect((await toldRooms(flashSaleId)).at(-1)).toMatchObject({ state: 'ended', endReason: 'closed' })
      expect(await codeOf(shop.join(flashSaleId, buyerId()))).toBe('flash_sale.closed')
      expect([...(await shop.lineOf(flashSaleId)), ...(await shop.turns(flashSaleId))]).toEqual([])
      await expect
        .poll(async () => {
          await shop.sweep()
          return await shop.endOf(flashSaleId)
        })
        .toBe('closed')
    }
    // A draw that was promised is shown, though nobody was called by it.
    expect((await toldRooms(early.flashSaleId)).at(-1)?.seed).toMatch(/^[0-9a-f]{64}$/)
  })

  it('[WR10] and new states are told at once, counts at most twice a second, however many come', async () => {
    const { flashSaleId } = await shop.announce(3)
    const startedAt = performance.now()
    for (let i = 0; i < 60; i += 1) {
      await shop.join(flashSaleId, buyerId())
      await shop.step(flashSaleId)
    }
    const mostTold = Math.ceil((performance.now() - startedAt) / 500) + 2
    expect((await toldRooms(flashSaleId)).length).toBeLessThanOrEqual(mostTold)
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    expect((await toldRooms(flashSaleId)).at(-1)).toMatchObject({
      state: 'admitting',
      earlyCount: 60,
      waitingCount: 57,
      calledCount: 3,
    })
    const count = (await toldRooms(flashSaleId)).length
    for (let i = 0; i < 5; i += 1) await shop.step(flashSaleId)
    expect((await toldRooms(flashSaleId)).length).toBe(count)
    expect(JSON.parse((await shop.showFields())[`waiting:${flashSaleId}`] ?? '')).toEqual(
      await shop.rooms.get(flashSaleId),
    )
  })
})

describe('a lost line', () => {
  /** Redis is empty: the gate is rebuilt from Postgres, the line only by those who come back. */
  const lose = async (flashSaleId: FlashSaleId) => {
    const keys = await shop.redis.keys(`*${flashSaleId}*`)
    if (keys.length > 0) await shop.redis.del(...keys)
    return keys.length
  }

  it('[WR8] is put together again from tickets, in the same order, and rests until people had time to come back', async () => {
    const { flashSaleId } = await shop.announce(2)
    const people = shop.accounts(8)
    const tickets = new Map((await shop.joinAll(flashSaleId, people)).map(({ ticket }, at) => [people[at], ticket]))
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    const late = shop.accounts(4)
    for (const [at, { ticket }] of (await shop.joinAll(flashSaleId, late)).entries()) tickets.set(late[at], ticket)
    const turns = await shop.turns(flashSaleId)
    const order = [...turns, ...(await shop.lineOf(flashSaleId))] as AccountId[]
    expect(order).toHaveLength(12)

    expect(await lose(flashSaleId)).toBeGreaterThan(3)
    expect(await codeOf(shop.join(flashSaleId, order[0] as AccountId))).toBe('flash_sale.gate_closed')
    await expect.poll(() => codeOf(shop.join(flashSaleId, buyerId()))).toBe('done')
    // Who comes back last was first, and comes to the other process.
    for (const accountId of order.toReversed()) {
      const { standing } = await shop.otherRooms.join(
        { flashSaleId, ticket: tickets.get(accountId) as string },
        accountId,
      )
      expect(standing.how).toBe('waiting')
      await shop.step(flashSaleId)
    }
    expect(await shop.turns(flashSaleId)).toEqual([])
    const line = (await shop.lineOf(flashSaleId)) as AccountId[]
    expect(line.slice(2, 12)).toEqual(order.slice(2))
    expect(line.slice(0, 2).toSorted()).toEqual(turns.toSorted())
    await shop.redis.hset(shop.keysOfRoom(flashSaleId).room, 'settles_at_ms', Date.now())
    await shop.step(flashSaleId)
    expect((await shop.turns(flashSaleId)).toSorted()).toEqual(turns.toSorted())
    expect(placeOf(await shop.join(flashSaleId, late[3] as AccountId))).toBeGreaterThan(2 ** 48)
  })

  it('[WR8] does not give a buyer another turn beyond the limit', async () => {
    const { flashSaleId } = await shop.announce(2)
    const [buyer, other] = shop.accounts(2) as [AccountId, AccountId]
    const joined = await shop.joinAll(flashSaleId, [buyer, other])
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    await shop.reserve(flashSaleId, buyer)
    // Its hold is Postgres' before Redis is lost.
    const copying = shop.sweeps().find(({ name }) => name === 'flash-sales.copy-log')
    await expect
      .poll(async () => {
        await copying?.run()
        return (await shop.holds.listMine(buyer)).items.length
      })
      .toBe(1)
    await lose(flashSaleId)
    await expect.poll(() => codeOf(shop.join(flashSaleId, other))).toBe('done')
    expect(await codeOf(shop.join(flashSaleId, buyer, joined[0]?.ticket))).toBe('flash_sale.limit_reached')
  })
})
