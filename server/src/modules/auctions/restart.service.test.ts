import { afterAll, beforeAll, expect, it } from 'vitest'
import { type OwnRedis, startRedis, testDatabase } from '../../../test/support/services.ts'
import { english, type Hall, openHall } from './hall-for-tests.ts'

let hall: Hall
let redis: OwnRedis
let database: Awaited<ReturnType<typeof testDatabase>>
beforeAll(async () => {
  ;[database, redis] = await Promise.all([testDatabase(), startRedis()])
  hall = await openHall({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await hall?.close()
  await database.drop()
  await redis[Symbol.asyncDispose]()
})

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? 'fault',
  )

it('[AU33] keeps every bid that was answered when Redis restarts in the middle of two lots', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder(hall.showId, 10_000)]
  const [soft, sudden] = [
    await hall.start((await hall.lot()).lotId),
    await hall.start((await hall.lot({ terms: english({ closing: { kind: 'sudden-death' } }) })).lotId),
  ]
  // Answered, and not one of them is in Postgres yet.
  await hall.bid(soft.auctionId, ada, 4_000, 'max')
  await hall.bid(soft.auctionId, ben, 5_000, 'max')
  await hall.bid(sudden.auctionId, ben, 4_000)
  await redis.restart()
  await expect
    .poll(
      async () => {
        await hall.sweep('tick')
        return await codeOf(hall.bid(soft.auctionId, ada, 5_000, 'max'))
      },
      { timeout: 10_000 },
    )
    .toBe('done')
  // Ben leads at 5,000 by the earlier maximum and at 4,000 in the other lot: 1,000 of his limit are left.
  expect(await codeOf(hall.bid(sudden.auctionId, ada, 4_500))).toBe('done')
  expect(await codeOf(hall.bid(sudden.auctionId, ben, 5_001))).toBe('bid.over_limit')
  expect(await codeOf(hall.bid(sudden.auctionId, ben, 5_000))).toBe('done')
  for (const { auctionId } of [soft, sudden]) {
    await hall.moveEnd(auctionId, -1)
    await expect
      .poll(
        async () => {
          await hall.sweep('tick')
          await hall.sweep('copy-logs')
          return await codeOf(hall.auctions.exportLedger(auctionId))
        },
        { timeout: 10_000 },
      )
      .toBe('done')
  }
  const story = async (auctionId: typeof soft.auctionId) =>
    (await hall.auctions.exportLedger(auctionId)).entries.map((entry) => [entry.what, entry.priceMinor])
  expect(await story(soft.auctionId)).toEqual([
    ['started', 1_000],
    ['max', 1_000],
    ['max', 4_200],
    ['resumed', 4_200],
    ['max', 5_000],
    ['closed', 5_000],
  ])
  expect(await story(sudden.auctionId)).toEqual([
    ['started', 1_000],
    ['bid', 4_000],
    ['resumed', 4_000],
    ['bid', 4_500],
    ['bid', 5_000],
    ['closed', 5_000],
  ])
  const winners = await hall.run('SELECT winner_account_id AS w FROM auction_results')
  expect(winners).toEqual([{ w: ben.accountId }, { w: ben.accountId }])
})
