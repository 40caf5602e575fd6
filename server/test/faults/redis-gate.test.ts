import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FlashSale, HoldId } from '@livelot/client/contracts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type EmbeddedService, startEmbeddedRedis } from '../../embedded/services.mjs'
import { startSweeper } from '../../src/infra/queue/sweeper.ts'
import type { HoldOfBuyer } from '../../src/modules/flash-sales/index.ts'
import {
  buyerId,
  checkoutId,
  log,
  openShop,
  operationId,
  type Shop,
} from '../../src/modules/flash-sales/shop-for-tests.ts'
import { type TestDatabase, testDatabase } from '../support/services.ts'

const totalUnits = 300
const buyersAtOnce = 24

let folder: string
let redis: EmbeddedService
let database: TestDatabase
let shop: Shop
let sweepers: { close(): Promise<void> }[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'livelot-test-gate-'))
  const password = randomBytes(12).toString('hex')
  redis = await startEmbeddedRedis({ dataDir: folder, password, appendfsync: 'always' })
  database = await testDatabase()
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
  // Redis dies on purpose here; what its connection says about that is no news.
  shop.redis.on('error', () => undefined)
})
afterEach(async () => {
  await Promise.all(sweepers.splice(0).map((one) => one.close()))
})
afterAll(async () => {
  await shop.close()
  await database.drop()
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Rush {
  paid: number
  refusedByPostgres: number
  /** Buyers whose hold Redis forgot, though they had been told of it. */
  forgotten: number
  /** Holds that nobody wants any more; Redis may have forgotten that, and then only time ends them. */
  readonly abandoned: Set<HoldId>
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? '')
const isUnknown = (error: unknown) => !codeOf(error).includes('.')

/** Sends the same command again with the same operation id until it is answered, as a client does. */
async function answered<T>(command: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await command()
    } catch (error) {
      if (!isUnknown(error) && codeOf(error) !== 'flash_sale.gate_closed') throw error
      await delay(20)
    }
  }
}

/** One buyer: reserve, pay, settle; some let the payment fail, some give the hold back. */
async function buy({ flashSaleId }: FlashSale, index: number, rush: Rush): Promise<void> {
  const accountId = buyerId()
  const operation = operationId()
  const { hold } = await answered(() =>
    shop.holds.reserve({ flashSaleId, units: 1, operationId: operation }, accountId),
  )
  const mine = { accountId, flashSaleId, holdId: hold.holdId }
  // Whoever leaves this path early wants the hold no more.
  rush.abandoned.add(hold.holdId)
  if (index % 11 === 0) return void (await answered(() => shop.holds.release(mine)))
  rush.abandoned.delete(hold.holdId)
  try {
    await pay(mine, index, rush)
  } catch (error) {
    rush.abandoned.add(hold.holdId)
    throw error
  }
}

async function pay(mine: HoldOfBuyer, index: number, rush: Rush): Promise<void> {
  await answered(() => shop.holds.beginPayment(mine))
  await shop.database.transaction(async (tx) => {
    const said = await shop.holds.claimHold(tx, { ...mine, units: 1, checkoutId: checkoutId() })
    if (said !== 'claimed') throw Object.assign(new Error(said), { code: `claim.${said}` })
  })
  const isPaid = index % 7 !== 0
  await shop.database.transaction<unknown>((tx) =>
    isPaid ? shop.holds.settleHolds(tx, [mine.holdId]) : shop.holds.releaseClaim(tx, mine.holdId),
  )
  if (isPaid) rush.paid += 1
  await shop.holds.syncHold({ ...mine, units: 1, how: isPaid ? 'settled' : 'released' })
}

/** The time of holds that a new gate took from Postgres, and that nobody wants, runs out. */
async function endAbandoned(sale: FlashSale, rush: Rush): Promise<void> {
  await delay(10)
  const holds = await shop.gate.holds(sale).catch(() => null)
  const unwanted = [...(holds ?? [])].filter(([holdId, hold]) => hold.how !== 'live' && rush.abandoned.has(holdId))
  await shop.makeDue(
    sale.flashSaleId,
    unwanted.map(([holdId]) => holdId),
  )
}

