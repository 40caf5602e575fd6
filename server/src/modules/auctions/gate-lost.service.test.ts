import type { AccountId, AuctionId, ShowId } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { whenReady } from '#infra/redis/client'
import { newId } from '#kernel/ids'
import { showStateKey } from '#modules/live'
import { type OwnRedis, startRedis } from '../../../test/support/services.ts'
import type { Entrant, LoggedEntry, Resumption } from './gate.ts'
import { english, type Hall, newBidId, openHall, type RunningLot, tenDollars } from './gate-for-tests.ts'

let hall: Hall
let server: OwnRedis
beforeAll(async () => {
  server = await startRedis()
  hall = await openHall(server.url)
})
afterAll(async () => {
  hall.close()
  await server[Symbol.asyncDispose]()
})

/** What Postgres would know of a lot whose log was copied. */
function resumptionOf(run: RunningLot, entries: readonly LoggedEntry[], leaderMaximumMinor: number | null): Resumption {
  const last = entries.at(-1)
  if (!last) throw new Error('A lot that has started has an entry')
  return {
    how: 'resume',
    startedAtMs: run.startedAtMs,
    firstEndsAtMs: run.opened.figures.endsAtMs,
    last,
    leaderMaximumMinor,
    refusedLate: 3,
    bids: entries.filter((entry) => entry.bidId !== null),
    olderBidIds: [],
  }
}
const resume = async (run: RunningLot, resumption: Resumption, generation = '') => {
  const { nowMs } = await hall.gate.readLog(run.at, resumption.last.seq)
  const basis = { generation, seq: resumption.last.seq, readAtMs: nowMs }
  return await hall.gate.open(run.at, basis, { ...run.facts, run: resumption }, newId())
}
const openDesk = async (showId: ShowId, entrants: readonly Entrant[], commitments: [AccountId, number][] = []) =>
  await hall.gate.openDesk(showId, await hall.gate.deskBasis(showId), { entrants, commitments: new Map(commitments) })
const twoBidders = async (terms = english()) => {
  const { showId, entrants, accounts } = await hall.openShow(2, { limitMinor: 50_000 })
  const [a, b] = accounts as [AccountId, AccountId]
  return { showId, entrants, a, b, run: await hall.start(showId, tenDollars(terms)) }
}

it('[AU18] takes nobody in before the desk of the show is open, and opens it once', async () => {
  const showId = newId<ShowId>()
  const at = { showId, auctionId: newId<AuctionId>() }
  const account = newId<AccountId>()
  const entrant: Entrant = { accountId: account, paddle: 1, name: 'A', limitMinor: null, barredFor: null, brandIds: [] }
  expect(await hall.gate.enter(showId, entrant)).toBe('gate_closed')
  expect(await hall.gate.bar(showId, account, 'non_payer')).toBe('gate_closed')
  const closed = await hall.open(at, (await twoBidders()).run.facts, {})
  expect(closed.code).toBe('desk_closed')
  expect(await hall.gate.deskBasis(showId)).toMatchObject({ isOpen: false })
  const basis = await hall.gate.deskBasis(showId)
  const contents = { entrants: [entrant], commitments: new Map([[account, 700]]) }
  expect(await hall.gate.openDesk(showId, { ...basis, runId: 'f'.repeat(40) }, contents)).toBe('stale')
  expect(await hall.gate.openDesk(showId, { ...basis, nowMs: basis.nowMs - 5_500 }, contents)).toBe('stale')
  expect(await hall.gate.openDesk(showId, basis, contents)).toBe('opened')
  expect(await hall.gate.openDesk(showId, basis, { entrants: [], commitments: new Map() })).toBe('stands')
  expect(await hall.gate.enter(showId, { ...entrant, limitMinor: 500 })).toBe('entered')
  expect(await hall.commitmentOf(at, account)).toBe(700)
  expect(await hall.gate.deskBasis(showId)).toMatchObject({ isOpen: true })
})

