import type { AuctionTerms, LotId, VariantId } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { english, type Hall, openHall, operationId } from './hall-for-tests.ts'
import { movedPositions, termsProblems } from './lot.ts'

let hall: Hall
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  hall = await openHall({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await hall?.close()
  for (const one of stores) await one.drop()
})

const refusal = (code: string, details: unknown = expect.anything()) => expect.objectContaining({ code, details })
const dutch: AuctionTerms = { type: 'dutch', floorMinor: 500, stepMinor: 100, stepSeconds: 2 }
const adHoc = { kind: 'ad-hoc', title: 'A bag of shards' } as const

it('[AU20] numbers lots 1, 2, 3, keeps their queue in order, and never gives a number again', async () => {
  const showId = await hall.addShow(hall.host.creatorId, 'scheduled')
  const [one, two, three] = [await hall.lot({ showId }), await hall.lot({ showId }), await hall.lot({ showId })]
  const numbers = async () => (await hall.auctions.lots.list(showId, hall.host)).items.map((lot) => lot.number)
  expect([one, two, three].map((lot) => lot.number)).toEqual([1, 2, 3])
  await hall.auctions.lots.move({ lotId: three.lotId, beforeLotId: one.lotId }, hall.host)
  expect(await numbers()).toEqual([3, 1, 2])
  await hall.auctions.lots.move({ lotId: three.lotId, beforeLotId: null }, hall.host)
  expect(await numbers()).toEqual([1, 2, 3])
  await hall.auctions.lots.remove(three.lotId, hall.host)
  expect((await hall.lot({ showId })).number).toBe(4)
  expect(await numbers()).toEqual([1, 2, 4])
  await expect(hall.auctions.lots.remove(three.lotId, hall.host)).rejects.toEqual(refusal('lot.not_found'))
  const stranger = await hall.addHost()
  await expect(hall.auctions.lots.remove(one.lotId, stranger)).rejects.toEqual(refusal('lot.not_found'))
  const told = (await hall.toldRoom('lot:queue-changed')) as {
    changed: { number: number }[]
    removedLotIds: string[]
  }[]
  expect(told.map((data) => [data.changed.map((lot) => lot.number), data.removedLotIds])).toEqual([
    [[1], []],
    [[2], []],
    [[3], []],
    [[3], []],
    [[3], []],
    [[], [three.lotId]],
    [[4], []],
  ])
})