/** Buyers come until every unit is sold. */
async function rushUntilSoldOut(sale: FlashSale, onPaid: (paid: number) => void): Promise<Rush> {
  const rush: Rush = { paid: 0, refusedByPostgres: 0, forgotten: 0, abandoned: new Set() }
  let index = 0
  const worker = async () => {
    while (rush.paid < totalUnits) {
      index += 1
      try {
        await buy(sale, index, rush)
        onPaid(rush.paid)
      } catch (error) {
        const code = codeOf(error)
        if (code === 'claim.sold_out' || code === 'claim.limit_reached') rush.refusedByPostgres += 1
        else if (code === 'hold.not_found' || code === 'hold.expired') rush.forgotten += 1
        else if (code === 'flash_sale.sold_out') await endAbandoned(sale, rush)
        else throw error
      }
    }
  }
  await Promise.all(Array.from({ length: buyersAtOnce }, worker))
  return rush
}

/** What must be true whatever happened to Redis. */
async function expectNothingOversold(sale: FlashSale): Promise<void> {
  const { flashSaleId } = sale
  const [sold] = await shop.run<{ units: number; holds: number }>(
    `SELECT coalesce(sum(units), 0)::int AS units, count(*)::int AS holds FROM holds WHERE flash_sale_id = $1 AND state = 'settled'`,
    [flashSaleId],
  )
  expect(sold).toEqual({ units: totalUnits, holds: totalUnits })
  const [units] = await shop.run<{ units: number; holders: number }>(
    `SELECT count(*)::int AS units, count(DISTINCT hold_id)::int AS holders FROM flash_sale_units WHERE flash_sale_id = $1`,
    [flashSaleId],
  )
  expect(units).toEqual({ units: totalUnits, holders: totalUnits })
  const overLimit = await shop.run(
    `SELECT account_id FROM holds WHERE flash_sale_id = $1 AND state IN ('claimed', 'settled')
     GROUP BY account_id HAVING sum(units) > 1`,
    [flashSaleId],
  )
  expect(overLimit).toEqual([])
}

/** The gate opens again within ten seconds, and says after quiet what Postgres says. */
async function timeUntilOpen(sale: FlashSale): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const figures = await shop.gate.figures(sale).catch(() => null)
    if (figures) return performance.now() - begun
    expect(performance.now() - begun).toBeLessThan(10_000)
    await delay(20)
  }
}

async function rushWithFault(fault: () => Promise<void>) {
  const sale = await shop.openSale(totalUnits)
  sweepers = [startSweeper(shop.sweeps(), log), startSweeper(shop.sweeps(), log)]
  let openedAfterMs: Promise<number> | undefined
  const rush = await rushUntilSoldOut(sale, (paid) => {
    if (paid < totalUnits / 3 || openedAfterMs) return
    openedAfterMs = fault().then(() => timeUntilOpen(sale))
  })
  const opened = await openedAfterMs
  expect(opened).toBeLessThan(10_000)
  await expectNothingOversold(sale)
  expect(rush.paid).toBe(totalUnits)
  await expect
    .poll(() => shop.gate.figures(sale), { timeout: 20_000, interval: 100 })
    .toEqual({ state: 'open', remainingUnits: 0, soldUnits: totalUnits })
  return rush
}

const longMs = 90_000

it('[FS18] survives kill -9 of Redis in the middle of a rush: rebuilt, open, exactly sold out', {
  timeout: longMs,
}, async () => {
  const rush = await rushWithFault(async () => {
    await redis.kill()
    await redis.start()
  })
  // Every acknowledged step was on disk: no buyer's hold was forgotten, and Postgres had nothing to refuse.
  expect(rush.forgotten).toBe(0)
  expect(rush.refusedByPostgres).toBe(0)
})

it('[FS18] survives FLUSHALL in the middle of a rush', { timeout: longMs }, async () => {
  await rushWithFault(async () => {
    await shop.redis.flushall()
  })
})

it('[FS18] survives an older copy of its data in the middle of a rush', { timeout: longMs }, async () => {
  const data = path.join(folder, 'redis', 'appendonlydir')
  const copy = path.join(folder, 'older-copy')
  await rushWithFault(async () => {
    await cp(data, copy, { recursive: true })
    // The buyers of this time are what the copy does not know.
    await delay(300)
    await redis.kill()
    await rm(data, { recursive: true })
    await cp(copy, data, { recursive: true })
    await redis.start()
  })
})
