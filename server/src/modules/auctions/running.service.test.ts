import type { AuctionId, LotId } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { english, type Hall, openHall, operationId } from './hall-for-tests.ts'

let hall: Hall
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  hall = await openHall({ databaseUrl: database.url, redisUrl: redis.url })
})
beforeEach(() => void hall.told.splice(0))
afterAll(async () => {
  await hall?.close()
  for (const one of stores) await one.drop()
})

const refusal = (code: string, details: unknown = expect.anything()) => expect.objectContaining({ code, details })
const lotOf = async (lotId: string) =>
  (await hall.auctions.lots.list(hall.showId, hall.host)).items.find((lot) => lot.lotId === lotId)
/** An auction whose end was moved back is looked at again within a second. */
const close = async (auctionId: AuctionId, showId = hall.showId) => {
  await hall.moveEnd(auctionId, -1, showId)
  const isRecorded = async () => {
    await hall.sweep('tick')
    await hall.sweep('copy-logs')
    return (await hall.run('SELECT 1 FROM auction_results WHERE auction_id = $1', [auctionId])).length
  }
  await expect.poll(isRecorded, { timeout: 5_000 }).toBe(1)
}

it('[AU30] starts a lot of a live show of the caller, once for one operation id, with one unit set aside', async () => {
  const before = await hall.stock()
  const lot = await hall.lot()
  const request = { lotId: lot.lotId, operationId: operationId() }
  const started = await Promise.all(Array.from({ length: 5 }, () => hall.auctions.starts.start(request, hall.host)))
  expect(new Set(started.map((one) => one.auctionId)).size).toBe(1)
  expect(await hall.stock()).toEqual({
    ...before,
    available: (before?.available ?? 0) - 1,
    held: (before?.held ?? 0) + 1,
  })
  expect(await lotOf(lot.lotId)).toMatchObject({ state: 'running', auctionId: started[0]?.auctionId })
  await expect(hall.start(lot.lotId)).rejects.toEqual(refusal('lot.wrong_state', { state: 'running' }))
  const other = await hall.lot()
  await expect(hall.auctions.starts.start({ ...request, lotId: other.lotId }, hall.host)).rejects.toEqual(
    refusal('idempotency.key_reused'),
  )
  await expect(
    hall.auctions.starts.start({ lotId: other.lotId, operationId: operationId() }, await hall.addHost()),
  ).rejects.toEqual(refusal('lot.not_found'))
  const early = await hall.lot({ showId: await hall.addShow(hall.host.creatorId, 'scheduled') })
  await expect(hall.start(early.lotId)).rejects.toEqual(refusal('show.not_live'))
})

it('[AU30] starts nothing without a unit, and then nothing has moved', async () => {
  const { variantId } = await hall.addVariant(1)
  const goods = { kind: 'variant', variantId } as const
  const [first, second] = [await hall.lot({ goods }), await hall.lot({ goods })]
  await hall.start(first.lotId)
  await expect(hall.start(second.lotId)).rejects.toEqual(refusal('checkout.out_of_stock'))
  expect(await lotOf(second.lotId)).toMatchObject({ state: 'prepared', auctionId: null })
  expect(await hall.run('SELECT 1 FROM auctions WHERE lot_id = $1', [second.lotId])).toEqual([])
})

it('[AU43] runs so many lots of a show at once and no more, whoever starts them in the same moment', async () => {
  const two = await hall.openProcess({ lotsAtOnceMax: 2 })
  const showId = await hall.addShow(hall.host.creatorId)
  const lots = await Promise.all(Array.from({ length: 4 }, () => hall.lot({ showId })))
  const start = (lotId: string) =>
    two.auctions.starts.start({ lotId: lotId as LotId, operationId: operationId() }, hall.host)
  const tried = await Promise.allSettled(lots.map(({ lotId }) => start(lotId)))
  const started = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const refused = tried.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  expect(started).toHaveLength(2)
  expect(refused).toEqual(Array(2).fill(refusal('lot.too_many_running', { lotsAtOnceMax: 2 })))
  const waiting = lots.find(({ lotId }) => !started.some((one) => one.lotId === lotId))
  if (!started[0] || !waiting) throw new Error('unreachable')
  expect(await hall.run('SELECT 1 FROM auctions WHERE lot_id = $1', [waiting.lotId])).toEqual([])
  await close(started[0].auctionId, showId)
  expect(await start(waiting.lotId)).toMatchObject({ lotId: waiting.lotId, figures: { state: 'running' } })
  await two.close()
})

