import type { Receipt, ReceiptPayload } from '@livelot/client/contracts'
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, importJWK, type JWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { z } from 'zod'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { english, type Hall, openHall, operationId } from './hall-for-tests.ts'
import { bucketOf, quantileMs, upToMs } from './latency.ts'
import { createReceipts } from './receipts.ts'

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

/** The payload, if the receipt is signed with a key of the set. */
async function verified(receipt: z.infer<typeof Receipt>): Promise<ReceiptPayload> {
  const [key] = hall.auctions.receiptKeys().keys as JWK[]
  const { payload, protectedHeader } = await compactVerify(receipt, await importJWK(key as JWK, 'EdDSA'))
  expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: key?.kid, typ: 'livelot-receipt+jws' })
  return JSON.parse(Buffer.from(payload).toString()) as ReceiptPayload
}
const refused = async (bid: Promise<unknown>) => {
  const error = (await bid.catch((one: unknown) => one)) as { code: string; details: { receipt: string } }
  return { code: error.code, ...error.details, told: await verified(error.details.receipt) }
}

it('[AU35] signs a receipt for every answer, refusals too, that anybody can check with the published key', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder(hall.showId, 3_000)]
  const { auctionId, figures } = await hall.start((await hall.lot()).lotId)
  const bidId = operationId()
  const { receipt } = await hall.bid(auctionId, ada, 2_000, 'max', bidId)
  const { paddle } = await hall.auctions.entries.bidder(hall.showId, ada.accountId)
  const told = await verified(receipt)
  expect(told).toEqual({
    iss: 'livelot',
    auctionId,
    bidId,
    paddle,
    amountMinor: 2_000,
    kind: 'max',
    code: 'leading',
    reason: null,
    ledgerSeq: 2,
    link: expect.stringMatching(/^[0-9a-f]{40}$/),
    decidedAtMs: expect.any(Number),
    timeLeftMs: figures.endsAtMs - told.decidedAtMs,
    nextMinimumMinor: 1_100,
  })
  const tooLow = await refused(hall.bid(auctionId, ben, 1_000))
  expect(tooLow).toMatchObject({ code: 'bid.too_low', nextMinimumMinor: 1_100 })
  expect(tooLow.told).toMatchObject({ code: 'bid.too_low', ledgerSeq: 2, amountMinor: 1_000, link: told.link })
  const stranger = await hall.bidder(null)
  const notEntered = await refused(hall.bid(auctionId, stranger, 5_000))
  expect(notEntered).toMatchObject({ code: 'bid.not_eligible', reason: 'not_entered' })
  expect(notEntered.told).toMatchObject({ paddle: null, reason: 'not_entered' })
  const overLimit = await refused(hall.bid(auctionId, ben, 3_001))
  expect(overLimit).toMatchObject({ code: 'bid.over_limit', limitLeftMinor: 3_000, told: { code: 'bid.over_limit' } })
  await hall.moveEnd(auctionId, -1)
  const late = await refused(hall.bid(auctionId, ben, 2_500))
  expect(late.told).toMatchObject({ code: 'auction.closed', timeLeftMs: 0 })
  await hall.sweep('tick')
  await hall.sweep('copy-logs')
  const { head, entries } = await hall.auctions.exportLedger(auctionId)
  expect(entries[1]).toMatchObject({ seq: told.ledgerSeq, link: told.link, bidId })
  const { payload } = await jwtVerify(
    head.rootSignature,
    createLocalJWKSet({ keys: hall.auctions.receiptKeys().keys as JWK[] }),
    { typ: 'livelot-root+jws' },
  )
  const last = entries.at(-1)
  expect(payload).toEqual({
    auctionId,
    root: last?.hash,
    entries: 3,
    outcome: 'sold',
    paddle,
    priceMinor: 1_000,
    closedAtMs: last?.atMs,
  })
})

it('[AU35] has one key for one secret, named by its thumbprint', async () => {
  const [one, same, other] = [createReceipts('a'), createReceipts('a'), createReceipts('b')]
  expect(one.keys()).toEqual(same.keys())
  expect(one.keys()[0]?.x).not.toBe(other.keys()[0]?.x)
  const [key] = one.keys()
  expect(key?.kid).toBe(await calculateJwkThumbprint(key as JWK))
})

it('[AU36] measures the time of answers in buckets that are never below the truth', () => {
  for (const ms of [0.02, 0.1, 0.11, 0.9, 1, 4.2, 17, 180, 2_000]) {
    const told = upToMs(bucketOf(ms))
    expect(told).toBeGreaterThanOrEqual(ms)
    expect(told).toBeLessThanOrEqual(Math.max(0.1, ms * 1.19) + 0.1)
  }
  expect(quantileMs(new Map(), 0.5)).toBeNull()
  const buckets = new Map([
    [bucketOf(1), 94],
    [bucketOf(8), 5],
    [bucketOf(100), 1],
  ])
  expect([quantileMs(buckets, 0.5), quantileMs(buckets, 0.95), quantileMs(buckets, 1)]).toEqual([
    upToMs(bucketOf(1)),
    upToMs(bucketOf(8)),
    upToMs(bucketOf(100)),
  ])
})

it('[AU36] tells everybody how the auctions of a show went: bids, times, late ones, extensions, unpaid wins', async () => {
  const showId = await hall.addShow(hall.host.creatorId)
  const empty = {
    showId,
    auctions: 0,
    bids: 0,
    bidLatencyMs: null,
    refusedLate: 0,
    extensions: 0,
    lotsInOvertime: 0,
    unpaid: 0,
  }
  expect(await hall.auctions.fairness.get(showId)).toEqual(empty)
  const [ada, ben] = [await hall.bidder(showId), await hall.bidder(showId)]
  const [one, two] = [
    await hall.start((await hall.lot({ showId })).lotId),
    await hall.start((await hall.lot({ showId, terms: english({ closing: { kind: 'sudden-death' } }) })).lotId),
  ]
  await hall.bid(one.auctionId, ada, 1_000)
  await hall.moveEnd(one.auctionId, 5_000, showId)
  await hall.bid(one.auctionId, ben, 2_000)
  await hall.moveEnd(one.auctionId, -1, showId)
  for (const who of [ada, ben]) await hall.bid(one.auctionId, who, 9_000).catch(() => undefined)
  // Wrong, not late.
  await hall.bid(two.auctionId, ada, 1).catch(() => undefined)
  await hall.sweep('tick')
  await hall.sweep('copy-logs')
  await hall.database.transaction((tx) => hall.auctions.recordNonPayment(tx, ben.accountId, one.auctionId))
  await hall.sweep('flush-fairness')
  const other = await hall.openProcess()
  const told = await other.auctions.fairness.get(showId)
  expect(told).toEqual({
    ...empty,
    auctions: 2,
    bids: 2,
    bidLatencyMs: { p50: expect.any(Number), p95: expect.any(Number) },
    refusedLate: 2,
    extensions: 1,
    lotsInOvertime: 1,
    unpaid: 1,
  })
  expect(told.bidLatencyMs?.p50).toBeLessThanOrEqual(told.bidLatencyMs?.p95 ?? 0)
  // For two seconds the same, however many ask.
  expect(await hall.auctions.fairness.get(showId)).toEqual(empty)
  await other.close()
})