it('[AU20] makes one lot of one operation id, however often and at once it is asked for', async () => {
  const showId = await hall.addShow(hall.host.creatorId)
  const request = { showId, operationId: operationId() }
  const lots = await Promise.all(Array.from({ length: 6 }, () => hall.lot(request)))
  expect(new Set(lots.map((lot) => lot.lotId)).size).toBe(1)
  await expect(hall.lot({ ...request, startPriceMinor: 2_000 })).rejects.toEqual(refusal('idempotency.key_reused'))
  expect((await hall.auctions.lots.list(showId, hall.host)).items).toHaveLength(1)
  const many = await Promise.all(Array.from({ length: 8 }, () => hall.lot({ showId })))
  expect(many.map((lot) => lot.number).sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
})

it('[AU20] has room for three hundred lots in a show, and for none in one that is over', async () => {
  const showId = await hall.addShow(hall.host.creatorId)
  const { lotId } = await hall.lot({ showId })
  await hall.run(
    `INSERT INTO lots (id, show_id, creator_id, number, position, brand_id, product_id, variant_id, title, picture_url,
       currency, start_price_minor, terms, operation_id, request_hash)
     SELECT gen_random_uuid(), show_id, creator_id, n, n, brand_id, product_id, variant_id, title, picture_url, currency,
       start_price_minor, terms, gen_random_uuid(), '' FROM lots, generate_series(2, 300) n WHERE id = $1`,
    [lotId],
  )
  await expect(hall.lot({ showId })).rejects.toEqual(refusal('lot.too_many'))
  const over = await hall.addShow(hall.host.creatorId, 'ended')
  await expect(hall.lot({ showId: over })).rejects.toEqual(refusal('show.wrong_state', { state: 'ended' }))
})

it('[AU20] puts a lot between two others without moving them, until there is no room left', () => {
  const queue = ['a', 'b', 'c'].map((id, i) => ({ lotId: id as LotId, position: (i + 1) * 4 }))
  const [a, b, c] = queue.map((lot) => lot.lotId) as [LotId, LotId, LotId]
  expect([...movedPositions(queue, c, b)]).toEqual([[c, 6]])
  expect([...movedPositions(queue, c, a)]).toEqual([[c, 2]])
  expect([...movedPositions(queue, a, null)]).toEqual([[a, 12 + 1_024]])
  const tight = queue.map((lot, i) => ({ ...lot, position: i + 1 }))
  expect([...movedPositions(tight, c, b)]).toEqual([
    [a, 1_024],
    [c, 2_048],
    [b, 3_072],
  ])
})

it('[AU21] refuses goods in another currency than that of the show’s other lots', async () => {
  const showId = await hall.addShow(hall.host.creatorId, 'scheduled')
  const [euro, dollar] = [{ ...adHoc, currency: 'EUR' } as const, adHoc]
  const first = await hall.lot({ showId, goods: euro })
  const issues = [{ path: 'goods.currency', problem: 'is not EUR, in which the other lots of the show are sold' }]
  for (const goods of [dollar, { kind: 'variant', variantId: hall.variantId } as const])
    await expect(hall.lot({ showId, goods })).rejects.toEqual(refusal('lot.terms_refused', { issues }))
  await hall.auctions.lots.remove(first.lotId, hall.host)
  expect((await hall.lot({ showId, goods: dollar })).startPrice.currency).toBe('USD')
})

it('[AU21] refuses prices and times that do not go together', async () => {
  const paths = (startPriceMinor: number, terms: AuctionTerms) =>
    termsProblems(startPriceMinor, terms).map((one) => one.path)
  expect(paths(1_000, english({ reserveMinor: 1_000, buyNowMinor: 1_001 }))).toEqual([])
  expect(paths(1_000, english({ reserveMinor: 999 }))).toEqual(['terms.reserveMinor'])
  expect(paths(1_000, english({ buyNowMinor: 1_000 }))).toEqual(['terms.buyNowMinor'])
  expect(paths(1_000, english({ reserveMinor: 5_000, buyNowMinor: 4_999 }))).toEqual(['terms.buyNowMinor'])
  const soft = (overtimeSecondsMax: number) => ({ kind: 'soft', extensionSeconds: 15, overtimeSecondsMax }) as const
  expect(paths(1_000, english({ closing: soft(14) }))).toEqual(['terms.closing'])
  expect(paths(1_000, english({ closing: soft(15) }))).toEqual([])
  expect(paths(1_000, english({ durationSeconds: 86_400, closing: soft(15) }))).toEqual(['terms.closing'])
  expect(paths(1_000, dutch)).toEqual([])
  expect(paths(500, dutch)).toEqual(['terms.floorMinor', 'terms.stepMinor'])
  expect(paths(599, dutch)).toEqual(['terms.stepMinor'])
  expect(paths(200_000, { ...dutch, stepMinor: 1, stepSeconds: 60 })).toEqual(['terms.stepMinor'])
  await expect(hall.lot({ terms: english({ reserveMinor: 999 }) })).rejects.toEqual(
    refusal('lot.terms_refused', { issues: [{ path: 'terms.reserveMinor', problem: 'is below the start price' }] }),
  )
})

it('[AU22] shows a reserve to the host only, until the hammer has fallen', async () => {
  const lot = await hall.lot({ terms: english({ reserveMinor: 4_000 }) })
  expect(lot.terms).toMatchObject({ reserveMinor: 4_000 })
  const { accountId, actor } = await hall.bidder()
  const seen = async (by: Parameters<typeof hall.auctions.lots.list>[1]) =>
    (await hall.auctions.lots.list(hall.showId, by)).items.find((one) => one.lotId === lot.lotId)?.terms
  expect(await seen(hall.host)).toMatchObject({ reserveMinor: 4_000 })
  expect(await seen(actor)).toMatchObject({ reserveMinor: null })
  const { auctionId } = await hall.start(lot.lotId)
  const reserve = async (by: typeof actor | typeof hall.host) => (await hall.auctions.views.get(auctionId, by)).terms
  expect(await reserve(hall.host)).toMatchObject({ reserveMinor: 4_000 })
  expect(await reserve(actor)).toMatchObject({ reserveMinor: null })
  const [mine] = (await hall.auctions.views.listMine(accountId, null)).items
  expect(mine).toBeUndefined()
  const fields = await hall.auctions.views.showFields(hall.showId)
  const told = [
    ...Object.values(fields),
    ...(await hall.toldRoom('lot:queue-changed')).map((one) => JSON.stringify(one)),
  ]
  expect(told.filter((text) => text.includes('4000'))).toEqual([])
  await hall.moveEnd(auctionId, -1)
  await hall.sweep('tick')
  await hall.sweep('copy-logs')
  expect(await reserve(actor)).toMatchObject({ reserveMinor: 4_000 })
})

it('[AU23][CA4][PR8] makes goods up: one brand of the creator, a product that no list shows, a unit that nobody can order', async () => {
  const [first, second] = await Promise.all([hall.lot({ goods: adHoc }), hall.lot({ goods: adHoc })])
  expect(first).toMatchObject({ title: 'A bag of shards', pictureUrl: '/plain-lot.svg', brandId: second.brandId })
  expect(() => hall.lot({ goods: { ...adHoc, pictureUrl: '//elsewhere.test/seen.png' } })).toThrow(/"pictureUrl"/)
  const [creator] = await hall.run<{ brandId: string }>('SELECT brand_id AS "brandId" FROM creators WHERE id = $1', [
    hall.host.creatorId,
  ])
  expect(creator?.brandId).toBe(first.brandId)
  const listed = await hall.catalog.listProducts({ limit: 50 } as Parameters<typeof hall.catalog.listProducts>[0])
  expect(listed.items.map((one) => one.productId)).toContain(hall.productId)
  expect(listed.items.map((one) => one.productId)).not.toContain(first.productId)
  expect((await hall.profiles.brands()).map((one) => one.brandId)).not.toContain(first.brandId)
  expect((await hall.catalog.getProduct({ productId: first.productId })).name).toBe('A bag of shards')
  const units = async () => (await hall.inventory.availableUnits([first.variantId])).get(first.variantId)
  expect(await units()).toBe(0)
  const { auctionId } = await hall.start(first.lotId)
  await hall.moveEnd(auctionId, -1)
  await hall.sweep('tick')
  await hall.sweep('copy-logs')
  expect((await hall.auctions.lots.list(hall.showId, hall.host)).items).toContainEqual(
    expect.objectContaining({ lotId: first.lotId, state: 'unsold', auctionId }),
  )
  expect(await units()).toBe(0)
  const again = await hall.start(first.lotId)
  expect(again.auctionId).not.toBe(auctionId)
  const stranger = await hall.addHost()
  const showId = await hall.addShow(stranger.creatorId)
  const request = { showId, startPriceMinor: 100, terms: english(), operationId: operationId() }
  const theirs = { ...request, goods: { kind: 'variant', variantId: first.variantId as VariantId } } as const
  await expect(hall.auctions.lots.create(theirs, stranger)).rejects.toEqual(refusal('product.not_found'))
})

it('[AU29] takes bids before the start: only upwards, from who may bid, void when the lot changes or goes', async () => {
  const terms = english({ preBidsAllowed: true })
  const lot = await hall.lot({ terms })
  const [ada, ben, guest] = [await hall.bidder(), await hall.bidder(hall.showId, 5_000), await hall.bidder(null)]
  const place = (who: typeof ada, maximumMinor: number, id = operationId(), lotId = lot.lotId) =>
    hall.auctions.preBids.place({ lotId, maximumMinor, operationId: id }, who.accountId)
  const once = operationId()
  const placed = await place(ada, 2_000, once)
  expect(placed).toEqual({ lotId: lot.lotId, maximumMinor: 2_000, placedAtMs: expect.any(Number) })
  expect(await place(ada, 2_000, once)).toEqual(placed)
  await expect(place(ada, 3_000, once)).rejects.toEqual(refusal('idempotency.key_reused'))
  await expect(place(ada, 2_000)).rejects.toEqual(refusal('bid.own_is_higher', { maximumMinor: 2_000 }))
  await expect(place(ada, 2_099)).rejects.toEqual(
    refusal('bid.raise_too_small', { maximumMinor: 2_000, nextMinimumMinor: 2_100 }),
  )
  await expect(place(ada, 999)).rejects.toEqual(refusal('bid.too_low', { nextMinimumMinor: 1_000 }))
  await expect(place(ben, 5_001)).rejects.toEqual(refusal('bid.over_limit', { limitLeftMinor: 5_000 }))
  await expect(place(guest, 2_000)).rejects.toEqual(refusal('bid.not_eligible', { reason: 'not_entered' }))
  const plain = await hall.lot()
  await expect(place(ada, 2_000, operationId(), plain.lotId)).rejects.toEqual(refusal('lot.no_pre_bids'))
  await place(ben, 4_000)
  await place(ada, 3_000)
  const states = () =>
    hall.run('SELECT maximum_minor AS m, state FROM pre_bids WHERE lot_id = $1 ORDER BY placed_at, id', [lot.lotId])
  expect(await states()).toEqual([
    { m: 2_000, state: 'raised' },
    { m: 4_000, state: 'open' },
    { m: 3_000, state: 'open' },
  ])
  const mine = async (who: typeof ada) => (await hall.auctions.preBids.listMine(hall.showId, who.accountId)).items
  expect(await mine(ada)).toEqual([{ ...placed, maximumMinor: 3_000, placedAtMs: expect.any(Number), state: 'open' }])
  hall.told.splice(0)
  const changed = await hall.auctions.lots.change({ lotId: lot.lotId, startPriceMinor: 3_500, terms }, hall.host)
  const voided = { showId: hall.showId, lotId: lot.lotId, lotNumber: lot.number, maximumMinor: 3_000 }
  expect(hall.told).toEqual([
    { accountId: ada.accountId, event: 'lot:pre-bid-voided', data: { ...voided, reason: 'start_price' } },
  ])
  expect((await mine(ada)).map((one) => [one.maximumMinor, one.state])).toEqual([[3_000, 'void']])
  expect((await mine(ben)).map((one) => [one.maximumMinor, one.state])).toEqual([[4_000, 'open']])
  expect(changed).toMatchObject({ preBidCount: 1, startPrice: { amountMinor: 3_500 } })
  const gone = await hall.lot({ terms })
  await place(ada, 2_000, operationId(), gone.lotId)
  await hall.auctions.lots.remove(gone.lotId, hall.host)
  expect(hall.told.at(-1)).toMatchObject({ accountId: ada.accountId, data: { reason: 'lot_removed' } })
  expect(await hall.run('SELECT state FROM pre_bids WHERE lot_id = $1', [gone.lotId])).toEqual([{ state: 'void' }])
  await expect(place(ada, 9_000, operationId(), gone.lotId)).rejects.toEqual(refusal('lot.not_found'))
})

it('[AU29] places them at the start in the order of their placing; the earlier of equal ones leads', async () => {
  const lot = await hall.lot({ terms: english({ preBidsAllowed: true }) })
  const [ada, ben, cleo] = [await hall.bidder(), await hall.bidder(), await hall.bidder()]
  const place = (who: typeof ada, maximumMinor: number) =>
    hall.auctions.preBids.place({ lotId: lot.lotId, maximumMinor, operationId: operationId() }, who.accountId)
  await place(ada, 2_000)
  await place(ben, 3_000)
  await place(cleo, 3_000)
  // A raised bid is as late as its raising.
  await place(ada, 3_000)
  const { auctionId, figures } = await hall.start(lot.lotId)
  const { paddle } = await hall.auctions.entries.bidder(hall.showId, ben.accountId)
  expect(figures).toMatchObject({ priceMinor: 3_000, leader: { number: paddle }, bidCount: 2 })
  const entries = await hall.run(
    'SELECT what, account_id AS a FROM auction_ledger WHERE auction_id = $1 ORDER BY seq',
    [auctionId],
  )
  expect(entries).toEqual([
    { what: 'started', a: null },
    { what: 'pre-bid', a: ben.accountId },
    { what: 'pre-bid', a: cleo.accountId },
  ])
  // The price had passed Ada's maximum before her turn came.
  expect(
    await hall.run('SELECT state FROM pre_bids WHERE auction_id = $1 AND account_id = $2', [auctionId, ada.accountId]),
  ).toEqual([{ state: 'void' }])
  await expect(place(ada, 9_000)).rejects.toEqual(refusal('lot.wrong_state', { state: 'running' }))
})