it('[AU31] records each entry once and in sequence, though three processes copy at once', async () => {
  const others = await Promise.all([hall.openProcess(), hall.openProcess()])
  const people = await Promise.all(Array.from({ length: 4 }, () => hall.bidder()))
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  const isDone = { value: false }
  const copying = [hall, ...others].map(async (one) => {
    while (!isDone.value) await one.sweep('copy-logs')
  })
  for (let round = 1; round <= 60; round += 1) {
    const who = people[round % people.length] as (typeof people)[number]
    await hall.bid(auctionId, who, 1_000 + round * 1_000)
  }
  await hall.moveEnd(auctionId, -1)
  // Every process has its own clock; one of them closes.
  await Promise.all([hall, ...others].map((one) => one.sweep('tick')))
  await expect.poll(() => hall.auctions.exportLedger(auctionId).catch(() => null)).not.toBeNull()
  isDone.value = true
  await Promise.all(copying)
  const { entries } = await hall.auctions.exportLedger(auctionId)
  expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 62 }, (_, i) => i + 1))
  expect(entries.map((entry) => entry.what)).toEqual(['started', ...Array(60).fill('bid'), 'closed'])
  expect(
    (await hall.jobs('auctions.closed')).filter((job) => (job as { auctionId: string }).auctionId === auctionId),
  ).toHaveLength(1)
  expect(await hall.run('SELECT outcome FROM auction_results WHERE auction_id = $1', [auctionId])).toEqual([
    { outcome: 'sold' },
  ])
  await Promise.all(others.map((one) => one.close()))
})

it('[AU31] has a database that refuses a gap, a change, an entry after the close and a second result', async () => {
  const ada = await hall.bidder()
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  await hall.bid(auctionId, ada, 1_000)
  await hall.sweep('copy-logs')
  const copyOf = (seq: string) =>
    hall.run(
      `INSERT INTO auction_ledger (auction_id, seq, what, at_ms, bid_id, account_id, paddle, amount_minor, price_minor, leader,
         leader_account_id, ends_at_ms, outcome, link, hash, answer, time_left_ms, figures)
       SELECT auction_id, ${seq}, what, at_ms, gen_random_uuid(), account_id, paddle, amount_minor, price_minor, leader,
         leader_account_id, ends_at_ms, outcome, link, hash, answer, time_left_ms, figures
       FROM auction_ledger WHERE auction_id = $1 AND seq = 2`,
      [auctionId],
    )
  const broken = (constraint: string) => expect.objectContaining({ constraint })
  await expect(copyOf('seq + 2')).rejects.toEqual(broken('auction_ledger_without_gap'))
  await expect(copyOf('seq')).rejects.toEqual(broken('auction_ledger_pkey'))
  await expect(
    hall.run('UPDATE auction_ledger SET amount_minor = 1 WHERE auction_id = $1', [auctionId]),
  ).rejects.toEqual(broken('auction_records_append_only'))
  await expect(hall.run('DELETE FROM auction_ledger WHERE auction_id = $1', [auctionId])).rejects.toEqual(
    broken('auction_records_append_only'),
  )
  await expect(hall.run(`UPDATE auctions SET terms = '{}' WHERE id = $1`, [auctionId])).rejects.toEqual(
    broken('auctions_frozen'),
  )
  await close(auctionId)
  await expect(copyOf('seq + 2')).rejects.toEqual(broken('auction_ledger_without_gap'))
  await expect(
    hall.run('INSERT INTO auction_results SELECT * FROM auction_results WHERE auction_id = $1', [auctionId]),
  ).rejects.toEqual(broken('auction_results_pkey'))
})

