import {
  type Auction,
  allInMinor,
  type BidTerms,
  buyNow,
  createLot,
  createShow,
  enterBidding,
  getBidTerms,
  type Lot,
  listMyWins,
  listOrders,
  type Operation,
  type Order,
  type Show,
  startAuction,
  startShow,
  type Win,
} from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { type People, peopleOf } from '../support/platform-people.ts'
import { type Fields, toHttp } from '../support/sampled-request.ts'

let platform: TestPlatform
let people: People
beforeAll(async () => {
  platform = await testPlatform()
  people = await peopleOf(platform)
}, 120_000)
afterAll(async () => {
  await people?.close()
  await platform?.stop()
})

async function done<T>(operation: Operation, request: Fields, token: string): Promise<T> {
  const { method, path, body } = toHttp(operation, request)
  const response = await fetch(platform.urls.http + path, {
    method: method.toUpperCase(),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${operation.name}: ${JSON.stringify(answer)}`)
  return answer as T
}

it('[SE1] [SE6] [SE7] carries two lots from the hammer to paid orders in one parcel, in processes of their own', async () => {
  const [host, ada] = await Promise.all([people.tokenFor('mara@demo.livelot'), people.tokenFor('ada@demo.livelot')])
  const named = async (text: string) => (await people.rows<{ id: string }>(text))[0]?.id ?? ''
  const variantId = await named(
    `SELECT v.id FROM variants v JOIN stock_levels l ON l.variant_id = v.id WHERE v.currency = 'USD'
     ORDER BY l.available DESC, v.id LIMIT 1`,
  )
  const cardId = await named(
    `SELECT c.id FROM payment_cards c JOIN accounts a ON a.id = c.account_id WHERE a.email = 'ada@demo.livelot'`,
  )
  const wish = { title: 'A show', startsAtMs: Date.now(), productIds: [], operationId: newId() }
  const { showId } = await done<Show>(createShow, wish, host)
  await done(startShow, { showId }, host)
  await done(enterBidding, { showId, cardId, acceptedTermsVersion: 1 }, ada)
  const expected: number[] = []
  for (let lots = 0; lots < 2; lots += 1) {
    const terms = { type: 'dutch', floorMinor: 100, stepMinor: 10, stepSeconds: 60 }
    const lot = { showId, goods: { kind: 'variant', variantId }, startPriceMinor: 9_000, terms, operationId: newId() }
    const { lotId } = await done<Lot>(createLot, lot, host)
    const { auctionId } = await done<Auction>(startAuction, { lotId, operationId: newId() }, host)
    expected.push(allInMinor(9_000, await done<BidTerms>(getBidTerms, { auctionId }, ada)))
    await done(buyNow, { auctionId, priceMinor: 9_000, operationId: newId() }, ada)
    const wins = () => done<{ items: Win[] }>(listMyWins, { showId }, ada).then(({ items }) => items)
    await expect
      .poll(async () => (await wins()).map((win) => win.offer.state), { timeout: 20_000 })
      .toEqual(expected.map(() => 'paid'))
    expect((await wins()).map((win) => win.total.amountMinor)).toEqual(expected.toReversed())
  }
  const { items } = await done<{ items: Order[] }>(listOrders, {}, ada)
  const won = items.filter((order) => order.showId === showId)
  expect(won.map((order) => [order.state, order.total.amountMinor])).toEqual(
    expected.toReversed().map((totalMinor) => ['paid', totalMinor]),
  )
  expect(new Set(won.map((order) => order.bundleId)).size).toBe(1)
  expect(won[0]?.bundleId).not.toBeNull()
}, 120_000)
