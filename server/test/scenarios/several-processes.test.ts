import { rm } from 'node:fs/promises'
import path from 'node:path'
import { flashSaleLimits } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSales } from '../faults/matrix/sales.ts'
import { brokenAuctionRules } from '../support/auction-invariants.ts'
import { type AuctionNight, openAuctionNight, softClose } from '../support/auction-night.ts'
import { type TestPlatform, testPlatform, testPlatformFolder } from '../support/platform.ts'
import { openSaleCrowd, type SaleCrowd } from '../support/sale-crowd.ts'
import { startTcpBalancer, type TcpBalancer } from '../support/tcp-balancer.ts'

const longMs = 60_000
const seed = Date.now() % 2 ** 31
const saleUnits = 40

let folder: string
let platform: TestPlatform
let balancer: TcpBalancer
let night: AuctionNight
let crowd: SaleCrowd
let sales: Awaited<ReturnType<typeof openSales>>

/** Everybody, host and webhooks' readers included, reaches whichever process is next; no two calls need meet the same. */
beforeAll(async () => {
  folder = await testPlatformFolder()
  platform = await testPlatform({ dataDir: folder, apiProcesses: 3, env: { SOCKETS_PER_ADDRESS_MAX: '2000' } })
  balancer = await startTcpBalancer(platform.urls.apis.map((url) => Number(new URL(url).port)))
  sales = await openSales(platform.databaseUrl)
  const journalFolder = path.join(folder, 'client-journals')
  const ports = [balancer.port]
  night = await openAuctionNight(platform, seed, {
    bidderCount: 6,
    productIds: [sales.productId],
    journalFolder,
    ports,
  })
  crowd = await openSaleCrowd(night, seed, { buyerCount: 12, journalFolder })
}, 120_000)
afterAll(async () => {
  await night?.close()
  await balancer?.[Symbol.asyncDispose]()
  await platform?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function announceSale(): Promise<string> {
  const [goods] = await night.rows<{ variantId: string }>(
    'SELECT id AS "variantId" FROM variants WHERE product_id = $1 ORDER BY id LIMIT 1',
    [sales.productId],
  )
  const sale = await night.host.flashSales.create({
    showId: night.showId,
    variantId: goods?.variantId ?? '',
    salePriceMinor: 1_900,
    totalUnits: saleUnits,
    perBuyerLimit: flashSaleLimits.perBuyerMax,
    countdownSeconds: flashSaleLimits.countdownSecondsMin,
    runSeconds: flashSaleLimits.runSecondsMax,
  })
  return sale.flashSaleId
}

it('sells a sale and a lot exactly, by three processes that share nothing but Postgres and Redis', {
  timeout: longMs,
}, async () => {
  const flashSaleId = await announceSale()
  await sales.isOpen(night, flashSaleId)
  const auctionId = await night.startLot(softClose)
  const buying = crowd.buyIn(flashSaleId)
  await Promise.all([night.bidToTheEnd([auctionId]), buying.done])
  await expect.poll(() => night.unfinished([auctionId]), { timeout: 30_000, interval: 100 }).toEqual([])
  await expect.poll(() => sales.unfinished(night), { timeout: 30_000, interval: 100 }).toEqual([])

  // All had their part: connections are given in turn.
  expect(Math.min(...balancer.upstreams.map(({ taken }) => taken))).toBeGreaterThan(5)
  const paid = crowd.purchases.filter(({ ending }) => ending === 'paid')
  const sold = await night.rows<{ holds: number; units: number; orders: number }>(
    `SELECT (SELECT sum(units)::int FROM holds WHERE flash_sale_id = $1 AND state = 'settled') AS holds,
       (SELECT count(*)::int FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NOT NULL) AS units,
       (SELECT count(DISTINCT order_id)::int FROM checkouts WHERE id = ANY ($2)) AS orders`,
    [flashSaleId, paid.map(({ checkoutId }) => checkoutId)],
  )
  expect(sold).toEqual([{ holds: paid.length, units: paid.length, orders: paid.length }])
  // All wanted more than there was; what the last ones gave back, nobody was left to take.
  expect(paid.length).toBeGreaterThan(saleUnits - 10)
  expect(await night.host.flashSales.get({ flashSaleId })).toMatchObject({
    totalUnits: saleUnits,
    soldUnits: paid.length,
    remainingUnits: saleUnits - paid.length,
  })
  const results = await night.rows<{ outcome: string; offers: number }>(
    `SELECT outcome, (SELECT count(*)::int FROM auction_offers o WHERE o.auction_id = r.auction_id AND o.state = 'paid') AS offers
     FROM auction_results r WHERE auction_id = $1`,
    [auctionId],
  )
  expect(results).toEqual([{ outcome: 'sold', offers: 1 }])
  expect(crowd.problems).toEqual([])
  expect(await brokenAuctionRules(night.evidence([auctionId]))).toEqual([])
})
