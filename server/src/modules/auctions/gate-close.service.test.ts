import type { AccountId, AuctionTerms } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testRedis } from '../../../test/support/services.ts'
import type { Decision, GateClosed } from './gate.ts'
import { english, type Hall, newBidId, openHall, tenDollars } from './gate-for-tests.ts'

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
const codeOf = async (answer: Promise<Decision | GateClosed>) => (await answer).code
const threeBidders = async (terms: AuctionTerms) => {
  const { showId, accounts } = await hall.openShow(3)
  const [a, b, c] = accounts as [AccountId, AccountId, AccountId]
  return { showId, a, b, c, run: await hall.start(showId, tenDollars(terms)) }
}
const dutch: AuctionTerms = { type: 'dutch', floorMinor: 720, stepMinor: 100, stepSeconds: 2 }
const soft = (extensionSeconds: 5 | 7 | 10 | 15, overtimeSecondsMax: number | null = null) =>
  english({ closing: { kind: 'soft', extensionSeconds, overtimeSecondsMax } })

it('[AU5] moves the end only by bids of the last ten seconds, and never to an earlier moment', async () => {
  const { a, b, run } = await threeBidders(soft(15))
  const endOf = (answer: Decision | GateClosed) => decided(answer).figures.endsAtMs - run.startedAtMs
  await run.clock(19_999)
  expect(endOf(await run.bid(a, 1_000))).toBe(30_000)
  await run.clock(20_000)
  const moved = decided(await run.bid(b, 2_000))
  expect([moved.timeLeftMs, endOf(moved), moved.figures.extensions]).toEqual([10_000, 35_000, 1])
  await run.clock(34_999)
  expect(endOf(await run.bid(a, 1_000))).toBe(35_000)
  // Accepted though outbid: the price moved, so others get their time.
  expect(endOf(await run.bid(a, 1_500))).toBe(49_999)
  await run.clock(49_998)
  expect(endOf(await run.bid(b, 2_500))).toBe(49_999)
  const short = await threeBidders(soft(5))
  await short.run.clock(22_000)
  const kept = decided(await short.run.bid(short.a, 1_000))
  expect(kept.figures).toMatchObject({ endsAtMs: short.run.startedAtMs + 30_000, extensions: 0 })
  await short.run.clock(25_001)
  const later = decided(await short.run.bid(short.b, 2_000))
  expect(later.figures).toMatchObject({ endsAtMs: short.run.startedAtMs + 30_001, extensions: 1 })
})

it('[AU5] moves the end as far as the overtime allows, and not beyond', async () => {
  const { a, b, run } = await threeBidders(soft(10, 15))
  const ends: number[] = []
  for (const [at, who, amount] of [
    [29_999, a, 1_000],
    [39_998, b, 2_000],
    [44_999, a, 3_000],
  ] as const) {
    await run.clock(at)
    ends.push(decided(await run.bid(who, amount)).figures.endsAtMs - run.startedAtMs)
  }
  expect(ends).toEqual([39_999, 45_000, 45_000])
  expect((await hall.gate.figures(run.at))?.counters).toEqual({ refusedLate: 0, extensions: 2 })
  await run.clock(45_000)
  expect(await codeOf(run.bid(b, 9_000))).toBe('closed')
})

it('[AU6] moves no end in sudden death', async () => {
  const { a, b, run } = await threeBidders(english({ closing: { kind: 'sudden-death' } }))
  await run.clock(29_999)
  const last = decided(await run.bid(a, 1_000))
  expect(last).toMatchObject({ code: 'leading', timeLeftMs: 1 })
  expect(last.figures).toMatchObject({ endsAtMs: run.startedAtMs + 30_000, extensions: 0 })
  await run.clock(30_000)
  expect(decided(await run.bid(b, 2_000))).toMatchObject({ code: 'closed', timeLeftMs: 0 })
})

