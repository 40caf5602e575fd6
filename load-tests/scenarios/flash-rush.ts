import { createClient } from '@livelot/client'
import pg from 'pg'
import { coresOfOthers, cpuBetween, cpuByProcess, machineTimes } from '../cpu.ts'
import { type Buyer, buyOne, each, makeBuyer, type Purchase } from '../crowd.ts'
import { checkSale } from '../invariants.ts'
import { type BenchPlatform, startBenchPlatform } from '../platform.ts'
import { Progress } from '../progress.ts'
import { type Check, holds, percentiles, print, round } from '../report.ts'
import { type Stage, seedBuyers, seedStage } from '../seeding.ts'

const BUYERS = Number(process.env.BENCH_BUYERS ?? 2_000)
const UNITS = Number(process.env.BENCH_UNITS ?? 500)
const CONCURRENCY = 64
const SALE_PRICE_MINOR = 1_900
/** Short work, so that the set-up does not fill the machine's memory with half-done requests. */
const SETUP_CONCURRENCY = 16
const SOLD_OUT_TRUTH_MS = 2_000

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
  const stage = await seedStage(database, UNITS, privateKey)
  const sessions = await seedBuyers(database, BUYERS, privateKey)
  const creator = createClient({ baseUrl: platform.urls.http, storage: 'memory' })
  await creator.account.adopt(stage.creator)
  const { tokenUrl } = await creator.cards.config()
  const buyers: Buyer[] = []
  progress.begin('cards are saved', BUYERS)
  await each(sessions, SETUP_CONCURRENCY, async (session) => {
    buyers.push(await makeBuyer(platform.urls.http, session, tokenUrl))
    progress.tick()
  })
  progress.end()

  const { room, flashSaleId } = await openSale(creator, stage, progress)
  let shownSoldOutAtTick: number | null = null
  room.on('flash-sale:stock-changed', ({ remainingUnits }) => {
    if (remainingUnits === 0) shownSoldOutAtTick ??= performance.now()
  })

  const cpuBefore = cpuByProcess(platform)
  const machineBefore = machineTimes()
  const purchases: Purchase[] = []
  let held = 0
  const startTick = performance.now()
  let lastPaidTick = startTick
  progress.begin('buyers rush', BUYERS)
  await each(buyers, CONCURRENCY, async (buyer) => {
    const purchase = await buyOne(buyer, flashSaleId)
    purchases.push(purchase)
    if (purchase.ending === 'paid') {
      lastPaidTick = performance.now()
      held += 1
    }
    progress.tick(`${held} paid`)
  })
  progress.end()
  const elapsedMs = performance.now() - startTick
  const cpu = cpuBetween(cpuBefore, cpuByProcess(platform))
  const othersCores = coresOfOthers(machineBefore, elapsedMs)
  const checks = await checkSale(database, {
    flashSaleId,
    variantId: stage.variantId,
    units: UNITS,
    journalDir: platform.env.SANDBOX_JOURNAL_DIR ?? '',
  })
  const reservedTicks = purchases
    .filter(({ ending }) => ending === 'paid')
    .map((one) => one.startedTick + one.reserveMs)
  const told = shownSoldOutAtTick === null ? null : Math.max(0, shownSoldOutAtTick - Math.max(...reservedTicks))
  creator.close()
  return conclude({
    purchases,
    elapsedMs,
    paidMs: lastPaidTick - startTick,
    cpu,
    checks,
    soldOutToldMs: told,
    othersCores,
  })
}

/** The creator's side: show, shelf, live, announced sale; resolves when the room has told that it is open. */
async function openSale(creator: ReturnType<typeof createClient>, stage: Stage, progress: Progress) {
  const show = await creator.shows.create({
    title: 'Flash rush',
    startsAtMs: Date.now(),
    productIds: [stage.productId],
  })
  await creator.shows.start({ showId: show.showId })
  const room = creator.joinRoom(show.showId)
  await room.ready()
  const opened = new Promise<void>((resolve) => room.on('flash-sale:opened', () => resolve()))
  const sale = await creator.flashSales.create({
    showId: show.showId,
    variantId: stage.variantId,
    salePriceMinor: SALE_PRICE_MINOR,
    totalUnits: UNITS,
    perBuyerLimit: 1,
    countdownSeconds: 10,
    runSeconds: 600,
  })
  progress.say('The countdown of ten seconds runs.')
  await opened
  return { room, flashSaleId: sale.flashSaleId }
}

