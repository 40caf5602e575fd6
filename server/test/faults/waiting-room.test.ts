import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AccountId, FlashSaleId } from '@livelot/client/contracts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type EmbeddedService, startEmbeddedRedis } from '../../embedded/services.mjs'
import { startSweeper } from '../../src/infra/queue/sweeper.ts'
import { buyerId, checkoutId, log } from '../../src/modules/flash-sales/shop-for-tests.ts'
import { drawPlace } from '../../src/modules/waiting-rooms/draw.ts'
import {
  codeOf,
  type Joined,
  openWaitingShop,
  type WaitingShop,
} from '../../src/modules/waiting-rooms/room-for-tests.ts'
import { type TestDatabase, testDatabase } from '../support/services.ts'

const units = 6
const crowd = 30
const longMs = 60_000
const patience = { timeout: 20_000 }

let folder: string
let redis: EmbeddedService
let database: TestDatabase
let shop: WaitingShop
let sweepers: { close(): Promise<void> }[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'livelot-test-line-'))
  const password = randomBytes(12).toString('hex')
  redis = await startEmbeddedRedis({ dataDir: folder, password, appendfsync: 'always' })
  database = await testDatabase()
  shop = await openWaitingShop({ databaseUrl: database.url, redisUrl: redis.url })
  // Redis dies on purpose here; what its connections say about that is no news.
  shop.redis.on('error', () => undefined)
  shop.otherRedis.on('error', () => undefined)
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

/** Asks again until it is answered, as a client does; a refusal for good is an answer. */
async function answered(accountId: AccountId, flashSaleId: FlashSaleId, ticket: string): Promise<Joined | null> {
  const until = performance.now() + 20_000
  for (;;) {
    try {
      return await shop.otherRooms.join({ flashSaleId, ticket }, accountId)
    } catch (error) {
      const code = String((error as { code?: unknown }).code)
      if (code === 'flash_sale.limit_reached') return null
      const isPassing = code === 'flash_sale.gate_closed' || !code.includes('.')
      if (!isPassing || performance.now() > until) throw error
      await delay(50)
    }
  }
}

/** From the turn to the paid unit, as checkout does it. */
async function buy(flashSaleId: FlashSaleId, accountId: AccountId): Promise<void> {
  const holdId = await shop.reserve(flashSaleId, accountId)
  const mine = { accountId, flashSaleId, holdId }
  await shop.holds.beginPayment(mine)
  await shop.database.transaction(async (tx) => {
    expect(await shop.holds.claimHold(tx, { ...mine, units: 1, checkoutId: checkoutId() })).toBe('claimed')
  })
  await shop.database.transaction((tx) => shop.holds.settleHolds(tx, [holdId]))
  await shop.holds.syncHold({ ...mine, units: 1, how: 'settled' })
}

/** Three of the six who are called buy; then Redis fails, everybody comes back in disorder, and the line goes on. */
async function saleWithFault(fault: () => Promise<void>): Promise<void> {
  const { flashSaleId } = await shop.announce(units)
  const people = shop.accounts(crowd)
  const tickets = (await shop.joinAll(flashSaleId, people)).map(({ ticket }) => ticket)
  const { seed } = await shop.known(flashSaleId)
  const placeOf = (accountId: AccountId) => drawPlace(seed, flashSaleId, accountId)
  const order = people.toSorted((one, two) => placeOf(one) - placeOf(two))
  sweepers = [shop.sweeps(), shop.roomSweeps(), shop.roomSweeps()].map((sweeps) => startSweeper(sweeps, log))
  await shop.openNow(flashSaleId)
  await expect.poll(() => shop.turns(flashSaleId), patience).toHaveLength(units)
  for (const accountId of order.slice(0, 3)) await buy(flashSaleId, accountId)
  await fault()

  const lostTick = performance.now()
  const answers = await Promise.all(
    people
      .toReversed()
      .map((accountId) => answered(accountId, flashSaleId, tickets[people.indexOf(accountId)] as string)),
  )
  // The gate stands again within its ten seconds; who has bought has bought.
  expect(performance.now() - lostTick).toBeLessThan(10_000)
  expect(answers.filter((answer) => answer === null)).toHaveLength(3)
  const next = order.slice(3, 6)
  await expect.poll(async () => (await shop.turns(flashSaleId)).toSorted(), patience).toEqual(next.toSorted())
  expect(await shop.lineOf(flashSaleId)).toEqual(order.slice(6))
  for (const accountId of next) await buy(flashSaleId, accountId)
  const newcomer = () => codeOf(shop.rooms.join({ flashSaleId }, buyerId()))
  await expect.poll(newcomer, patience).toBe('flash_sale.sold_out')
  const [sold] = await shop.run<{ buyers: number; units: number }>(
    `SELECT count(DISTINCT account_id)::int AS buyers, sum(units)::int AS units FROM holds
     WHERE flash_sale_id = $1 AND state = 'settled'`,
    [flashSaleId],
  )
  expect(sold).toEqual({ buyers: units, units })
}

it(
  '[WR8] outlives an emptied Redis: tickets put the line together again, and nobody is called out of turn',
  {
    timeout: longMs,
  },
  () =>
    saleWithFault(async () => {
      await shop.redis.flushall()
    }),
)

it('[WR8] outlives kill -9 of Redis', { timeout: longMs }, () =>
  saleWithFault(async () => {
    await redis.kill()
    await redis.start()
  }),
)
