import type { Chart } from '../chart.ts'
import { cpuBetween, cpuByProcess } from '../cpu.ts'
import { closedLoad, crowdOf, type OrderLoad, openLoad } from '../order-load.ts'
import { barChecks, type Check, holds, percentiles, print, round } from '../report.ts'
import { onRushStage, type RushStage } from '../rush-stage.ts'
import { checkStores } from '../store-checks.ts'

const BUYERS = Number(process.env.BENCH_BUYERS ?? 3_000)
const UNITS = 10_000
const PER_BUYER = 20
/** So many at once that p99 stays below half a second. */
const LANES = Number(process.env.BENCH_LANES ?? 64)
const CALIBRATE_MS = 8_000
const OVERLOAD_MS = Number(process.env.BENCH_OVERLOAD_SECONDS ?? 30) * 1_000
const AFTER_MS = 5_000
const TIMES = 5

const goodputMin = 0.9
const refusedMsMax = 100
const hundredth = (value: number): number => Math.round(value * 100) / 100

/** What the platform sells a second at ease, and what of it is left when five times as many want to buy. */
export function overload(): Promise<boolean> {
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' }
  return onRushStage([UNITS, UNITS, UNITS, UNITS], scene, { env })
}

async function scene(stage: RushStage): Promise<boolean> {
  const { platform, database, progress } = stage
  const crowd = crowdOf(await stage.buyers(BUYERS))
  const sales = (await stage.openSales(4, PER_BUYER)).map((sale) => sale.flashSaleId)
  const [first, last, ...between] = sales
  const calm = (flashSaleId: string | undefined, forMs: number) =>
    closedLoad({ crowd, flashSaleId: flashSaleId ?? '', lanes: LANES, forMs })
  progress.begin('loads', 4)
  await calm(first, CALIBRATE_MS)
  progress.tick('warm-up')
  const atEase = await calm(first, CALIBRATE_MS)
  const ease = perSecond(atEase)
  progress.tick(`${round(ease)} paid orders a second`)
  const cpuBefore = cpuByProcess(platform)
  const pressed = await openLoad({ crowd, flashSaleIds: between, perSecond: TIMES * ease, forMs: OVERLOAD_MS })
  const cpu = cpuBetween(cpuBefore, cpuByProcess(platform))
  progress.tick(`${pressed.paid.length} paid of ${pressed.offered}`)
  const after = await calm(last, AFTER_MS)
  progress.tick()
  progress.end()
  const loads = [atEase, pressed, after]
  const paidOrderIds = loads.flatMap(({ paid }) => paid.flatMap((one) => one.orderId ?? []))
  const checks = await checkStores(database, platform, { paidOrderIds })
  return report({ atEase, pressed, after, cpu }, checks)
}

const perSecond = ({ paid, elapsedMs }: OrderLoad): number => (paid.length / elapsedMs) * 1_000

/** Orders that were paid while the load was on; those that ended later are told apart. */
function goodput({ paid, elapsedMs }: OrderLoad): number {
  const begin = Math.min(...paid.map((one) => one.startedTick))
  const inTime = paid.filter((one) => one.startedTick + one.totalMs <= begin + elapsedMs)
  return (inTime.length / elapsedMs) * 1_000
}

interface Measured {
  readonly atEase: OrderLoad
  readonly pressed: OrderLoad
  readonly after: OrderLoad
  /** While the pressure was on. */
  readonly cpu: ReadonlyMap<string, number>
}

function report({ atEase, pressed, after, cpu }: Measured, storeChecks: readonly Check[]): boolean {
  const ease = perSecond(atEase)
  const times = ({ paid }: OrderLoad) => percentiles(paid.map((one) => one.totalMs))
  const refusedTimes = percentiles(pressed.busy.map((one) => one.totalMs))
  const charts: Chart[] = [
    {
      title: `Goodput at ${TIMES} times the load, share of that at ease`,
      unit: '',
      bars: [{ label: 'paid orders', value: hundredth(goodput(pressed) / ease), reach: { atLeast: goodputMin } }],
    },
    {
      title: 'A refusal',
      unit: 'ms',
      bars: [
        { label: 'p50', value: refusedTimes.p50 },
        { label: 'p99', value: refusedTimes.p99, reach: { atMost: refusedMsMax } },
      ],
    },
    {
      title: 'Tap to paid order',
      unit: 'ms',
      bars: [
        { label: 'at ease, p99', value: times(atEase).p99 },
        { label: 'under pressure, p50', value: times(pressed).p50 },
        { label: 'under pressure, p99', value: times(pressed).p99 },
        { label: 'afterwards, p99', value: times(after).p99 },
      ],
    },
  ]
  const loads = [
    ['at ease', atEase],
    [`${TIMES} times as many`, pressed],
    ['afterwards', after],
  ] as const
  const failed = loads.flatMap(([, load]) => load.failed)
  const said = Map.groupBy(failed, (purchase) => purchase.said ?? purchase.ending)
  const checks: Check[] = [
    ...barChecks(charts),
    {
      what: 'refusals that do not say when to come back',
      expected: 0,
      found: pressed.busy.filter((one) => one.retryAfterMs === null).length,
    },
    { what: 'answers other than paid or busy', expected: 0, found: failed.length },
    ...storeChecks,
  ]
  const pass = checks.every(holds)
  print({
    title: 'Overload',
    scene: `${LANES} buyers at once, each to the paid order and then the next: ${round(ease)} paid orders a second. Then ${TIMES} times as many taps a second for ${OVERLOAD_MS / 1_000} s, whatever becomes of those before; whoever is told that the shop is busy goes away. Then as before.`,
    charts,
    tables: [
      {
        title: 'Loads',
        head: ['load', 'offered', 'paid', 'told busy', 'other', 'paid a second', 'p50 ms', 'p99 ms'],
        rows: loads.map(([name, load]) => {
          const { p50, p99 } = times(load)
          const { offered, paid, busy } = load
          return [name, offered, paid.length, busy.length, load.failed.length, round(goodput(load)), p50, p99]
        }),
      },
      {
        title: 'Cores in use under pressure',
        head: ['process', 'cores'],
        rows: [...cpu].map(([name, ms]) => [name, hundredth(ms / pressed.elapsedMs)]),
      },
      ...(said.size === 0
        ? []
        : [
            {
              title: 'Other answers',
              head: ['what was said', 'times'],
              rows: [...said].map(([s, of]) => [s, of.length]),
            },
          ]),
    ],
    checks,
    result: {
      bench: 'overload',
      pass,
      figures: {
        atEasePerSecond: round(ease),
        offeredPerSecond: round((pressed.offered / pressed.elapsedMs) * 1_000),
        goodputPerSecond: round(goodput(pressed)),
        goodputShare: hundredth(goodput(pressed) / ease),
        refused: pressed.busy.length,
        refusedMs: refusedTimes,
        paidMs: { atEase: times(atEase), pressed: times(pressed), after: times(after) },
      },
    },
  })
  return pass
}
