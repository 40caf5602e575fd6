import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Platform } from '../../server/embedded/supervisor.mjs'
import type { Chart } from '../chart.ts'
import { closedLoad, crowdOf, type OrderLoad, openLoad } from '../order-load.ts'
import { barChecks, type Check, holds, percentiles, print, round } from '../report.ts'
import { onRushStage, type RushStage } from '../rush-stage.ts'
import { checkStores } from '../store-checks.ts'

const MINUTES = Number(process.env.BENCH_SOAK_MINUTES ?? 15)
const BUYERS = Number(process.env.BENCH_BUYERS ?? 3_000)
const UNITS = 10_000
const PER_BUYER = 20
const LANES = 64
const CALIBRATE_MS = 8_000
const SAMPLE_MS = 2_000
const sharesOfEase = [0.7, 0.5] as const
/** A sale has 10,000 units at most: a long soak goes on in the next one. */
const ORDERS_A_SALE = 9_000
const EASE_GUESS = 300

const tailMax = 3
const growthMax = 0.01
/** What comes and goes with connections at rest. */
const descriptorsGrowthMax = 8
const watched = ['api', 'worker'] as const
const thousandth = (value: number): number => Math.round(value * 1_000) / 1_000

interface Sample {
  readonly atMs: number
  readonly rssBytes: number
  readonly descriptors: number
}

/** Orders at seven and then at five tenths of what the platform can, for long: nothing grows, nothing is slow. */
export function checkoutSoak(): Promise<boolean> {
  const orders = MINUTES * 60 * EASE_GUESS * 0.6
  const sales = Math.ceil(orders / ORDERS_A_SALE) + 2
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' }
  return onRushStage(
    Array.from({ length: sales }, () => UNITS),
    scene,
    { env },
  )
}

async function scene(stage: RushStage): Promise<boolean> {
  const { platform, database, progress } = stage
  const crowd = crowdOf(await stage.buyers(BUYERS))
  const open = (await stage.openSales(1, PER_BUYER)).map((sale) => sale.flashSaleId)
  const calibrated = await closedLoad({ crowd, flashSaleId: open[0] ?? '', lanes: LANES, forMs: CALIBRATE_MS })
  const ease = (calibrated.paid.length / calibrated.elapsedMs) * 1_000
  const loads: { share: number; load: OrderLoad }[] = []
  const samples = new Map<string, Sample[]>(watched.map((name) => [name, []]))
  const stop = new AbortController()
  const sampling = sampleAll(platform, samples, stop.signal)
  const legMs = (ORDERS_A_SALE / (ease * sharesOfEase[0])) * 1_000
  for (const share of sharesOfEase) {
    let leftMs = (MINUTES * 60_000) / sharesOfEase.length
    progress.begin(`${share} of the rate at ease`, Math.ceil(leftMs / legMs))
    while (leftMs > 0) {
      const [sale] = await stage.openSales(1, PER_BUYER)
      const forMs = Math.min(leftMs, legMs)
      leftMs -= forMs
      loads.push({
        share,
        load: await openLoad({ crowd, flashSaleIds: [sale?.flashSaleId ?? ''], perSecond: share * ease, forMs }),
      })
      progress.tick()
    }
    progress.end()
  }
  stop.abort()
  await sampling
  const paidOrderIds = loads.flatMap(({ load }) => load.paid.flatMap((one) => one.orderId ?? []))
  const checks = await checkStores(database, platform, { paidOrderIds })
  return report(ease, loads, samples, checks)
}

async function sampleAll(platform: Platform, samples: Map<string, Sample[]>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [name, of] of samples) {
      const pid = platform.processes.get(name)?.pid
      if (pid !== undefined) of.push(sampleOf(pid))
    }
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined)
  }
}

function sampleOf(pid: number): Sample {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  return { atMs: performance.now(), rssBytes: kilobytes * 1_024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}

/** Growth in ten minutes by the line of least squares through the second half, when heaps have found their size. */
function growthInTenMinutes(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2))
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
  const atMs = mean(half.map((one) => one.atMs))
  const bytes = mean(half.map((one) => one.rssBytes))
  const over = half.reduce((sum, one) => sum + (one.atMs - atMs) ** 2, 0)
  const slope = half.reduce((sum, one) => sum + (one.atMs - atMs) * (one.rssBytes - bytes), 0) / over
  return (slope * 600_000) / bytes
}

function report(
  ease: number,
  loads: readonly { share: number; load: OrderLoad }[],
  samples: ReadonlyMap<string, readonly Sample[]>,
  storeChecks: readonly Check[],
): boolean {
  const byShare = sharesOfEase.map((share) => {
    const paid = loads.filter((one) => one.share === share).flatMap(({ load }) => load.paid)
    return { share, paid: paid.length, times: percentiles(paid.map((one) => one.totalMs)) }
  })
  const memory = [...samples].map(([name, of]) => ({
    name,
    growth: thousandth(growthInTenMinutes(of)),
    last: of.at(-1),
  }))
  const charts: Chart[] = [
    {
      title: 'p99 in units of p50',
      unit: '',
      bars: byShare.map(({ share, times }) => ({
        label: `at ${share} of the rate at ease`,
        value: Math.round((times.p99 / Math.max(0.1, times.p50)) * 100) / 100,
        reach: { atMost: tailMax },
      })),
    },
    {
      title: 'Growth of memory in ten minutes, share',
      unit: '',
      bars: memory.map(({ name, growth }) => ({ label: name, value: growth, reach: { atMost: growthMax } })),
    },
    {
      title: 'Growth of open descriptors',
      unit: '',
      bars: [...samples].map(([name, of]) => ({
        label: name,
        value: (of.at(-1)?.descriptors ?? 0) - (of[Math.floor(of.length / 4)]?.descriptors ?? 0),
        reach: { atMost: descriptorsGrowthMax },
      })),
    },
  ]
  const failed = loads.flatMap(({ load }) => [...load.failed, ...load.busy])
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'purchases that did not end paid', expected: 0, found: failed.length },
    ...storeChecks,
  ]
  const pass = checks.every(holds)
  print({
    title: 'Checkout soak',
    scene: `${MINUTES} minutes of orders at ${sharesOfEase.join(' and then ')} of ${round(ease)} paid orders a second, which is what ${LANES} buyers at once reach.`,
    charts,
    tables: [
      {
        title: 'Tap to paid order, ms',
        head: ['share of the rate at ease', 'paid', 'p50', 'p95', 'p99', 'max'],
        rows: byShare.map(({ share, paid, times }) => [share, paid, times.p50, times.p95, times.p99, times.max]),
      },
      {
        title: 'Processes at the end',
        head: ['process', 'memory MB', 'growth in ten minutes', 'open descriptors'],
        rows: memory.map(({ name, growth, last }) => [
          name,
          Math.round((last?.rssBytes ?? 0) / 2 ** 20),
          growth,
          last?.descriptors ?? 0,
        ]),
      },
    ],
    checks,
    result: {
      bench: 'checkout-soak',
      pass,
      figures: {
        minutes: MINUTES,
        atEasePerSecond: round(ease),
        loads: byShare,
        memory: memory.map(({ name, growth }) => ({ name, growth })),
      },
    },
  })
  return pass
}