it('[AU16] decides by the clock of Redis alone: the last millisecond is open, the end is over', async () => {
  const { a, run } = await threeBidders(english({ closing: { kind: 'sudden-death' } }))
  // An end a few milliseconds away, and bids that are too low as fast as they go, in one packet.
  const endSoon = `local t = redis.call('TIME')
    local ends_at = t[1] * 1000 + math.floor(t[2] / 1000) + 4
    redis.call('HSET', KEYS[1], 'started_at_ms', 0, 'last_at_ms', 0, 'ends_at_ms', string.format('%.0f', ends_at))
    return ends_at`
  let seen: Decision[] = []
  let endsAtMs = 0
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const end = hall.redis.eval(endSoon, 1, run.auctionKey)
    seen = (await Promise.all(Array.from({ length: 600 }, () => run.bid(a, 1)))).map(decided)
    endsAtMs = Number(await end)
    const times = new Set(seen.map((one) => one.decidedAtMs))
    if (times.has(endsAtMs - 1) && times.has(endsAtMs)) break
  }
  const open = seen.filter((one) => one.decidedAtMs < endsAtMs)
  const over = seen.filter((one) => one.decidedAtMs >= endsAtMs)
  expect(Math.max(...open.map((one) => one.decidedAtMs))).toBe(endsAtMs - 1)
  expect(Math.min(...over.map((one) => one.decidedAtMs))).toBe(endsAtMs)
  expect(new Set(open.map((one) => one.code))).toEqual(new Set(['too_low']))
  expect(new Set(over.map((one) => one.code))).toEqual(new Set(['closed']))
  expect(open.map((one) => one.timeLeftMs)).toEqual(open.map((one) => endsAtMs - one.decidedAtMs))
})

it('[AU16] closes once, whoever tries, with the outcome of the moment', async () => {
  const sold = await threeBidders(english({ reserveMinor: 2_000 }))
  await sold.run.bid(sold.a, 2_500)
  await sold.run.clock(29_999)
  expect(await sold.run.tick()).toMatchObject({ code: 'ticked', state: 'running', hasClosed: false })
  await sold.run.clock(30_000)
  const ticks = await Promise.all(Array.from({ length: 20 }, () => sold.run.tick()))
  expect(ticks.map((one) => one.code === 'ticked' && one.hasClosed)).toEqual([true, ...Array(19).fill(false)])
  expect((await hall.logOf(sold.run.at)).map((one) => [one.what, one.outcome, one.leader])).toEqual([
    ['started', null, null],
    ['max', null, 1],
    ['closed', 'sold', 1],
  ])
  expect(await hall.commitmentOf(sold.run.at, sold.a)).toBe(2_000)

  const below = await threeBidders(english({ reserveMinor: 2_000 }))
  await below.run.bid(below.a, 1_999)
  await below.run.clock(30_000)
  await below.run.tick()
  const figures = (await hall.gate.figures(below.run.at))?.figures
  expect(figures).toMatchObject({ state: 'closed', outcome: 'unsold', isReserveMet: false })
  expect(await hall.commitmentOf(below.run.at, below.a)).toBe(0)

  const nobody = await threeBidders(english())
  await nobody.run.clock(90_000)
  await nobody.run.tick()
  expect((await hall.gate.figures(nobody.run.at))?.figures).toMatchObject({
    outcome: 'unsold',
    leader: null,
    priceMinor: 1_000,
  })
})

it('[AU16] counts bids that came within ten seconds after the end, before and after the hammer', async () => {
  const { a, b, run } = await threeBidders(english())
  await run.bid(a, 1_000)
  const late = async (at: number) => {
    await run.clock(at)
    expect(await codeOf(run.bid(b, 2_000))).toBe('closed')
    return (await hall.gate.figures(run.at))?.counters.refusedLate
  }
  expect([await late(30_000), await late(40_000), await late(40_001)]).toEqual([1, 2, 2])
  await run.tick()
  expect([await late(50_001), await late(50_002)]).toEqual([3, 3])
})