it('[AU18] shuts everything when Redis was emptied, and goes on where Postgres was', async () => {
  const { showId, entrants, a, b, run } = await twoBidders(english({ reserveMinor: 9_000, buyNowMinor: 30_000 }))
  const bidId = newBidId()
  const first = await run.bid(a, 2_000, { bidId })
  await run.clock(12_000)
  await run.bid(b, 5_000)
  const entries = await hall.logOf(run.at)
  await server.flush()
  expect((await run.bid(a, 6_000)).code).toBe('gate_closed')
  expect((await run.buy(a, 30_000)).code).toBe('gate_closed')
  expect((await run.tick()).code).toBe('gate_closed')
  expect(await hall.gate.figures(run.at)).toBeNull()
  expect((await hall.gate.readLog(run.at, 0)).gate).toBe('none')
  const resumption = resumptionOf(run, entries, 5_000)
  expect((await resume(run, resumption)).code).toBe('desk_closed')
  expect(await openDesk(showId, entrants, [[b, 5_000]])).toBe('opened')
  const resumed = await resume(run, resumption)
  if (resumed.code !== 'opened') throw new Error(resumed.code)
  expect(resumed.figures).toEqual({ ...entries.at(-1)?.figures, ledgerSeq: 4 })
  expect((await resume(run, resumption)).code).toBe('stands')
  expect(await hall.logOf(run.at)).toEqual([expect.objectContaining({ seq: 4, what: 'resumed', link: resumed.link })])
  expect((await hall.gate.figures(run.at))?.counters).toEqual({ refusedLate: 3, extensions: 0 })
  // Answers of before, the leader’s maximum and the own limits are as they were.
  expect(await run.bid(a, 2_000, { bidId })).toEqual({ ...first, isRepeated: true })
  expect(await run.bid(b, 5_000)).toMatchObject({ code: 'own_is_higher' })
  expect(await run.bid(b, 50_001, { isSure: true })).toMatchObject({ code: 'over_limit', limitLeftMinor: 50_000 })
  expect(await run.bid(a, 4_000)).toMatchObject({ code: 'outbid', ledgerSeq: 5, figures: { priceMinor: 4_200 } })
  expect(await run.bid(a, 9_500)).toMatchObject({ code: 'leading', figures: { priceMinor: 9_000, isReserveMet: true } })
})

it('[AU18] gives back bidding time that was lost, also in sudden death and beyond the overtime', async () => {
  const endAfter = async (terms: ReturnType<typeof english>, lastAtMs: number) => {
    const { showId, entrants, a, run } = await twoBidders(terms)
    await run.clock(lastAtMs)
    await run.bid(a, 2_000)
    const entries = await hall.logOf(run.at)
    await server.flush()
    await openDesk(showId, entrants, [[a, 2_000]])
    const resumed = await resume(run, resumptionOf(run, entries, 2_000))
    return resumed.code === 'opened' ? resumed.figures.endsAtMs - run.startedAtMs : resumed.code
  }
  expect(await endAfter(english({ closing: { kind: 'sudden-death' } }), 29_000)).toBe(39_000)
  expect(await endAfter(english({ closing: { kind: 'sudden-death' } }), 5_000)).toBe(30_000)
  const capped = english({ closing: { kind: 'soft', extensionSeconds: 15, overtimeSecondsMax: 5 } })
  expect(await endAfter(capped, 29_000)).toBe(44_000)
})

