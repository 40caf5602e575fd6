import { createHash } from 'node:crypto'
import { type AccountId, type BrandId, ledgerText } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { testRedis } from '../../../test/support/services.ts'
import type { Decision, GateClosed } from './gate.ts'
import { english, type Hall, newBidId, openHall, type RunningLot, tenDollars } from './gate-for-tests.ts'

let hall: Hall
let store: { drop(): Promise<void> }
beforeAll(async () => {
  const redis = await testRedis()
  store = redis
  hall = await openHall(redis.url)
})
afterAll(async () => {
  hall.close()
  await store.drop()
})

const decided = (answer: Decision | GateClosed): Decision => {
  if (answer.code === 'gate_closed') throw new Error('The gate is closed')
  return answer
}
/** What a test of prices looks at: code, price, leader's paddle, next minimum. */
const short = (answer: Decision | GateClosed) => {
  const { code, figures } = decided(answer)
  return [code, figures.priceMinor, figures.leader?.number ?? null, figures.nextMinimumMinor]
}
const threeBidders = async (lot = tenDollars()) => {
  const { showId, accounts } = await hall.openShow(3)
  const [a, b, c] = accounts as [AccountId, AccountId, AccountId]
  return { showId, a, b, c, run: await hall.start(showId, lot) }
}
const codeOf = async (answer: Promise<Decision | GateClosed>) => (await answer).code

it('[AU1] needs the start price first, then the price and its increment, by the table of the lot', async () => {
  const { a, b, run } = await threeBidders()
  expect(short(await run.bid(a, 999))).toEqual(['too_low', 1_000, null, 1_000])
  expect(short(await run.bid(a, 1_000, { kind: 'bid' }))).toEqual(['leading', 1_000, 1, 1_100])
  expect(short(await run.bid(b, 1_099))).toEqual(['too_low', 1_000, 1, 1_100])
  expect(short(await run.bid(b, 2_999, { kind: 'bid' }))).toEqual(['leading', 2_999, 2, 3_099])
  expect(short(await run.bid(a, 3_099, { kind: 'bid' }))).toEqual(['leading', 3_099, 1, 3_299])
  const own = { ...tenDollars(), increments: [{ fromMinor: 0, stepMinor: 7 }] }
  const other = await threeBidders(own)
  expect(short(await other.run.bid(other.a, 1_000))).toEqual(['leading', 1_000, 1, 1_007])
})

it('[AU2] bids a maximum step by step, only as far as others make it necessary', async () => {
  const { a, b, c, run } = await threeBidders()
  expect(short(await run.bid(a, 5_000))).toEqual(['leading', 1_000, 1, 1_100])
  expect(short(await run.bid(b, 2_000))).toEqual(['outbid', 2_100, 1, 2_200])
  expect(short(await run.bid(b, 4_950))).toEqual(['outbid', 5_000, 1, 5_300])
  expect(short(await run.bid(c, 5_300))).toEqual(['leading', 5_300, 3, 5_600])
  expect(short(await run.bid(a, 9_000))).toEqual(['leading', 5_600, 1, 5_900])
  expect(short(await run.bid(b, 20_000))).toEqual(['leading', 9_300, 2, 9_600])
})

it('[AU2] lets the earlier maximum win a tie, at that maximum', async () => {
  const { a, b, run } = await threeBidders()
  await run.bid(a, 2_500)
  const tied = decided(await run.bid(b, 2_500))
  expect(short(tied)).toEqual(['outbid', 2_500, 1, 2_600])
  expect(tied).toMatchObject({ maximumMinor: 2_500, outbidAccountId: null })
  expect(short(await run.bid(b, 2_600, { kind: 'bid' }))).toEqual(['leading', 2_600, 2, 2_700])
})

