import { type Client, createClient, type Room } from '@livelot/client'
import type { Session } from '@livelot/client/contracts'
import pg from 'pg'
import { coresOfOthers, cpuBetween, cpuByProcess, machineTimes } from '../cpu.ts'
import { type Buyer, buyOne, each, makeBuyer, type Purchase } from '../crowd.ts'
import { checkSale } from '../invariants.ts'
import { type BenchPlatform, startBenchPlatform } from '../platform.ts'
import { Progress } from '../progress.ts'
import { seedBuyers, seedStage } from '../seeding.ts'
import { reportRush } from './flash-rush-report.ts'

const BUYERS = Number(process.env.BENCH_BUYERS ?? 2_000)
const UNITS = Number(process.env.BENCH_UNITS ?? 500)
const CONCURRENCY = 64
/** Units of a sale before it, so that the rush does not measure how code is compiled. */
const WARM_UP_UNITS = Number(process.env.BENCH_WARM_UP ?? 100)
const SALE_PRICE_MINOR = 1_900
/** Short work, so that the set-up does not fill the machine's memory with half-done requests. */
const SETUP_CONCURRENCY = 16

/** Two thousand buyers, one product with five hundred units, sixty-four at once, each to the end. */
export async function flashRush(): Promise<boolean> {
  const progress = new Progress()
  const bench = await startBenchPlatform({ seed: false, say: (text) => progress.say(text) })
  const database = new pg.Client({ connectionString: bench.platform.databaseUrl })
  try {
    await database.connect()
    return await rush(bench, database, progress)
  } finally {
    await database.end()
    await bench.stop()
  }
}

async function rush(bench: BenchPlatform, database: pg.Client, progress: Progress): Promise<boolean> {
  const { platform } = bench
  const privateKey = platform.env.AUTH_PRIVATE_KEY
  if (!privateKey) throw new Error('The platform has no AUTH_PRIVATE_KEY.')
  const stage = await seedStage(database, [UNITS, WARM_UP_UNITS], privateKey)
  const [variantId = '', warmUpVariantId = ''] = stage.variantIds
  const creator = createClient({ baseUrl: platform.urls.http, storage: 'memory' })
  await creator.account.adopt(stage.creator)
  const sessions = await seedBuyers(database, BUYERS + WARM_UP_UNITS, privateKey)
  const everybody = await makeBuyers(sessions, creator, progress)
  const room = await openShow(creator, stage.productId)
  if (WARM_UP_UNITS > 0) {
    const warmUpId = await openSale(creator, room, warmUpVariantId, WARM_UP_UNITS, progress)
    await run(everybody.slice(BUYERS), warmUpId, progress, 'warm-up sale')
  }
  const flashSaleId = await openSale(creator, room, variantId, UNITS, progress)
  let shownSoldOutAtTick: number | null = null
  room.on('flash-sale:stock-changed', (told) => {
    if (told.flashSaleId === flashSaleId && told.remainingUnits === 0) shownSoldOutAtTick ??= performance.now()
  })
  const cpuBefore = cpuByProcess(platform)
  const machineBefore = machineTimes()
  const { purchases, elapsedMs, paidMs } = await run(everybody.slice(0, BUYERS), flashSaleId, progress, 'buyers rush')
  const cpu = cpuBetween(cpuBefore, cpuByProcess(platform))
  const othersCores = coresOfOthers(machineBefore, elapsedMs)
  const journalDir = platform.env.SANDBOX_JOURNAL_DIR ?? ''
  const sale = { flashSaleId, variantId, units: UNITS, unitsBefore: WARM_UP_UNITS, journalDir }
  const checks = await checkSale(database, sale)
  const reservedTicks = purchases
    .filter(({ ending }) => ending === 'paid')
    .map((one) => one.startedTick + one.reserveMs)
  const soldOutToldMs =
    shownSoldOutAtTick === null ? null : Math.max(0, shownSoldOutAtTick - Math.max(...reservedTicks))
  creator.close()
  const scene = { buyers: BUYERS, units: UNITS, warmUpUnits: WARM_UP_UNITS, concurrency: CONCURRENCY }
  return reportRush({ ...scene, purchases, elapsedMs, paidMs, cpu, checks, soldOutToldMs, othersCores })
}

async function makeBuyers(sessions: readonly Session[], creator: Client, progress: Progress): Promise<Buyer[]> {
  const { tokenUrl } = await creator.cards.config()
  const buyers: Buyer[] = []
  progress.begin('cards are saved', sessions.length)
  await each(sessions, SETUP_CONCURRENCY, async (session) => {
    buyers.push(await makeBuyer(creator.baseUrl, session, tokenUrl))
    progress.tick()
  })
  progress.end()
  return buyers
}

/** All these buyers, as many at once as the scene says, each to the end. */
async function run(buyers: readonly Buyer[], flashSaleId: string, progress: Progress, label: string) {
  const purchases: Purchase[] = []
  const startTick = performance.now()
  let lastPaidTick = startTick
  let paid = 0
  progress.begin(label, buyers.length)
  await each(buyers, CONCURRENCY, async (buyer) => {
    const purchase = await buyOne(buyer, flashSaleId)
    purchases.push(purchase)
    if (purchase.ending === 'paid') {
      lastPaidTick = performance.now()
      paid += 1
    }
    progress.tick(`${paid} paid`)
  })
  progress.end()
  return { purchases, elapsedMs: performance.now() - startTick, paidMs: lastPaidTick - startTick }
}

async function openShow(creator: Client, productId: string): Promise<Room> {
  const show = await creator.shows.create({ title: 'Flash rush', startsAtMs: Date.now(), productIds: [productId] })
  await creator.shows.start({ showId: show.showId })
  const room = creator.joinRoom(show.showId)
  await room.ready()
  return room
}

/** Resolves when the room has told that the sale is open. */
async function openSale(
  creator: Client,
  room: Room,
  variantId: string,
  totalUnits: number,
  progress: Progress,
): Promise<string> {
  const opened = new Promise<string>((resolve) => {
    const stop = room.on('flash-sale:opened', ({ flashSaleId }) => {
      stop()
      resolve(flashSaleId)
    })
  })
  await creator.flashSales.create({
    showId: room.showId,
    variantId,
    salePriceMinor: SALE_PRICE_MINOR,
    totalUnits,
    perBuyerLimit: 1,
    countdownSeconds: 10,
    runSeconds: 600,
  })
  progress.say('The countdown of ten seconds runs.')
  return await opened
}