it('[AU18] is shut after a restart of Redis until what it still knew is in Postgres', async () => {
  const { showId, entrants, a, b, run } = await twoBidders()
  await run.bid(a, 2_000)
  const copied = await hall.logOf(run.at)
  await run.bid(b, 3_000)
  await server.restart()
  await whenReady(hall.redis, 10_000)
  expect((await run.bid(a, 4_000)).code).toBe('gate_closed')
  expect(await openDesk(showId, entrants, [[b, 3_000]])).toBe('opened')
  const left = await hall.gate.readLog(run.at, 2)
  if (left.gate === 'none') throw new Error('The file was kept')
  expect(left).toMatchObject({ gate: 'shut', seq: 3, state: 'running', entries: [{ seq: 3, what: 'max' }] })
  const old = resumptionOf(run, copied, 2_000)
  expect((await resume(run, old, left.generation)).code).toBe('not_copied')
  expect((await resume(run, old)).code).toBe('not_copied')
  const whole = resumptionOf(run, [...copied, ...left.entries], 3_000)
  expect((await resume(run, whole, newId())).code).toBe('not_copied')
  const stale = { generation: left.generation, seq: 3, readAtMs: left.nowMs - 5_500 }
  expect((await hall.gate.open(run.at, stale, { ...run.facts, run: whole }, newId())).code).toBe('stale')
  expect((await resume(run, whole, left.generation)).code).toBe('opened')
  expect(await run.bid(a, 4_000)).toMatchObject({ code: 'leading', ledgerSeq: 5, outbidAccountId: b })
})

it('[AU18] takes no bid a second time whose answer was too old to be kept', async () => {
  const { showId, entrants, a, b, run } = await twoBidders()
  const bidId = newBidId()
  await run.bid(a, 2_000, { bidId })
  await run.bid(b, 3_000)
  const entries = await hall.logOf(run.at)
  await server.flush()
  await openDesk(showId, entrants, [[b, 3_000]])
  const resumption = resumptionOf(run, entries, 3_000)
  const newest = resumption.bids.slice(1)
  expect((await resume(run, { ...resumption, bids: newest, olderBidIds: [bidId] })).code).toBe('opened')
  expect((await run.bid(a, 2_000, { bidId })).code).toBe('key_reused')
  expect((await run.bid(a, 9_000, { bidId })).code).toBe('key_reused')
  expect(await hall.logOf(run.at)).toEqual([expect.objectContaining({ what: 'resumed' })])
})

it('[AU18] lets one of many open a lost gate', async () => {
  const { showId, entrants, run } = await twoBidders()
  const entries = await hall.logOf(run.at)
  await server.flush()
  await openDesk(showId, entrants)
  const answers = await Promise.all(Array.from({ length: 8 }, () => resume(run, resumptionOf(run, entries, null))))
  expect(answers.map((one) => one.code).sort()).toEqual(['opened', ...Array(7).fill('stands')])
  expect((await hall.logOf(run.at)).map((one) => [one.seq, one.what])).toEqual([[2, 'resumed']])
})

it('[AU19] mends what the state of the show says, and leaves a closed lot out that it has dropped', async () => {
  const { showId, a, run } = await twoBidders()
  const { auctionId } = run.at
  const key = showStateKey(showId)
  const types = async () => (await hall.feed(showId)).map((one) => one.type)
  // No state at the start: it is told when there is one.
  await run.bid(a, 2_000)
  await run.tick()
  expect(await types()).toEqual([])
  await hall.showState(showId)
  await run.tick()
  await run.tick()
  expect(await types()).toEqual(['auction:started'])
  const fields = await hall.showFields(showId)
  expect(JSON.parse(fields[`auction:${auctionId}`] ?? '')).toMatchObject({
    startedAtMs: run.startedAtMs,
    figures: { bidCount: 1 },
  })
  await hall.redis.hset(key, `figures:${auctionId}`, JSON.stringify(run.opened.figures))
  await run.tick()
  expect(await types()).toEqual(['auction:started', 'auction:price-changed'])
  // A state of another run of the server is not to be trusted, and not touched.
  await hall.redis.hset(key, 'run', 'f'.repeat(40), `figures:${auctionId}`, '{}')
  await run.clock(30_000)
  await run.tick()
  expect((await hall.showFields(showId))[`figures:${auctionId}`]).toBe('{}')
  await hall.redis.hset(key, 'run', fields.run ?? '')
  await run.tick()
  expect(await types()).toEqual(['auction:started', 'auction:price-changed', 'auction:closed'])
  await hall.start(showId, tenDollars(), { forgetAuctionIds: [auctionId] })
  await run.tick()
  expect(Object.keys(await hall.showFields(showId)).filter((field) => field.endsWith(auctionId))).toEqual([])
})
