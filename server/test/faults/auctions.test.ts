import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { AuctionHandle } from '@livelot/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { brokenAuctionRules } from '../support/auction-invariants.ts'
import {
  type AuctionNight,
  openAuctionNight,
  placeOne,
  randomOf,
  softClose,
  stepMinor,
  suddenDeath,
  termsOf,
} from '../support/auction-night.ts'
import { type TestPlatform, testPlatform } from '../support/platform.ts'

const seed = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const longMs = 60_000

let platform: TestPlatform
let night: AuctionNight
beforeAll(async () => {
  process.stdout.write(`FAULT_SEED=${seed}\n`)
  platform = await testPlatform({ apiProcesses: 2 })
  night = await openAuctionNight(platform, seed)
}, 120_000)
afterAll(async () => {
  await night?.close()
  await platform?.stop()
})

async function expectAllWell(auctionIds: readonly string[]): Promise<void> {
  await expect.poll(() => night.unfinished(auctionIds), { timeout: 30_000, interval: 100 }).toEqual([])
  expect(await brokenAuctionRules(night.evidence(auctionIds))).toEqual([])
}

const seenBy = (bidder: number, auctionId: string): AuctionHandle => {
  const handle = night.bidders[bidder]?.room.auction(auctionId)
  if (!handle) throw new Error('there are not so many bidders')
  return handle
}

/** Resolves in the last second of an auction, wherever late bids have moved its end. */
async function lastSecond(handle: AuctionHandle): Promise<void> {
  for (;;) {
    const leftMs = (handle.state()?.figures.endsAtMs ?? Number.POSITIVE_INFINITY) - Date.now()
    if (leftMs <= 600) return
    await delay(Math.min(leftMs - 550, 1_000))
  }
}

/** Bids that are on their way in the moment of a fault; resolves when all are answered. */
async function bidInto(bidders: readonly number[], auctionIds: readonly string[]): Promise<{ all: Promise<unknown> }> {
  const random = randomOf(seed)
  const all = bidders.flatMap((index, place) =>
    auctionIds.map((auctionId) => {
      const [bidder, handle] = [night.bidders[index], seenBy(index, auctionId)]
      const leastMinor = handle.state()?.nextMinimumMinor ?? 0
      return bidder && placeOne(bidder, handle, 'max', leastMinor + (20 + place) * stepMinor, random)
    }),
  )
  await nextTurn()
  return { all: Promise.all(all) }
}

const isClosed = (handle: AuctionHandle): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (handle.state()?.figures.state !== 'closed') return
      stop()
      resolve()
    }
    const stop = handle.subscribe(look)
    look()
  })

const isExtended = (handle: AuctionHandle): Promise<void> =>
  new Promise((resolve) => {
    const stop = handle.on('extended', () => {
      stop()
      resolve()
    })
  })

const acknowledgedOf = (auctionId: string): number =>
  night.evidence([]).journal.filter((bid) => bid.auctionId === auctionId && bid.receipt !== null).length

it('[AU14] [AU16] closes two lots in time though an API process is killed in their last second', {
  timeout: longMs,
}, async () => {
  const soft = await night.startLot(softClose)
  const extended = isExtended(seenBy(1, soft))
  const softBidding = night.bidToTheEnd([soft])
  await extended
  // The soft lot now ends when its overtime does, which is when this one ends too.
  const sudden = await night.startLot(suddenDeath)
  const suddenBidding = night.bidToTheEnd([sudden])
  await lastSecond(seenBy(1, sudden))
  const { all } = await bidInto([1, 3], [soft, sudden])
  await platform.kill('api-2')
  await Promise.all([softBidding, suddenBidding, all])
  await expectAllWell([soft, sudden])
  expect(Math.min(acknowledgedOf(soft), acknowledgedOf(sudden))).toBeGreaterThan(20)
  await platform.restart('api-2')
  await night.goHome()
})

it('[AU14] [AU16] closes a lot in time while an API process is frozen, which does no harm when it wakes', {
  timeout: longMs,
}, async () => {
  const [soft, sudden] = [await night.startLot(softClose), await night.startLot(suddenDeath)]
  const bidding = night.bidToTheEnd([soft, sudden])
  await lastSecond(seenBy(1, sudden))
  const pid = platform.processes.get('api')?.pid ?? 0
  const { all } = await bidInto([0, 2], [soft, sudden])
  process.kill(pid, 'SIGSTOP')
  const frozenAtMs = Date.now()
  await isClosed(seenBy(1, sudden))
  const closedAfterMs = Date.now() - frozenAtMs
  // The balancer finds out for one bidder; the other one's bids wait for the frozen process.
  night.bidders[2]?.door.goTo(night.portsFrom(1))
  await delay(4_000 - closedAfterMs)
  process.kill(pid, 'SIGCONT')
  await Promise.all([bidding, all])
  await expectAllWell([soft, sudden])
  expect(closedAfterMs).toBeLessThan(2_000)
  await night.goHome()
})

it('[AU16] [AU31] [AU32] closes a lot in time without a worker, and records it when one is back', {
  timeout: longMs,
}, async () => {
  const auctionId = await night.startLot(suddenDeath)
  const bidding = night.bidToTheEnd([auctionId])
  await expect.poll(() => acknowledgedOf(auctionId), { timeout: 10_000, interval: 50 }).toBeGreaterThan(10)
  await platform.kill('worker')
  await bidding
  expect(await night.unfinished([auctionId])).toContain('an auction is not recorded')
  await platform.restart('worker')
  await expectAllWell([auctionId])
})

it('[AU16] runs ten auctions while every API process is restarted in turn', { timeout: longMs }, async () => {
  const slower = { kind: 'soft', extensionSeconds: 7, overtimeSecondsMax: 7 } as const
  const terms = [
    softClose,
    softClose,
    termsOf(slower),
    termsOf(slower, { reserveMinor: 1_500, isReserveShown: false }),
    { ...softClose, reserveMinor: 1_500 },
    softClose,
    suddenDeath,
    { ...suddenDeath, durationSeconds: 13 },
    { ...suddenDeath, reserveMinor: 900_000 },
    softClose,
  ]
  const auctionIds: string[] = []
  for (const one of terms) auctionIds.push(await night.startLot(one))
  // Nobody wants the last one.
  const bidding = night.bidToTheEnd(auctionIds.slice(0, -1))
  await platform.restart('api')
  await platform.restart('api-2')
  await bidding
  await expectAllWell(auctionIds)
  const outcomes = await night.rows<{ outcome: string }>(
    'SELECT outcome FROM auction_results WHERE auction_id = ANY ($1) ORDER BY array_position($1, auction_id)',
    [auctionIds],
  )
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([...Array(8).fill('sold'), 'unsold', 'unsold'])
})