it('[AU3] takes an outright bid at its price, or as outbid where an earlier maximum is as high', async () => {
  const { a, b, c, run } = await threeBidders()
  expect(short(await run.bid(a, 1_500, { kind: 'bid' }))).toEqual(['leading', 1_500, 1, 1_600])
  expect(short(await run.bid(b, 4_000))).toEqual(['leading', 1_600, 2, 1_700])
  expect(short(await run.bid(c, 2_000, { kind: 'bid' }))).toEqual(['outbid', 2_100, 2, 2_200])
  expect(short(await run.bid(c, 4_000, { kind: 'bid' }))).toEqual(['outbid', 4_000, 2, 4_200])
  const led = decided(await run.bid(c, 6_000, { kind: 'bid' }))
  expect(short(led)).toEqual(['leading', 6_000, 3, 6_300])
  expect(led.outbidAccountId).toBe(b)
})

it('[AU4] lets the leader raise the own maximum without moving price or end, and never bid against oneself', async () => {
  const { a, b, run } = await threeBidders()
  await run.bid(a, 2_000)
  expect(await codeOf(run.bid(a, 2_000))).toBe('own_is_higher')
  expect(decided(await run.bid(a, 1_500, { kind: 'bid' }))).toMatchObject({
    code: 'own_is_higher',
    maximumMinor: 2_000,
    nextMinimumMinor: 1_100,
  })
  await run.clock(25_000)
  const raised = decided(await run.bid(a, 3_000))
  expect(short(raised)).toEqual(['leading', 1_000, 1, 1_100])
  expect(raised).toMatchObject({ outbidAccountId: null, maximumMinor: 3_000 })
  expect(raised.figures).toMatchObject({ bidCount: 2, extensions: 0, endsAtMs: run.startedAtMs + 30_000 })
  expect(short(await run.bid(a, 3_500, { kind: 'bid' }))).toEqual(['leading', 1_000, 1, 1_100])
  expect(short(await run.bid(b, 3_400))).toEqual(['outbid', 3_500, 1, 3_700])
  expect(short(await run.bid(a, 3_600))).toEqual(['raise_too_small', 3_500, 1, 3_700])
})

it('[AU4] asks the leader to raise the own maximum by an increment at least, and never below the next bid', async () => {
  const { a, b, run } = await threeBidders()
  await run.bid(a, 3_000)
  const refused = decided(await run.bid(a, 3_199))
  expect(refused).toMatchObject({ code: 'raise_too_small', maximumMinor: 3_000, nextMinimumMinor: 3_200, ledgerSeq: 2 })
  expect(await codeOf(run.bid(a, 3_001, { kind: 'bid' }))).toBe('raise_too_small')
  expect(await hall.logOf(run.at)).toHaveLength(2)
  expect(short(await run.bid(a, 3_200))).toEqual(['leading', 1_000, 1, 1_100])
  await run.bid(b, 3_200)
  expect(short(await run.bid(a, 3_399))).toEqual(['raise_too_small', 3_200, 1, 3_400])
  // A table whose steps fall asks for less at the maximum than at the price.
  const falling = [
    { fromMinor: 0, stepMinor: 70 },
    { fromMinor: 1_010, stepMinor: 5 },
  ]
  const other = await threeBidders({ ...tenDollars(), increments: falling })
  expect(short(await other.run.bid(other.a, 1_010))).toEqual(['leading', 1_000, 1, 1_070])
  expect(decided(await other.run.bid(other.a, 1_069)).nextMinimumMinor).toBe(1_070)
  expect(await codeOf(other.run.bid(other.a, 1_070))).toBe('leading')
})

it('[AU7] lifts the price to the reserve with the maximum that meets it, and shows only whether it is met', async () => {
  const { a, b, run } = await threeBidders(tenDollars(english({ reserveMinor: 4_000 })))
  expect(decided(await run.bid(a, 3_000)).figures).toMatchObject({ priceMinor: 1_000, isReserveMet: false })
  expect(short(await run.bid(b, 3_999))).toEqual(['leading', 3_200, 2, 3_400])
  const met = decided(await run.bid(b, 6_000))
  expect(short(met)).toEqual(['leading', 4_000, 2, 4_200])
  expect(met.figures.isReserveMet).toBe(true)
  expect(short(await run.bid(a, 5_000))).toEqual(['outbid', 5_300, 2, 5_600])
  const hidden = await threeBidders(tenDollars(english({ reserveMinor: 4_000, isReserveShown: false })))
  expect(decided(await hidden.run.bid(hidden.a, 4_000)).figures).toMatchObject({
    priceMinor: 4_000,
    isReserveMet: null,
  })
  const first = await threeBidders(tenDollars(english({ reserveMinor: 1_200 })))
  expect(short(await first.run.bid(first.a, 1_500, { kind: 'bid' }))).toEqual(['leading', 1_500, 1, 1_600])
})