interface Outcome {
  purchases: readonly Purchase[]
  elapsedMs: number
  paidMs: number
  cpu: Map<string, number>
  checks: readonly Check[]
  soldOutToldMs: number | null
  othersCores: number
}

function conclude({
  purchases,
  elapsedMs,
  paidMs,
  cpu,
  checks: storeChecks,
  soldOutToldMs,
  othersCores,
}: Outcome): boolean {
  const of = (ending: Purchase['ending']) => purchases.filter((purchase) => purchase.ending === ending)
  const [paid, soldOut, failed] = [of('paid'), of('sold-out'), of('failed')]
  const checks: Check[] = [
    { what: 'buyers told that their order is paid', expected: UNITS, found: paid.length },
    { what: 'buyers told that it is sold out', expected: BUYERS - UNITS, found: soldOut.length },
    { what: 'buyers with any other answer', expected: 0, found: failed.length },
    { what: 'screens told of the sell-out within 2 s', expected: 'yes', found: soldOutVerdict(soldOutToldMs) },
    ...storeChecks,
  ]
  const pass = checks.every(holds)
  const paidTimes = percentiles(paid.map(({ totalMs }) => totalMs))
  const reserveTimes = percentiles(paid.map(({ reserveMs }) => reserveMs))
  const soldOutTimes = percentiles(soldOut.map(({ totalMs }) => totalMs))
  const ordersPerSecond = round((paid.length / paidMs) * 1000)
  const cpuPerOrderMs = Object.fromEntries([...cpu].map(([name, ms]) => [name, round(ms / Math.max(1, paid.length))]))
  const row = (name: string, { count, p50, p95, p99, max }: ReturnType<typeof percentiles>) => [
    name,
    count,
    p50,
    p95,
    p99,
    max,
  ]
  const said = [...Map.groupBy(failed, (purchase) => purchase.said ?? '')].map(([text, all]) => [text, all.length])
  print({
    title: 'Flash rush',
    scene: `${BUYERS} buyers with sessions and cards of their own want one of ${UNITS} units, ${CONCURRENCY} at once: reserve, full price, checkout, paid order. ${ordersPerSecond} paid orders a second, while others used ${othersCores} cores of the machine.`,
    tables: [
      {
        title: 'Times in ms',
        head: ['what', 'count', 'p50', 'p95', 'p99', 'max'],
        rows: [row('tap to paid order', paidTimes), row('reserve', reserveTimes), row('told sold out', soldOutTimes)],
      },
      {
        title: 'CPU per paid order, the refused buyers included',
        head: ['process', 'ms'],
        rows: Object.entries(cpuPerOrderMs),
      },
      ...(said.length === 0 ? [] : [{ title: 'Other answers', head: ['what was said', 'times'], rows: said }]),
    ],
    checks,
    result: {
      bench: 'flash-rush',
      pass,
      figures: {
        buyers: BUYERS,
        units: UNITS,
        concurrency: CONCURRENCY,
        paidOrders: paid.length,
        soldOutAnswers: soldOut.length,
        otherAnswers: failed.length,
        ordersPerSecond,
        answersPerSecond: round((purchases.length / elapsedMs) * 1000),
        paidMs: paidTimes,
        reserveMs: reserveTimes,
        soldOutMs: soldOutTimes,
        soldOutToldMs: soldOutToldMs === null ? null : round(soldOutToldMs),
        cpuPerOrderMs,
        othersCores,
      },
    },
  })
  return pass
}

const soldOutVerdict = (toldMs: number | null): string =>
  toldMs === null ? 'never' : toldMs <= SOLD_OUT_TRUTH_MS ? 'yes' : `after ${Math.round(toldMs)} ms`
