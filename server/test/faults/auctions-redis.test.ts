import { type AuctionHandle, newOperationId } from '@livelot/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AuctionEvidence, brokenAuctionRules } from '../support/auction-invariants.ts'
import {
  type AuctionNight,
  type BidRecord,
  openAuctionNight,
  placeOne,
  randomOf,
  softClose,
  stepMinor,
  suddenDeath,
} from '../support/auction-night.ts'
import { type ChaosProxy, startChaosProxy } from '../support/chaos-proxy.ts'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { decidedAtMs, emptyRedis, type Resumed, resumptionsOf, withoutForgotten } from '../support/redis-emptied.ts'
import { type OwnRedis, startRedis } from '../support/services.ts'

const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const longMs = 60_000

let redis: OwnRedis
let wire: ChaosProxy
let platform: TestPlatform
let night: AuctionNight
beforeAll(async () => {
  process.stdout.write(`FAULT_SEED=${seed}\n`)
  redis = await startRedis({ appendfsync: 'always' })
  wire = await startChaosProxy([redis.port])
  const url = new URL(redis.url)
  url.port = String(wire.port)
  platform = await testPlatform({ apiProcesses: 2, env: { REDIS_URL: url.href } })
  night = await openAuctionNight(platform, seed)
}, 120_000)
afterAll(async () => {
  await night?.close()
  await platform?.stop()
  await wire?.[Symbol.asyncDispose]()
  await redis?.[Symbol.asyncDispose]()
})

async function expectAllWell(
  auctionIds: readonly string[],
  evidence: AuctionEvidence = night.evidence(auctionIds),
): Promise<void> {
  await expect.poll(() => night.unfinished(auctionIds), { timeout: 30_000, interval: 100 }).toEqual([])
  expect(await brokenAuctionRules(evidence)).toEqual([])
}

const acknowledgedOf = (auctionId: string): readonly BidRecord[] =>
  night.evidence([]).journal.filter((bid) => bid.auctionId === auctionId && bid.receipt !== null)

const manyBidsOn = (auctionIds: readonly string[]) =>
  expect
    .poll(() => Math.min(...auctionIds.map((id) => acknowledgedOf(id).length)), { timeout: 10_000, interval: 20 })
    .toBeGreaterThan(15)

/** The entries that tell of the outage, with the end that was announced before. */
const resumedOf = (auctionIds: readonly string[]) => resumptionsOf(night.rows, auctionIds)

/** One outage, told once in each ledger; whoever wanted to bid has the time of a late bid, or the soft close's window. */
function expectTimeGivenBack([ofSoft, ofSudden, ...others]: readonly Resumed[], soft: string, sudden: string): void {
  expect(others).toEqual([])
  expect([ofSoft?.auctionId, ofSudden?.auctionId]).toEqual([soft, sudden])
  for (const [one, leastMs] of [
    [ofSoft, 5_000],
    [ofSudden, 10_000],
  ] as const) {
    expect(one?.endsAtMs).toBe(Math.max(one?.endedAtMs ?? 0, (one?.atMs ?? 0) + leastMs))
  }
}

const firstBidAfter = (auctionId: string, atMs: number): number =>
  Math.min(
    ...acknowledgedOf(auctionId)
      .filter((bid) => bid.code === 'leading' && decidedAtMs(bid) > atMs)
      .map((bid) => bid.answeredAtMs),
  )

it('[AU18] [AU33] goes on by itself, with every answered bid, when Redis is killed and comes back in two lots', {
  timeout: longMs,
}, async () => {
  const [soft, sudden] = [await night.startLot(softClose), await night.startLot(suddenDeath)]
  const bidding = night.bidToTheEnd([soft, sudden])
  await manyBidsOn([soft, sudden])
  await redis.kill()
  await redis.restart()
  const backAtMs = Date.now()
  await bidding
  await expectAllWell([soft, sudden])
  expectTimeGivenBack(await resumedOf([soft, sudden]), soft, sudden)
  expect(firstBidAfter(soft, backAtMs) - backAtMs).toBeLessThan(5_000)
})

it('[AU14] answers a bid whose reply was cut after Redis took it, by its id and once', {
  timeout: longMs,
}, async () => {
  const auctionId = await night.startLot(suddenDeath)
  const [ada] = night.bidders
  if (!ada) throw new Error('nobody bids')
  const handle: AuctionHandle = ada.room.auction(auctionId)
  const random = randomOf(seed)
  const bidCutOff = async (amountMinor: number) => {
    const bidId = newOperationId()
    const cut = wire.cutReply(bidId, '"ledgerSeq"')
    const placing = placeOne(ada, handle, 'max', amountMinor, random, bidId)
    await cut
    return { bidId, answer: await placing }
  }
  const { bidId, answer } = await bidCutOff(2_000)
  expect([answer?.answer, answer?.bidId, answer?.figures.ledgerSeq]).toEqual(['leading', bidId, 2])
  const bidding = night.bidToTheEnd([auctionId])
  await manyBidsOn([auctionId])
  // Once more among the bids of others.
  const leastMinor = handle.state()?.nextMinimumMinor ?? 0
  const second = await bidCutOff(leastMinor + 100 * stepMinor)
  expect(second.answer?.bidId).toBe(second.bidId)
  await bidding
  await expectAllWell([auctionId])
  const written = await night.rows<{ bidId: string }>(
    'SELECT bid_id AS "bidId" FROM auction_ledger WHERE bid_id = ANY ($1) ORDER BY seq',
    [[bidId, second.bidId]],
  )
  expect(written.map((one) => one.bidId)).toEqual([bidId, second.bidId])
})

/** When Redis forgot: what it alone knew then is nobody's knowledge in the tests that follow either. */
const forgottenAtMs: number[] = []

it.each([
  ['is emptied', () => emptyRedis(redis.url)],
  [
    'is killed and comes back with an older copy of its data',
    async () => {
      await redis.keepCopy()
      // What the copy does not know are these bids.
      const knownCount = night.evidence([]).journal.length
      await expect.poll(() => night.evidence([]).journal.length, { interval: 20 }).toBeGreaterThan(knownCount + 10)
      return await redis.goBack()
    },
  ],
])(
  '[AU18] [AU33] goes on from Postgres when Redis %s in the middle of two lots',
  {
    timeout: longMs,
  },
  async (_what, forget) => {
    const [soft, sudden] = [await night.startLot(softClose), await night.startLot(suddenDeath)]
    const bidding = night.bidToTheEnd([soft, sudden])
    await manyBidsOn([soft, sudden])
    const flushedAtMs = await forget()
    forgottenAtMs.push(flushedAtMs)
    await bidding
    const resumed = await expect
      .poll(() => resumedOf([soft, sudden]), { timeout: 10_000 })
      .toHaveLength(2)
      .then(() => resumedOf([soft, sudden]))
    const whole = night.evidence([soft, sudden])
    const evidence = await withoutForgotten(whole, forgottenAtMs)
    const lost = whole.journal.filter(
      (bid, index) => bid !== evidence.journal[index] && [soft, sudden].includes(bid.auctionId),
    )
    await expectAllWell([soft, sudden], evidence)
    expectTimeGivenBack(resumed, soft, sudden)
    // What Redis alone knew is younger than the copy to Postgres is old.
    for (const bid of lost) expect(flushedAtMs - decidedAtMs(bid)).toBeLessThan(1_000)
    expect(firstBidAfter(soft, flushedAtMs) - flushedAtMs).toBeLessThan(5_000)
  },
)
