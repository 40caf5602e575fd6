import type { Purchase } from '../crowd.ts'
import { type Check, holds, percentiles, print, round } from '../report.ts'

/** A sell-out is known on every screen within this time. */
const SOLD_OUT_TRUTH_MS = 2_000

export interface RushOutcome {
  buyers: number
  units: number
  warmUpUnits: number
  concurrency: number
  purchases: readonly Purchase[]
  elapsedMs: number
  paidMs: number
  cpu: Map<string, number>
  checks: readonly Check[]
  soldOutToldMs: number | null
  othersCores: number
}

/** Prints the report and says whether everything that must hold holds. */
export function reportRush(outcome: RushOutcome): boolean {
  const { buyers, units, warmUpUnits, concurrency, purchases, elapsedMs, paidMs, cpu, soldOutToldMs, othersCores } =
    outcome
  const of = (ending: Purchase['ending']) => purchases.filter((purchase) => purchase.ending === ending)
  const [paid, soldOut, failed] = [of('paid'), of('sold-out'), of('failed')]
  const checks: Check[] = [
    { what: 'buyers told that their order is paid', expected: units, found: paid.length },
    { what: 'buyers told that it is sold out', expected: buyers - units, found: soldOut.length },
    { what: 'buyers with any other answer', expected: 0, found: failed.length },
    { what: 'screens told of the sell-out within 2 s', expected: 'yes', found: soldOutVerdict(soldOutToldMs) },
    ...outcome.checks,
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
    scene: `After a sale of ${warmUpUnits} units as warm-up, ${buyers} buyers with sessions and cards of their own want one of ${units} units, ${concurrency} at once: reserve, full price, checkout, paid order. ${ordersPerSecond} paid orders a second, while others used ${othersCores} cores of the machine.`,
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
        buyers,
        units,
        warmUpUnits,
        concurrency,
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
