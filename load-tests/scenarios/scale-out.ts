import type { Chart } from '../chart.ts'
import { cpuBetween, cpuByProcess, machineTimes } from '../cpu.ts'
import { limitCpu, quotaProblem } from '../cpu-quota.ts'
import { closedLoad, crowdOf, type OrderLoad } from '../order-load.ts'
import { barChecks, type Check, holds, percentiles, print, round } from '../report.ts'
import { onRushStage, type RushStage } from '../rush-stage.ts'
import { checkStores } from '../store-checks.ts'

const BUYERS = Number(process.env.BENCH_BUYERS ?? 1_000)
const UNITS = 10_000
const PER_BUYER = 20
/** Buyers at once for each process: what many want at the same moment is cheaper, so each gets as many as one alone. */
const LANES_A_PROCESS = 64
const LOAD_MS = 5_000
const WARM_UP_MS = 8_000
const ROUNDS = 2
/**
 * What an API process gets of a core. Two cores are full with one whole API process and what it asks of the others: so
 * small a share leaves cores to the stores, the worker, the provider and the crowd also while two of them are busy.
 */
const SHARE = 0.15
const ratioMin = 1.6
const hundredth = (value: number): number => Math.round(value * 100) / 100

interface Measured {
  readonly processes: number
  readonly load: OrderLoad
  readonly perSecond: number
  readonly cpu: ReadonlyMap<string, number>
  readonly busyCores: number
}

/** What a second API process adds while cores last. */
export async function scaleOut(): Promise<boolean> {
  const problem = quotaProblem()
  if (problem) throw new Error(`This bench limits the CPU of the API processes, and ${problem}.`)
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' }
  return await onRushStage([UNITS], scene, { apiProcesses: 2, env })
}

async function scene(stage: RushStage): Promise<boolean> {
  const { platform, database, progress } = stage
  const [one = '', two = ''] = platform.urls.apis
  const ofFirst = await stage.buyers(BUYERS, one)
  const ofSecond = await stage.buyers(BUYERS, two)
  const [sale] = await stage.openSales(1, PER_BUYER)
  const flashSaleId = sale?.flashSaleId ?? ''
  const alternating = ofFirst.flatMap((buyer, index) => [buyer, ofSecond[index] ?? buyer])
  const measure = async (processes: number, forMs: number): Promise<Measured> => {
    const crowd = crowdOf(processes === 1 ? ofFirst : alternating)
    const [cpuBefore, machineBefore] = [cpuByProcess(platform), machineTimes()]
    const load = await closedLoad({ crowd, flashSaleId, lanes: processes * LANES_A_PROCESS, forMs })
    const cpu = cpuBetween(cpuBefore, cpuByProcess(platform))
    const busyCores = (machineTimes().busyMs - machineBefore.busyMs) / load.elapsedMs
    progress.tick(`${processes}: ${load.paid.length} paid`)
    return { processes, load, perSecond: (load.paid.length / load.elapsedMs) * 1_000, cpu, busyCores }
  }
  progress.begin('loads', 2 * ROUNDS + 1)
  await measure(2, WARM_UP_MS)
  const pids = ['api', 'api-2'].flatMap((name) => platform.processes.get(name)?.pid ?? [])
  const giveBack = pids.map((pid) => limitCpu(pid, SHARE))
  const measured: Measured[] = []
  try {
    for (let number = 0; number < ROUNDS; number += 1)
      for (const processes of [1, 2]) measured.push(await measure(processes, LOAD_MS))
  } finally {
    for (const back of giveBack) back()
  }
  progress.end()
  const paidOrderIds = measured.flatMap(({ load }) => load.paid.flatMap((purchase) => purchase.orderId ?? []))
  const checks = await checkStores(database, platform, { paidOrderIds })
  return report(measured, checks)
}

function report(measured: readonly Measured[], storeChecks: readonly Check[]): boolean {
  const sum = (processes: number) =>
    measured.reduce((all, one) => (one.processes === processes ? all + one.perSecond : all), 0)
  const ratio = hundredth(sum(2) / sum(1))
  const charts: Chart[] = [
    {
      title: 'Two API processes, times one',
      unit: '',
      bars: [{ label: 'paid orders a second', value: ratio, reach: { atLeast: ratioMin } }],
    },
    {
      title: 'Paid orders a second',
      unit: '1/s',
      bars: measured.map(({ processes, perSecond }) => ({
        label: `${processes} of ${SHARE} core`,
        value: round(perSecond),
      })),
    },
  ]
  const failed = measured.flatMap(({ load }) => [...load.failed, ...load.busy])
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'purchases that did not end paid', expected: 0, found: failed.length },
    ...storeChecks,
  ]
  const pass = checks.every(holds)
  const names = [...new Set(measured.flatMap(({ cpu }) => [...cpu.keys()]))]
  print({
    title: 'Scale-out',
    scene: `${LANES_A_PROCESS} buyers at once for each API process, each to the paid order and then the next, on one and on two processes that share one Postgres, one Redis, one job worker and one payment provider. Each API process gets ${SHARE} of a core: with two cores for everything, one whole API process and what it asks of the others fill the machine, and a second one would show nothing but that. So it is the API processes that are full here, and what is measured is whether they stand in each other's way.`,
    charts,
    tables: [
      {
        title: 'Loads',
        head: ['API processes', 'paid a second', 'p50 ms', 'p99 ms', 'busy cores of all'],
        rows: measured.map(({ processes, perSecond, load, busyCores }) => {
          const { p50, p99 } = percentiles(load.paid.map((purchase) => purchase.totalMs))
          return [processes, round(perSecond), p50, p99, round(busyCores)]
        }),
      },
      {
        title: 'CPU of a paid order, ms',
        head: ['process', ...measured.map(({ processes }) => `${processes} API`)],
        rows: names.map((name) => [
          name,
          ...measured.map(({ cpu, load }) => hundredth((cpu.get(name) ?? 0) / Math.max(1, load.paid.length))),
        ]),
      },
    ],
    checks,
    result: {
      bench: 'scale-out',
      pass,
      figures: {
        ratio,
        share: SHARE,
        loads: measured.map(({ processes, perSecond, busyCores }) => ({
          processes,
          ordersPerSecond: round(perSecond),
          busyCores: round(busyCores),
        })),
      },
    },
  })
  return pass
}