it('[AU16] keeps its keys until Postgres has everything, then for an hour after the close', async () => {
  const { a, run } = await threeBidders(english())
  const keys = hall.keysOf(run.at)
  const lives = async () => await Promise.all(keys.slice(0, 3).map((key) => hall.redis.pexpiretime(key)))
  await run.bid(a, 1_000)
  await hall.gate.readLog(run.at, 2)
  await run.clock(30_000)
  await run.tick()
  const rest = await hall.gate.readLog(run.at, 2)
  expect(rest).toMatchObject({ gate: 'stands', seq: 3, state: 'closed', entries: [{ seq: 3, what: 'closed' }] })
  expect(await lives()).toEqual([-1, -1, -1])
  expect(await hall.gate.readLog(run.at, 3)).toMatchObject({ entries: [] })
  const ends = run.startedAtMs + 30_000 + 3_600_000
  // An empty log may be gone at once.
  expect((await lives()).slice(0, 2)).toEqual([ends, ends])
})

it('[AU8] sells at the buy-now price until the first bid', async () => {
  const { a, b, run } = await threeBidders(english({ buyNowMinor: 5_000 }))
  expect(run.opened.figures.buyNowMinor).toBe(5_000)
  expect(decided(await run.buy(a, 4_999))).toMatchObject({ code: 'too_low', nextMinimumMinor: 5_000 })
  const bidId = newBidId()
  const bought = decided(await run.buy(a, 5_200, bidId))
  expect(bought).toMatchObject({ code: 'leading', timeLeftMs: 30_000, maximumMinor: 5_200, outbidAccountId: null })
  expect(bought.figures).toMatchObject({
    state: 'closed',
    outcome: 'bought',
    priceMinor: 5_000,
    leader: { number: 1, name: 'P|1' },
    buyNowMinor: null,
    endsAtMs: run.startedAtMs + 30_000,
  })
  expect(await run.buy(a, 5_200, bidId)).toEqual({ ...bought, isRepeated: true })
  expect(await codeOf(run.buy(a, 5_201, bidId))).toBe('key_reused')
  expect(await codeOf(run.buy(b, 5_000))).toBe('closed')
  expect(await codeOf(run.bid(b, 9_000))).toBe('closed')
  expect(await hall.commitmentOf(run.at, a)).toBe(5_000)
  expect((await hall.logOf(run.at)).map((one) => one.what)).toEqual(['started', 'buy', 'closed'])
  const other = await threeBidders(english({ buyNowMinor: 5_000 }))
  expect(decided(await other.run.bid(other.a, 1_000)).figures.buyNowMinor).toBeNull()
  expect(await codeOf(other.run.buy(other.b, 5_000))).toBe('no_buy_now')
  const none = await threeBidders(english())
  expect(await codeOf(none.run.buy(none.a, 5_000))).toBe('no_buy_now')
})

it('[AU8] sells at the buy-now price until the reserve is met, and frees who led', async () => {
  const terms = english({ buyNowMinor: 5_000, reserveMinor: 3_000 })
  const { showId, a, b, run } = await threeBidders(terms)
  expect(decided(await run.bid(a, 2_000)).figures.buyNowMinor).toBe(5_000)
  expect(decided(await run.buy(b, 5_000))).toMatchObject({ code: 'leading', outbidAccountId: a })
  expect(await hall.commitmentOf(run.at, a)).toBe(0)
  expect(await hall.commitmentOf(run.at, b)).toBe(5_000)
  const met = await hall.start(showId, tenDollars(terms))
  expect(decided(await met.bid(a, 3_000)).figures.buyNowMinor).toBeNull()
  expect(await codeOf(met.buy(b, 5_000))).toBe('no_buy_now')
})

it('[AU8] sells one lot once to a crowd, within each buyer’s limit', async () => {
  const { showId, accounts } = await hall.openShow(30, { limitMinor: 5_000 })
  const run = await hall.start(showId, tenDollars(english({ buyNowMinor: 5_000 })))
  const answers = await Promise.all(accounts.map((account) => run.buy(account, 5_000)))
  expect(answers.map((one) => one.code)).toEqual(['leading', ...Array(29).fill('closed')])
  const again = await hall.start(showId, tenDollars(english({ buyNowMinor: 5_000 })))
  const [winner] = accounts as [AccountId]
  expect(decided(await again.buy(winner, 5_000))).toMatchObject({ code: 'over_limit', limitLeftMinor: 0 })
})

