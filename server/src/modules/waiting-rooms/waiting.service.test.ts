import { createHash } from 'node:crypto'
import { type AccountId, type FlashSaleId, waitingRoomDrawEnd } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { drawPlace } from './draw.ts'
import { buyerId, codeOf, openWaitingShop, operationId, placeOf, type WaitingShop } from './room-for-tests.ts'

let shop: WaitingShop
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  shop = await openWaitingShop({ databaseUrl: database.url, redisUrl: redis.url })
})
beforeEach(() => void shop.told.splice(0))
afterAll(async () => {
  await shop.close()
  for (const one of stores) await one.drop()
})

const byDraw = async (flashSaleId: FlashSaleId, accounts: readonly AccountId[]) => {
  const { seed } = await shop.known(flashSaleId)
  const placed = accounts.map((accountId) => ({ accountId, place: drawPlace(seed, flashSaleId, accountId) }))
  return placed.sort((one, two) => one.place - two.place).map((one) => one.accountId)
}
const called = () => shop.told.filter(({ event }) => event === 'waiting-room:called').map(({ accountId }) => accountId)

describe('coming', () => {
  it('[WR1] gives an account one place, however many sockets and processes ask at once', async () => {
    const { flashSaleId } = await shop.announce(5)
    const [greedy, ...others] = shop.accounts(4) as [AccountId, ...AccountId[]]
    const asking = Array.from({ length: 50 }, (_, socket) =>
      (socket % 2 === 0 ? shop.rooms : shop.otherRooms).join({ flashSaleId }, greedy),
    )
    const answers = await Promise.all([...asking, ...others.map((one) => shop.join(flashSaleId, one))])
    expect(answers.every(({ standing }) => standing.how === 'early')).toBe(true)
    expect(await shop.lineOf(flashSaleId)).toEqual(await byDraw(flashSaleId, [greedy, ...others]))
    expect((await shop.join(flashSaleId, greedy)).room).toMatchObject({
      earlyCount: 4,
      waitingCount: 4,
      calledCount: 0,
    })
    await shop.openNow(flashSaleId)
    const after = await Promise.all(Array.from({ length: 50 }, () => shop.otherRooms.join({ flashSaleId }, greedy)))
    expect(new Set(after.map(placeOf)).size).toBe(1)
    expect(called().filter((one) => one === greedy)).toHaveLength(1)
  })

  it('[WR2] draws early comers by lot, tells nobody a place before the opening, and the seed then', async () => {
    const sale = await shop.announce(2)
    const { flashSaleId } = sale
    await shop.showState()
    const people = shop.accounts(30)
    const joined = await shop.joinAll(flashSaleId, people)
    expect(new Set(joined.map(({ standing }) => JSON.stringify(standing)))).toEqual(new Set(['{"how":"early"}']))
    expect(joined.at(-1)?.room).toMatchObject({ state: 'gathering', seed: null, earlyCount: 30 })
    await shop.step(flashSaleId)
    expect(JSON.stringify([joined, await shop.feed(), await shop.rooms.get(flashSaleId)])).not.toContain(
      (await shop.known(flashSaleId)).seed.toString('hex'),
    )
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    const { seed } = await shop.rooms.get(flashSaleId)
    expect(
      createHash('sha256')
        .update(Buffer.from(seed ?? '', 'hex'))
        .digest('hex'),
    ).toBe(sale.waitingRoom?.seedCommitment)
    const order = await byDraw(flashSaleId, people)
    expect(await shop.turns(flashSaleId)).toEqual(expect.arrayContaining(order.slice(0, 2)))
    expect(await shop.lineOf(flashSaleId)).toEqual(order.slice(2))
    const last = order.at(-1) as AccountId
    const { standing, room } = await shop.join(flashSaleId, last)
    expect(standing).toEqual({
      how: 'waiting',
      before: 27,
      place: drawPlace(Buffer.from(seed ?? '', 'hex'), flashSaleId, last),
    })
    expect(room).toMatchObject({ state: 'admitting', earlyCount: 30, waitingCount: 28, calledCount: 2 })
  })

  it('[WR3] puts later comers behind all early ones, in the order of arrival', async () => {
    const { flashSaleId } = await shop.announce(1)
    const early = shop.accounts(6)
    await shop.joinAll(flashSaleId, early)
    await shop.openNow(flashSaleId)
    const late = shop.accounts(20)
    const places = (await shop.joinAll(flashSaleId, late)).map(placeOf)
    expect(places.every((place) => place >= waitingRoomDrawEnd)).toBe(true)
    expect(places).toEqual(places.toSorted((one, two) => one - two))
    expect(await shop.lineOf(flashSaleId)).toEqual([...(await byDraw(flashSaleId, early)).slice(1), ...late])
  })

  it('[WR12] opens thirty minutes before the sale', async () => {
    const request = { ...shop.saleRequest(1), waitingRoom: true, opensAtMs: Date.now() + 3_600_000 }
    const { flashSaleId } = await shop.service.create(request, shop.creator)
    const refusal = shop.join(flashSaleId, buyerId())
    await expect(refusal).rejects.toMatchObject({
      code: 'waiting_room.not_open',
      details: { opensAtMs: request.opensAtMs - 1_800_000 },
    })
    expect(await shop.lineOf(flashSaleId)).toEqual([])
    const plain = await shop.openSale(1)
    expect(await codeOf(shop.join(plain.flashSaleId, buyerId()))).toBe('waiting_room.none')
    expect(await codeOf(shop.join(buyerId() as never, buyerId()))).toBe('flash_sale.not_found')
  })
})