it('[AU11] refuses who has not entered, who is barred, and whose own lot it is', async () => {
  const lot = tenDollars()
  const { showId, entrants, accounts } = await hall.openShow(2)
  const run = await hall.start(showId, lot)
  const [a, b] = accounts as [AccountId, AccountId]
  const stranger = newId<AccountId>()
  expect(decided(await run.bid(stranger, 1_000))).toMatchObject({
    code: 'not_eligible',
    reason: 'not_entered',
    paddle: null,
    ledgerSeq: 1,
    link: run.opened.link,
  })
  expect(await hall.gate.bar(showId, a, 'barred_by_host')).toBe('barred')
  expect(decided(await run.bid(a, 1_000))).toMatchObject({ code: 'not_eligible', reason: 'barred_by_host', paddle: 1 })
  // Entering again, for another limit, does not lift it.
  const [one] = entrants
  if (!one) throw new Error('unreachable')
  expect(await hall.gate.enter(showId, { ...one, limitMinor: 9_000 })).toBe('entered')
  expect(decided(await run.bid(a, 1_000)).reason).toBe('barred_by_host')
  expect(await hall.gate.bar(showId, a, null)).toBe('barred')
  expect(await codeOf(run.bid(a, 1_000))).toBe('leading')
  expect(await hall.gate.bar(showId, stranger, 'non_payer')).toBe('not_entered')
  const owner = { accountId: b, paddle: 2, name: 'B', limitMinor: null, barredFor: null }
  await hall.gate.enter(showId, { ...owner, brandIds: [newId<BrandId>(), lot.brandId] })
  expect(decided(await run.bid(b, 2_000))).toMatchObject({ code: 'not_eligible', reason: 'own_lot' })
  await hall.gate.enter(showId, { ...owner, brandIds: [newId<BrandId>()] })
  expect(await codeOf(run.bid(b, 2_000))).toBe('leading')
})

it('[AU12] counts leading maxima and wins of all auctions of the show to the own limit', async () => {
  const { showId, accounts } = await hall.openShow(2, { limitMinor: 10_000 })
  const [a, b] = accounts as [AccountId, AccountId]
  const [first, second] = [await hall.start(showId, tenDollars()), await hall.start(showId, tenDollars())]
  expect(decided(await first.bid(a, 10_001, { isSure: true }))).toMatchObject({
    code: 'over_limit',
    limitLeftMinor: 10_000,
  })
  expect(await codeOf(first.bid(a, 6_000))).toBe('leading')
  expect(decided(await second.bid(a, 4_001))).toMatchObject({ code: 'over_limit', limitLeftMinor: 4_000 })
  expect(await codeOf(second.bid(a, 4_000))).toBe('leading')
  // The own maximum here is replaced by the new one, not added to it.
  expect(decided(await first.bid(a, 6_300))).toMatchObject({ code: 'over_limit', limitLeftMinor: 6_000 })
  // Outbid on one, free for the other; a win counts its price.
  expect(await codeOf(first.bid(b, 7_000))).toBe('leading')
  expect(await hall.commitmentOf(first.at, a)).toBe(4_000)
  expect(await hall.commitmentOf(first.at, b)).toBe(7_000)
  await second.clock(30_000)
  await second.tick()
  expect(await hall.commitmentOf(first.at, a)).toBe(1_000)
  expect(await codeOf(first.bid(a, 9_000))).toBe('leading')
  expect(await hall.commitmentOf(first.at, a)).toBe(10_000)
  expect(await hall.commitmentOf(first.at, b)).toBe(0)
})