it('[AU9] falls by whole steps to the floor, charges the price of the moment, and ends a step after the floor', async () => {
  const { a, run } = await threeBidders(dutch)
  expect(run.opened.figures).toMatchObject({ endsAtMs: run.startedAtMs + 8_000, priceMinor: 1_000 })
  const priceAt = async (at: number) => {
    await run.clock(at)
    const answer = decided(await run.buy(a, 1))
    return answer.code === 'too_low' ? answer.nextMinimumMinor : answer.code
  }
  const prices: unknown[] = []
  for (const at of [0, 1_999, 2_000, 3_999, 4_000, 5_999, 6_000, 7_999, 8_000]) prices.push(await priceAt(at))
  expect(prices).toEqual([1_000, 1_000, 900, 900, 800, 800, 720, 720, 'closed'])
  expect(await codeOf(run.bid(a, 1_000))).toBe('closed')
  await run.tick()
  expect((await hall.gate.figures(run.at))?.figures).toMatchObject({ outcome: 'unsold', leader: null })
})

it('[AU9] sells to the first tap, at the lower price where it fell meanwhile, and takes no bids', async () => {
  const { a, b, run } = await threeBidders(dutch)
  await run.clock(4_100)
  expect(await codeOf(run.bid(a, 1_000))).toBe('wrong_type')
  const won = decided(await run.buy(a, 900))
  expect(won.figures).toMatchObject({ outcome: 'bought', priceMinor: 800, leader: { number: 1 } })
  expect(await codeOf(run.buy(b, 1_000))).toBe('closed')
  expect(await hall.commitmentOf(run.at, a)).toBe(800)
})

it('[AU10] places bids from before the start in their order, and leaves out what would be refused now', async () => {
  const { showId, accounts } = await hall.openShow(5)
  const [a, b, c, d, e] = accounts as [AccountId, AccountId, AccountId, AccountId, AccountId]
  await hall.showState(showId)
  await hall.gate.bar(showId, d, 'barred_by_host')
  const ids = Array.from({ length: 6 }, newBidId)
  const pre = (i: number, accountId: AccountId, maximumMinor: number) => ({
    bidId: ids[i] as (typeof ids)[number],
    accountId,
    maximumMinor,
  })
  const preBids = [pre(0, e, 900), pre(1, a, 3_000), pre(2, b, 3_000), pre(3, c, 3_000), pre(4, d, 9_000)]
  const run = await hall.start(showId, tenDollars(), { preBids: [...preBids, pre(5, c, 20_000)] })
  expect(run.opened.voided).toEqual([
    { bidId: ids[0], code: 'too_low' },
    { bidId: ids[3], code: 'too_low' },
    { bidId: ids[4], code: 'not_eligible' },
  ])
  expect(run.opened.figures).toMatchObject({ priceMinor: 3_200, leader: { number: 3 }, bidCount: 3, extensions: 0 })
  const entries = await hall.logOf(run.at)
  expect(entries.map((one) => [one.what, one.paddle, one.answer, one.priceMinor, one.leader])).toEqual([
    ['started', null, null, 1_000, null],
    ['pre-bid', 1, 'leading', 1_000, 1],
    ['pre-bid', 2, 'outbid', 3_000, 1],
    ['pre-bid', 3, 'leading', 3_200, 3],
  ])
  expect(await hall.commitmentOf(run.at, c)).toBe(20_000)
  expect((await hall.feed(showId)).map((one) => one.type)).toEqual(['auction:started'])
  // The id of a pre-bid is spent.
  expect(await codeOf(run.bid(a, 3_000, { bidId: ids[1] as (typeof ids)[number] }))).toBe('key_reused')
})

it('[AU10] has not started before its time', async () => {
  const { showId, accounts } = await hall.openShow(1)
  const [a] = accounts as [AccountId]
  const run = await hall.start(showId, tenDollars(), { startsInMs: 3_600_000 })
  await run.clock(-1)
  expect(await codeOf(run.bid(a, 1_000))).toBe('not_started')
  expect(await codeOf(run.buy(a, 1_000))).toBe('not_started')
  await run.clock(0)
  expect(decided(await run.bid(a, 1_000))).toMatchObject({ code: 'leading', timeLeftMs: 30_000 })
})
