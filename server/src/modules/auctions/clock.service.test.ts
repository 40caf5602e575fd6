import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { ClockGuard } from '#infra/clock/guard'
import { type TestDatabase, type TestRedis, testDatabase, testRedis } from '../../../test/support/services.ts'
import { type Bidder, english, type Hall, openHall, operationId } from './hall-for-tests.ts'

let hall: Hall
let redis: TestRedis
let database: TestDatabase
beforeAll(async () => {
  ;[database, redis] = await Promise.all([testDatabase(), testRedis()])
  hall = await openHall({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await hall?.close()
  await database.drop()
  await redis.drop()
})

let opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()))
  opened = []
})

const hourMs = 3_600_000

/** A guard that is told what to know: nobody can set the clock of a Redis that other tests use. */
function clockByHand() {
  const acts: ((jumpMs: number) => Promise<void>)[] = []
  let aheadMs = 0
  const clock: ClockGuard = {
    get isSteady() {
      return aheadMs === 0
    },
    nowMs: () => Date.now() - aheadMs,
    onSettledAhead: (act) => void acts.push(act),
    close: () => undefined,
  }
  return {
    clock,
    jump: (ms: number) => {
      aheadMs = ms
    },
    settle: async () => {
      await Promise.all(acts.map((act) => act(aheadMs)))
      aheadMs = 0
    },
  }
}

/** Two processes, as two API processes or workers are. */
async function twoProcesses() {
  const clocks = [clockByHand(), clockByHand()] as const
  const processes = [
    await hall.openProcess({ clock: clocks[0].clock }),
    await hall.openProcess({ clock: clocks[1].clock }),
  ] as const
  opened.push(...processes)
  return { clocks, processes }
}

type Process = Awaited<ReturnType<Hall['openProcess']>>

const place = (process: Process, auctionId: string, { accountId }: Bidder, amountMinor: number, bidId: string) =>
  process.auctions.bids
    .place({ auctionId, amountMinor, kind: 'max', isSure: false, operationId: bidId } as never, accountId)
    .then(
      (answer) => answer.answer as string,
      (error: { code?: string }) => error.code ?? 'fault',
    )

const stateOf = async (auctionId: string) => {
  const [state, endsAtMs] = await hall.redis.hmget(hall.keysOf(auctionId as never)[0] ?? '', 'state', 'ends_at_ms')
  return { state, leftMs: Number(endsAtMs) - Date.now() }
}

it('[AU41] ends, sells and refuses nothing by a clock that has jumped, and goes on when it is right again', async () => {
  const ada = await hall.bidder()
  const dutch = { type: 'dutch', floorMinor: 100, stepMinor: 100, stepSeconds: 3 } as const
  const [lot, falling] = [await hall.lot(), await hall.lot({ terms: dutch })]
  const [{ auctionId }, { auctionId: fallingId }] = [await hall.start(lot.lotId), await hall.start(falling.lotId)]
  const { clocks, processes } = await twoProcesses()
  const [first, second] = processes
  const bidId = operationId()
  expect(await place(first, auctionId, ada, 4_000, bidId)).toBe('leading')
  // By a clock that is an hour ahead this auction is over. The other process has not noticed anything yet.
  await hall.moveEnd(auctionId, -1)
  for (const { jump } of clocks) jump(hourMs)
  await first.sweep('tick')
  await second.sweep('tick')
  expect((await stateOf(auctionId)).state).toBe('running')
  expect(await place(first, auctionId, ada, 5_000, operationId())).toBe('auction.gate_closed')
  // What was answered before is answered the same.
  expect(await place(first, auctionId, ada, 4_000, bidId)).toBe('leading')
  const bought = first.auctions.bids.buy(
    { auctionId: fallingId, priceMinor: 1_000, operationId: operationId() } as never,
    ada.accountId,
  )
  await expect(bought).rejects.toMatchObject({ code: 'auction.gate_closed' })
  await hall.moveEnd(auctionId, 60_000)
  for (const { jump } of clocks) jump(0)
  expect(await place(second, auctionId, ada, 5_000, operationId())).toBe('leading')
})

it('[AU41] does not close by a clock that jumps between a look at it and the step', async () => {
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  const { clocks, processes } = await twoProcesses()
  await hall.moveEnd(auctionId, -1)
  const [{ clock, jump }] = clocks
  jump(-600_000)
  // It still believes that all is well; the script compares for itself.
  Object.defineProperty(clock, 'isSteady', { value: true })
  await processes[0].sweep('tick')
  expect((await stateOf(auctionId)).state).toBe('running')
})

it('[AU41] gives bidders their time again, once, when the clock stays where it jumped to', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder()]
  const lot = await hall.lot({ terms: english({ closing: { kind: 'sudden-death' } }) })
  const { auctionId } = await hall.start(lot.lotId)
  const { clocks, processes } = await twoProcesses()
  expect(await place(processes[0], auctionId, ada, 4_000, operationId())).toBe('leading')
  // The last entry is as old as the jump and the time that a clock must be steady for.
  const [key = ''] = hall.keysOf(auctionId)
  await hall.redis.hset(key, 'last_at_ms', Date.now() - hourMs, 'ends_at_ms', Date.now() - hourMs + 5_000)
  for (const { jump } of clocks) jump(hourMs)
  await Promise.all(clocks.map(({ settle }) => settle()))
  for (const one of processes) await one.sweep('tick')
  await expect.poll(async () => (await stateOf(auctionId)).leftMs).toBeGreaterThan(4_000)
  expect(await place(processes[1], auctionId, ben, 5_000, operationId())).toBe('leading')
  // A process that finds out later finds the auction as it should be.
  clocks[1].jump(hourMs)
  await clocks[1].settle()
  await hall.sweep('tick')
  await hall.moveEnd(auctionId, -1)
  await expect
    .poll(async () => {
      await hall.sweep('tick')
      await hall.sweep('copy-logs')
      return (await hall.run('SELECT 1 FROM auction_results WHERE auction_id = $1', [auctionId])).length
    })
    .toBe(1)
  const { entries } = await hall.auctions.exportLedger(auctionId)
  expect(entries.map((entry) => [entry.what, entry.priceMinor])).toEqual([
    ['started', 1_000],
    ['max', 1_000],
    ['resumed', 1_000],
    ['max', 4_200],
    ['closed', 4_200],
  ])
})