it('[AU32] settles a lot with its result: sold keeps the unit, unsold gives it back and may run again', async () => {
  const ada = await hall.bidder()
  const sold = await hall.lot()
  const first = await hall.start(sold.lotId)
  await hall.bid(first.auctionId, ada, 1_000)
  const before = await hall.stock()
  await close(first.auctionId)
  expect(await lotOf(sold.lotId)).toMatchObject({ state: 'sold' })
  expect(await hall.stock()).toEqual(before)
  await expect(hall.start(sold.lotId)).rejects.toEqual(refusal('lot.wrong_state', { state: 'sold' }))
  const unsold = await hall.lot({ terms: english({ reserveMinor: 9_000 }) })
  const second = await hall.start(unsold.lotId)
  await hall.bid(second.auctionId, ada, 1_000)
  await close(second.auctionId)
  expect(await lotOf(unsold.lotId)).toMatchObject({ state: 'unsold' })
  expect(await hall.stock()).toEqual(before)
  const results = await hall.run(
    'SELECT outcome, winner_account_id AS w, paddle IS NULL AS n FROM auction_results WHERE auction_id = ANY($1) ORDER BY auction_id',
    [[first.auctionId, second.auctionId]],
  )
  expect(results).toEqual([
    { outcome: 'sold', w: ada.accountId, n: false },
    { outcome: 'unsold', w: null, n: true },
  ])
  const third = await hall.start(unsold.lotId)
  expect(third.figures).toMatchObject({ bidCount: 0, ledgerSeq: 1, priceMinor: 1_000 })
  const proved = await hall.toldRoom('auction:result-proved')
  const { head } = await hall.auctions.exportLedger(first.auctionId)
  expect(proved).toContainEqual({ auctionId: first.auctionId, root: head.root })
})

it('[AU32] lets a sold lot run again when nobody paid, once', async () => {
  const ada = await hall.bidder()
  const lot = await hall.lot()
  const { auctionId } = await hall.start(lot.lotId)
  await hall.bid(auctionId, ada, 1_000)
  await close(auctionId)
  const before = await hall.stock()
  for (let run = 0; run < 2; run += 1) await hall.database.transaction((tx) => hall.auctions.giveBack(tx, auctionId))
  expect(await lotOf(lot.lotId)).toMatchObject({ state: 'unsold', auctionId })
  expect(await hall.stock()).toEqual({
    ...before,
    available: (before?.available ?? 0) + 1,
    held: (before?.held ?? 0) - 1,
  })
  await hall.start(lot.lotId)
  await hall.database.transaction((tx) => hall.auctions.giveBack(tx, auctionId))
  expect(await lotOf(lot.lotId)).toMatchObject({ state: 'running' })
})

it('[AU33] goes on where it was when Redis has lost the auction and the desk in the middle', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder(hall.showId, 6_000)]
  const { auctionId, figures: first } = await hall.start((await hall.lot()).lotId)
  const bidId = operationId()
  const answer = await hall.bid(auctionId, ada, 4_000, 'max', bidId)
  await hall.bid(auctionId, ben, 2_000)
  await hall.sweep('copy-logs')
  await hall.redis.del(...hall.keysOf(auctionId))
  await expect(hall.bid(auctionId, ben, 3_000)).rejects.toEqual(refusal('auction.gate_closed'))
  await expect
    .poll(() => hall.bid(auctionId, ben, 3_000).catch((error: { code: string }) => error.code))
    .toMatchObject({
      answer: 'outbid',
      figures: { priceMinor: 3_200, ledgerSeq: 5 },
    })
  // The answer to a bid from before is the same, with the same receipt.
  expect(await hall.bid(auctionId, ada, 4_000, 'max', bidId)).toEqual(answer)
  await expect(hall.bid(auctionId, ben, 6_001, 'max')).rejects.toEqual(refusal('bid.over_limit'))
  await hall.sweep('copy-logs')
  const entries = await hall.run('SELECT what FROM auction_ledger WHERE auction_id = $1 ORDER BY seq', [auctionId])
  expect(entries.map((one) => (one as { what: string }).what)).toEqual(['started', 'max', 'bid', 'resumed', 'bid'])
  const now = await hall.auctions.views.get(auctionId, ada.actor)
  expect(now.figures.endsAtMs).toBeGreaterThanOrEqual(first.endsAtMs)
  await close(auctionId)
  expect((await hall.auctions.exportLedger(auctionId)).entries.at(-1)).toMatchObject({
    outcome: 'sold',
    priceMinor: 3_200,
  })
  await hall.redis.del(...hall.keysOf(auctionId))
  await expect(hall.bid(auctionId, ben, 9_000)).rejects.toEqual(refusal('auction.closed'))
})