describe('turns', () => {
  it('[WR4] are as many as units are free and one more for every ten, and pass on where they are not used', async () => {
    const { flashSaleId } = await shop.announce(20)
    const people = shop.accounts(60)
    await shop.joinAll(flashSaleId, people)
    const order = await byDraw(flashSaleId, people)
    await shop.openNow(flashSaleId)
    for (let i = 0; i < 3; i += 1) await shop.step(flashSaleId)
    expect((await shop.turns(flashSaleId)).toSorted()).toEqual(order.slice(0, 22).toSorted())
    // Twelve reserve: eight units are left for the ten turns that are.
    for (const accountId of order.slice(0, 12)) await shop.reserve(flashSaleId, accountId)
    await shop.step(flashSaleId)
    expect((await shop.turns(flashSaleId)).toSorted()).toEqual(order.slice(12, 22).toSorted())
    await shop.endTurns(flashSaleId)
    await shop.step(flashSaleId)
    expect((await shop.turns(flashSaleId)).toSorted()).toEqual(order.slice(22, 30).toSorted())
    expect(await codeOf(shop.reserve(flashSaleId, order[12] as AccountId))).toBe('waiting_room.not_your_turn')
  })

  it('[WR5] alone let people reserve, once the sale is open', async () => {
    const { flashSaleId } = await shop.announce(1)
    const [one, two, stranger] = shop.accounts(3) as [AccountId, AccountId, AccountId]
    await shop.joinAll(flashSaleId, [one, two])
    expect(await codeOf(shop.reserve(flashSaleId, one))).toBe('flash_sale.not_open')
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    const [first, second] = (await byDraw(flashSaleId, [one, two])) as [AccountId, AccountId]
    const before = await shop.gate.figures({ showId: shop.showId, flashSaleId })
    for (const accountId of [second, stranger])
      expect(await codeOf(shop.reserve(flashSaleId, accountId))).toBe('waiting_room.not_your_turn')
    expect(await shop.gate.figures({ showId: shop.showId, flashSaleId })).toEqual(before)
    const request = { flashSaleId, units: 1, operationId: operationId() }
    const answers = await Promise.all([shop.holds.reserve(request, first), shop.holds.reserve(request, first)])
    expect(new Set(answers.map(({ hold }) => hold.holdId)).size).toBe(1)
    expect(await shop.turns(flashSaleId)).toEqual([])
    expect((await shop.holds.reserve(request, first)).hold).toEqual(answers[0]?.hold)
  })

  it('[WR6] in which no unit is free are none: their owners are back, and first when a unit returns', async () => {
    const { flashSaleId } = await shop.announce(10)
    const people = shop.accounts(14)
    await shop.joinAll(flashSaleId, people)
    const order = await byDraw(flashSaleId, people)
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    const holds = []
    for (const accountId of order.slice(0, 10)) holds.push(await shop.reserve(flashSaleId, accountId))
    const unlucky = order[10] as AccountId
    expect(await codeOf(shop.reserve(flashSaleId, unlucky))).toBe('flash_sale.sold_out')
    await shop.step(flashSaleId)
    expect(await shop.turns(flashSaleId)).toEqual([])
    expect(await shop.lineOf(flashSaleId)).toEqual(order.slice(10))
    expect((await shop.join(flashSaleId, unlucky)).standing).toMatchObject({ how: 'waiting', before: 0 })
    expect((await shop.join(flashSaleId, unlucky)).room).toMatchObject({ state: 'admitting', calledCount: 10 })
    // A hold runs out: its unit goes to the first in line.
    await shop.runOut(flashSaleId, holds[3] as string)
    await shop.gate.tick({ showId: shop.showId, flashSaleId }, Date.now() + 600_000)
    await shop.step(flashSaleId)
    expect(await shop.turns(flashSaleId)).toEqual([unlucky])
    await shop.reserve(flashSaleId, unlucky)
  })

  it('[WR9] are not had twice with one ticket', async () => {
    const { flashSaleId } = await shop.announce(1)
    const people = shop.accounts(3)
    const joined = await shop.joinAll(flashSaleId, people)
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    const [first, second, third] = (await byDraw(flashSaleId, people)) as [AccountId, AccountId, AccountId]
    await shop.endTurns(flashSaleId)
    await shop.step(flashSaleId)
    const { ticket } = joined[people.indexOf(first)] as { ticket: string }
    const again = await shop.join(flashSaleId, first, ticket)
    expect(placeOf(again)).toBeGreaterThanOrEqual(waitingRoomDrawEnd)
    expect(await shop.turns(flashSaleId)).toEqual([second])
    expect(await shop.lineOf(flashSaleId)).toEqual([third, first])
    // Reserving and giving back is no way to the front either.
    const holdId = await shop.reserve(flashSaleId, second)
    await shop.holds.release({ accountId: second, flashSaleId, holdId })
    const back = await shop.join(flashSaleId, second, (joined[people.indexOf(second)] as { ticket: string }).ticket)
    expect(back.standing).toMatchObject({ how: 'waiting' })
    expect(await shop.lineOf(flashSaleId)).toEqual([first, second])
  })

  it('[WR11] pass on at once when somebody leaves, as places do', async () => {
    const { flashSaleId } = await shop.announce(1)
    const people = shop.accounts(4)
    await shop.joinAll(flashSaleId, people)
    const order = await byDraw(flashSaleId, people)
    await shop.openNow(flashSaleId)
    await shop.step(flashSaleId)
    await shop.rooms.leave(flashSaleId, order[1] as AccountId)
    await shop.rooms.leave(flashSaleId, order[0] as AccountId)
    await shop.otherRooms.leave(flashSaleId, order[0] as AccountId)
    expect(await shop.turns(flashSaleId)).toEqual([order[2]])
    expect(called()).toContain(order[2])
    expect(await shop.lineOf(flashSaleId)).toEqual([order[3]])
  })

  it('[WR13] take the place of a waitlist', async () => {
    const { flashSaleId } = await shop.announce(1)
    await shop.openNow(flashSaleId)
    expect(await codeOf(shop.holds.joinWaitlist(flashSaleId, operationId(), buyerId()))).toBe(
      'waiting_room.not_your_turn',
    )
  })
})