it('[AU13] asks once more before it takes more than ten times the least bid', async () => {
  const { a, b, run } = await threeBidders()
  expect(await codeOf(run.bid(a, 10_001))).toBe('far_above_price')
  expect(await codeOf(run.bid(a, 10_000))).toBe('leading')
  expect(await codeOf(run.bid(b, 11_001))).toBe('far_above_price')
  expect(short(await run.bid(b, 11_001, { isSure: true }))).toEqual(['leading', 10_500, 2, 11_000])
})

it('[AU14] answers a bid that comes again as the first time, also after others and after the close', async () => {
  const { a, b, run } = await threeBidders()
  const bidId = newBidId()
  const first = decided(await run.bid(a, 2_000, { bidId }))
  expect(first).toMatchObject({ isRepeated: false, ledgerSeq: 2, maximumMinor: 2_000, paddle: 1 })
  await run.bid(b, 3_000)
  const again = { ...first, isRepeated: true }
  expect(await run.bid(a, 2_000, { bidId })).toEqual(again)
  await run.clock(60_000)
  expect(await run.bid(a, 2_000, { bidId })).toEqual(again)
  await run.tick()
  expect(await run.bid(a, 2_000, { bidId })).toEqual(again)
  expect(await codeOf(run.bid(a, 2_001, { bidId }))).toBe('key_reused')
  expect(await codeOf(run.bid(a, 2_000, { bidId, kind: 'bid' }))).toBe('key_reused')
  expect(await codeOf(run.bid(b, 2_000, { bidId }))).toBe('key_reused')
  expect(await codeOf(run.buy(a, 2_000, bidId))).toBe('key_reused')
  expect((await hall.logOf(run.at)).map((entry) => entry.what)).toEqual(['started', 'max', 'max', 'closed'])
})

it('[AU14] does not remember a refusal: the same bid id may be accepted later', async () => {
  const { a, run } = await threeBidders()
  const bidId = newBidId()
  expect(await codeOf(run.bid(a, 20_000, { bidId }))).toBe('far_above_price')
  expect(await codeOf(run.bid(a, 20_000, { bidId, isSure: true }))).toBe('leading')
})

it('[AU14] tells the one who led that somebody bid more, and nobody on a repetition', async () => {
  const { a, b, run } = await threeBidders()
  await run.bid(a, 2_000)
  const bidId = newBidId()
  expect(decided(await run.bid(b, 3_000, { bidId })).outbidAccountId).toBe(a)
  expect(decided(await run.bid(b, 3_000, { bidId })).outbidAccountId).toBeNull()
})

/** Everything that speaks against a bid at once; each line takes the first reason away. */
it('[AU15] names the first of all reasons that apply, and writes nothing when it refuses', async () => {
  const lot = tenDollars()
  const { showId, entrants, accounts } = await hall.openShow(2, { limitMinor: 1_500 })
  const [a, b] = accounts as [AccountId, AccountId]
  const [entrant] = entrants
  if (!entrant) throw new Error('unreachable')
  const run: RunningLot = await hall.start(showId, lot)
  const bidId = newBidId()
  await run.bid(a, 1_200, { bidId })
  const before = await hall.redis.hgetall(run.auctionKey)
  await hall.gate.bar(showId, a, 'barred_by_host')
  await run.clock(40_000)
  await hall.gate.shut(run.at)
  expect(await codeOf(run.bid(a, 900, { bidId }))).toBe('gate_closed')
  await hall.redis.hset(run.auctionKey, 'gate_run_id', before.gate_run_id ?? '')
  expect(await codeOf(run.bid(a, 900, { bidId }))).toBe('key_reused')
  expect(decided(await run.bid(a, 1_200, { bidId }))).toMatchObject({ code: 'leading', isRepeated: true })
  expect(await codeOf(run.bid(a, 900))).toBe('not_eligible')
  await hall.gate.bar(showId, a, null)
  await hall.redis.hset(run.auctionKey, 'started_at_ms', run.startedAtMs + 50_000)
  expect(await codeOf(run.bid(a, 900))).toBe('not_started')
  await hall.redis.hset(run.auctionKey, 'started_at_ms', run.startedAtMs)
  expect(await codeOf(run.bid(a, 900))).toBe('closed')
  await hall.redis.hset(run.auctionKey, { ...before, last_at_ms: run.startedAtMs + 1_000 })
  expect(await codeOf(run.bid(a, 900))).toBe('own_is_higher')
  expect(await codeOf(run.bid(a, 1_250))).toBe('raise_too_small')
  expect(await codeOf(run.bid(b, 900))).toBe('too_low')
  expect(await codeOf(run.bid(b, 11_001))).toBe('far_above_price')
  expect(await codeOf(run.bid(b, 11_000))).toBe('over_limit')
  expect(await hall.redis.hgetall(run.auctionKey)).toEqual({ ...before, last_at_ms: String(run.startedAtMs + 1_000) })
  expect(await hall.logOf(run.at)).toHaveLength(2)
  expect(await codeOf(run.bid(b, 1_200))).toBe('outbid')
  expect(await codeOf(run.bid(b, 1_400))).toBe('leading')
})

