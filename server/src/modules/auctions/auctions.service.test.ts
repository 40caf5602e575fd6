import { createHash } from 'node:crypto'
import { type AuctionLedger, ledgerHead, ledgerText } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { type Hall, openHall } from './hall-for-tests.ts'
import { ledgerStore } from './ledger-store.pg.ts'

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
const hex = (name: string, text: string) => createHash(name).update(text).digest('hex')

/** Both chains of a ledger, made again from what it tells. */
function chains(ledger: AuctionLedger) {
  let [link, hash] = [hex('sha1', ledgerHead(ledger.head)), hex('sha256', ledgerHead(ledger.head))]
  return ledger.entries.map((entry) => {
    const text = ledgerText(ledger.head.auctionId, entry)
    link = hex('sha1', `${link}\n${text}`)
    hash = hex('sha256', `${hash}\n${text}`)
    return { link, hash }
  })
}

it('[AU34] exports a ledger of any length, never whole in memory', async () => {
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  await hall.moveEnd(auctionId, -1)
  await hall.sweep('tick')
  await hall.sweep('copy-logs')
  // Copies of the last entry behind it: their chain is broken, their number is what counts here.
  const columns = (
    await hall.run<{ name: string }>(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'auction_ledger' AND column_name <> 'seq'",
    )
  ).map(({ name }) => name)
  await hall.database.transaction(async (tx) => {
    await tx.query({ name: '', text: 'SET LOCAL session_replication_role = replica' }, [])
    const text = `INSERT INTO auction_ledger (seq, ${columns.join(', ')})
      SELECT n, ${columns.join(', ')} FROM auction_ledger, generate_series(3, 2502) n WHERE auction_id = $1 AND seq = 2`
    await tx.query({ name: '', text }, [auctionId])
  })
  const { entries } = await hall.auctions.exportLedger(auctionId)
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_502 }, (_, i) => i + 1))
  expect(await ledgerStore.entriesAfter(hall.database, auctionId, 0)).toHaveLength(1_000)
})

it('[AU34] runs a whole lot: three bidders, a proxy, the hammer, the result, and a ledger that anybody can check', async () => {
  const before = await hall.stock()
  const [ada, ben, cleo] = [await hall.bidder(), await hall.bidder(), await hall.bidder()]
  const lot = await hall.lot()
  const { auctionId, figures } = await hall.start(lot.lotId)
  expect(figures).toMatchObject({ state: 'running', ledgerSeq: 1, priceMinor: 1_000, leader: null, bidCount: 0 })
  expect(await hall.bid(auctionId, ada, 1_000)).toMatchObject({ answer: 'leading' })
  expect(await hall.bid(auctionId, ben, 5_000, 'max')).toMatchObject({ answer: 'leading', maximumMinor: 5_000 })
  expect(await hall.bid(auctionId, cleo, 3_000)).toMatchObject({ answer: 'outbid' })
  await expect(hall.auctions.exportLedger(auctionId)).rejects.toEqual(refusal('auction.still_running'))
  await hall.moveEnd(auctionId, -1)
  await hall.sweep('tick')
  await expect(hall.bid(auctionId, ada, 9_000)).rejects.toEqual(refusal('auction.closed'))
  await hall.sweep('copy-logs')
  const told = await hall.auctions.views.get(auctionId, { kind: 'guest' })
  expect(told.figures).toMatchObject({ state: 'closed', outcome: 'sold', priceMinor: 3_200, bidCount: 3 })
  const ledger = await hall.auctions.exportLedger(auctionId)
  expect(ledger.entries.map(({ seq, what, amountMinor, priceMinor }) => [seq, what, amountMinor, priceMinor])).toEqual([
    [1, 'started', null, 1_000],
    [2, 'bid', 1_000, 1_000],
    [3, 'max', 5_000, 1_100],
    [4, 'bid', 3_000, 3_200],
    [5, 'closed', null, 3_200],
  ])
  expect(ledger.entries.map(({ link, hash }) => ({ link, hash }))).toEqual(chains(ledger))
  expect(ledger.head.root).toBe(ledger.entries.at(-1)?.hash)
  expect(await hall.stock()).toEqual({
    ...before,
    available: (before?.available ?? 0) - 1,
    held: (before?.held ?? 0) + 1,
  })
  expect(await hall.jobs('auctions.closed')).toContainEqual({ auctionId })
})