it('[AU33] starts an auction that was written while Redis did not answer, and closes it when its process is gone', async () => {
  const lot = await hall.lot()
  const dying = await hall.openProcess()
  dying.redis.disconnect()
  const request = { lotId: lot.lotId, operationId: operationId() }
  await expect(dying.auctions.starts.start(request, hall.host)).rejects.toEqual(refusal('auction.gate_closed'))
  await dying.database.close()
  const other = await hall.openProcess()
  await other.sweep('tick')
  const { auctionId, figures } = await hall.auctions.starts.start(request, hall.host)
  expect(figures).toMatchObject({ state: 'running', ledgerSeq: 1 })
  await hall.moveEnd(auctionId, -1)
  await expect
    .poll(async () => {
      await other.sweep('tick')
      await other.sweep('copy-logs')
      return (await lotOf(lot.lotId))?.state
    })
    .toBe('unsold')
  await other.close()
})

it('[AU37] lists own bids with how they stand', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder()]
  const [one, two] = [await hall.start((await hall.lot()).lotId), await hall.start((await hall.lot()).lotId)]
  await hall.bid(one.auctionId, ada, 1_000)
  await hall.bid(one.auctionId, ben, 2_000, 'max')
  await hall.bid(two.auctionId, ada, 1_500)
  await hall.sweep('copy-logs')
  const mine = async (who: typeof ada, showId: typeof hall.showId | null = null) =>
    (await hall.auctions.views.listMine(who.accountId, showId)).items.map((bid) => [
      bid.auction.auctionId,
      bid.standing,
      bid.maximumMinor,
    ])
  expect(await mine(ada)).toEqual([
    [two.auctionId, 'leading', 1_500],
    [one.auctionId, 'outbid', 1_000],
  ])
  await close(one.auctionId)
  await close(two.auctionId)
  expect(await mine(ada, hall.showId)).toEqual([
    [two.auctionId, 'won', 1_500],
    [one.auctionId, 'lost', 1_000],
  ])
  expect(await mine(ben)).toEqual([[one.auctionId, 'won', 2_000]])
  expect(await mine(ada, newId())).toEqual([])
})

it('[AU38] tells who led that somebody bid more, once', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder()]
  const lot = await hall.lot()
  const { auctionId } = await hall.start(lot.lotId)
  await hall.bid(auctionId, ada, 1_000)
  const bidId = operationId()
  await hall.bid(auctionId, ben, 2_000, 'bid', bidId)
  await hall.bid(auctionId, ben, 2_000, 'bid', bidId)
  const { showId, number: lotNumber } = lot
  const data = { auctionId, showId, lotNumber, priceMinor: 2_000, nextMinimumMinor: 2_100 }
  expect(hall.told).toEqual([{ accountId: ada.accountId, event: 'auction:outbid', data }])
})

it('[AU39] gives a rebuilt show its running auctions and the last three that are over', async () => {
  const showId = await hall.addShow(hall.host.creatorId)
  const started: AuctionId[] = []
  for (let i = 0; i < 5; i += 1) started.push((await hall.start((await hall.lot({ showId })).lotId)).auctionId)
  for (const auctionId of started.slice(0, 4)) await close(auctionId, showId)
  const fields = await hall.auctions.views.showFields(showId)
  const wanted = started.slice(1).flatMap((id) => [`auction:${id}`, `figures:${id}`])
  expect(Object.keys(fields).sort()).toEqual(wanted.sort())
  expect(JSON.parse(fields[`figures:${started[4]}`] ?? '')).toMatchObject({ state: 'running' })
  expect(JSON.parse(fields[`auction:${started[1]}`] ?? '')).toMatchObject({ auctionId: started[1], showId })
})