it('[AU17] links every entry to the one before, from the head on', async () => {
  const { a, b, run } = await threeBidders(tenDollars(english({ buyNowMinor: 9_000, reserveMinor: 5_000 })))
  await run.bid(a, 2_000)
  await run.clock(5_000)
  await run.bid(b, 3_000, { kind: 'bid' })
  const bought = decided(await run.buy(a, 9_500))
  const entries = await hall.logOf(run.at)
  expect(entries.map((one) => [one.seq, one.what, one.atMs - run.startedAtMs, one.amountMinor, one.leader])).toEqual([
    [1, 'started', expect.any(Number), null, null],
    [2, 'max', 0, 2_000, 1],
    [3, 'bid', 5_000, 3_000, 2],
    [4, 'buy', 5_000, 9_500, 1],
    [5, 'closed', 5_000, null, 1],
  ])
  let link = createHash('sha1').update(run.facts.head).digest('hex')
  for (const entry of entries) {
    link = createHash('sha1')
      .update(`${link}\n${ledgerText(run.at.auctionId, entry)}`)
      .digest('hex')
    expect(entry.link).toBe(link)
  }
  expect(bought).toMatchObject({ ledgerSeq: 4, link: entries[3]?.link })
  expect(entries[4]).toMatchObject({ outcome: 'bought', leaderAccountId: a, priceMinor: 9_000, accountId: null })
})

it('[AU19] tells the room figures and event in the step that decides, and nothing of a refusal', async () => {
  const { showId, accounts } = await hall.openShow(2)
  await hall.showState(showId)
  const run = await hall.start(showId, tenDollars())
  const { auctionId } = run.at
  const [a, b] = accounts as [AccountId, AccountId]
  const first = decided(await run.bid(a, 2_000))
  await run.bid(b, 500)
  const second = decided(await run.bid(b, 2_500))
  await run.clock(30_000)
  await run.tick()
  await run.tick()
  const standing = await hall.gate.figures(run.at)
  const closed = (await hall.logOf(run.at)).at(-1)
  const auction = { ...run.facts.auction, startedAtMs: run.startedAtMs, figures: run.opened.figures }
  expect(await hall.feed(showId)).toEqual([
    { type: 'auction:started', data: { auction } },
    { type: 'auction:price-changed', data: { auctionId, figures: first.figures } },
    { type: 'auction:price-changed', data: { auctionId, figures: second.figures } },
    {
      type: 'auction:closed',
      data: { auctionId, figures: standing?.figures, closedAtMs: run.startedAtMs + 30_000, link: closed?.link },
    },
  ])
  const fields = await hall.showFields(showId)
  expect(fields.seq).toBe('4')
  expect(JSON.parse(fields[`auction:${auctionId}`] ?? '')).toEqual(auction)
  expect(JSON.parse(fields[`figures:${auctionId}`] ?? '')).toEqual(standing?.figures)
  expect(standing?.figures).toMatchObject({ state: 'closed', outcome: 'sold', priceMinor: 2_100, ledgerSeq: 4 })
})
