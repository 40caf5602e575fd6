import { coresOfOthers, cpuBetween, cpuByProcess, machineTimes } from '../cpu.ts'
import { type Buyer, buyOne, each, type Purchase } from '../crowd.ts'
import { profiled } from '../profiling.ts'
import { measureRawOrders } from '../raw-limit.ts'
import { type OpenSale, onRushStage, type RushStage } from '../rush-stage.ts'
import { checkStores } from '../store-checks.ts'
import { joinViewers, tapStorm } from '../tap-storm.ts'
import { type Rush, reportRush } from './flash-rush-report.ts'

const BUYERS = Number(process.env.BENCH_BUYERS ?? 2_000)
const UNITS = Number(process.env.BENCH_UNITS ?? 1_000)
/** Units of a sale before it, so that the rush does not measure how code is compiled. */
const WARM_UP_UNITS = Number(process.env.BENCH_WARM_UP ?? 200)
const TAPS = Number(process.env.BENCH_TAPS ?? 20_000)
const TAPPED_UNITS = 100
const VIEWERS = Number(process.env.BENCH_VIEWERS ?? 3_000)
const CONCURRENCIES = [64, 512]
/** One account may buy it twice: the statements are measured one by one and together. */
const RAW_LIMIT_A_BUYER = 2

/** Two thousand buyers on one product, 64 and 512 at once, each to the end; then 20,000 taps on a hundred units. */
export function flashRush(): Promise<boolean> {
  const stocks = [WARM_UP_UNITS, ...CONCURRENCIES.map(() => UNITS), TAPPED_UNITS, 2 * (UNITS + WARM_UP_UNITS)]
  return onRushStage(stocks, scene, { env: { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' } })
}

async function scene(stage: RushStage): Promise<boolean> {
  const { platform, database } = stage
  const everybody = await stage.buyers(BUYERS)
  const [warmUp, ...open] = (await stage.openSales(CONCURRENCIES.length + 2)) as [OpenSale, ...OpenSale[]]
  const rawSale = (await stage.openSales(1, RAW_LIMIT_A_BUYER))[0] as OpenSale
  await rush(stage, everybody.slice(0, WARM_UP_UNITS), warmUp, CONCURRENCIES[0] as number)
  const rushes: Rush[] = []
  for (const concurrency of CONCURRENCIES)
    rushes.push(await rush(stage, everybody, open.shift() as OpenSale, concurrency))
  const tapped = open.shift() as OpenSale
  const people = await stage.sessions(TAPS)
  const viewers = await joinViewers(stage, VIEWERS)
  const storm = await tapStorm(stage, tapped, people, viewers)
  for (const viewer of viewers) viewer.close()
  const paidOrderIds = rushes.flatMap(({ purchases }) => purchases.flatMap((one) => one.orderId ?? []))
  const checks = await checkStores(database, platform, { paidOrderIds })
  const raw = await measureRawOrders(platform, rawSale.flashSaleId, UNITS)
  return reportRush({ buyers: BUYERS, units: UNITS, tappedUnits: TAPPED_UNITS, rushes, storm, raw, checks })
}

/** All these buyers, as many at once as the scene says, each to the end. */
async function rush(
  stage: RushStage,
  buyers: readonly Buyer[],
  { flashSaleId }: OpenSale,
  concurrency: number,
): Promise<Rush> {
  const { platform, progress } = stage
  const cpuBefore = cpuByProcess(platform)
  const machineBefore = machineTimes()
  const purchases: Purchase[] = []
  const startTick = performance.now()
  let lastPaidTick = startTick
  let paid = 0
  progress.begin(`${concurrency} at once`, buyers.length)
  await profiled(platform, () =>
    each(buyers, concurrency, async (buyer) => {
      const purchase = await buyOne(buyer, flashSaleId)
      purchases.push(purchase)
      if (purchase.ending === 'paid') {
        lastPaidTick = performance.now()
        paid += 1
      }
      progress.tick(`${paid} paid`)
    }),
  )
  progress.end()
  const elapsedMs = performance.now() - startTick
  return {
    concurrency,
    purchases,
    elapsedMs,
    paidMs: lastPaidTick - startTick,
    cpu: cpuBetween(cpuBefore, cpuByProcess(platform)),
    othersCores: coresOfOthers(machineBefore, elapsedMs),
  }
}
