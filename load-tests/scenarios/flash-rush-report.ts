import type { Chart } from '../chart.ts'
import type { Purchase } from '../crowd.ts'
import type { RawOrders } from '../raw-limit.ts'
import { barChecks, type Check, holds, percentiles, print, round } from '../report.ts'
import type { TapStorm } from '../tap-storm.ts'

export interface Rush {
  readonly concurrency: number
  readonly purchases: readonly Purchase[]
  readonly elapsedMs: number
  readonly paidMs: number
  readonly cpu: ReadonlyMap<string, number>
  readonly othersCores: number
}

export interface RushOutcome {
  readonly buyers: number
  readonly units: number
  readonly tappedUnits: number
  readonly rushes: readonly Rush[]
  readonly storm: TapStorm
  readonly raw: { readonly alone: RawOrders; readonly together: RawOrders }
  readonly checks: readonly Check[]
}

const shareMin = 0.5
const soldOutToldMsMax = 500
const hundredth = (value: number): number => Math.round(value * 100) / 100

/** Prints the report and says whether everything that must hold holds. */
export function reportRush(outcome: RushOutcome): boolean {
  const { buyers, units, rushes, storm, raw } = outcome
  const all = rushes.map((rush) => ({ ...rush, ...figuresOf(rush) }))
  const told = percentiles(storm.toldMs)
  const charts: Chart[] = [
    {
      title: 'Paid orders, share of the bare statements',
      unit: '',
      bars: all.map(({ concurrency, perSecond }) => ({
        label: `${concurrency} at once`,
        value: hundredth(perSecond / raw.alone.perSecond),
        reach: { atLeast: shareMin },
      })),
    },
    {
      title: 'Paid orders a second',
      unit: '1/s',
      bars: [
        ...all.map(({ concurrency, perSecond }) => ({ label: `${concurrency} at once`, value: round(perSecond) })),
        { label: 'bare statements', value: round(raw.alone.perSecond) },
        { label: 'bare statements, sent together', value: round(raw.together.perSecond) },
      ],
    },
    {
      title: `Sell-out on ${storm.viewers} screens`,
      unit: 'ms',
      bars: [
        { label: 'p50', value: told.p50 },
        { label: 'p99', value: told.p99, reach: { atMost: soldOutToldMsMax } },
      ],
    },
    {
      title: 'Tap to paid order',
      unit: 'ms',
      bars: all.flatMap(({ concurrency, paidTimes }) => [
        { label: `${concurrency} at once, p50`, value: paidTimes.p50 },
        { label: `${concurrency} at once, p99`, value: paidTimes.p99 },
      ]),
    },
  ]
  const checks: Check[] = [
    ...barChecks(charts),
    ...all.flatMap(({ concurrency, paid, soldOut, failed }) => [
      { what: `${concurrency} at once: buyers told that their order is paid`, expected: units, found: paid.length },
      { what: `${concurrency} at once: told that it is sold out`, expected: buyers - units, found: soldOut.length },
      { what: `${concurrency} at once: any other answer`, expected: 0, found: failed.length },
    ]),
    { what: 'taps that got a unit', expected: outcome.tappedUnits, found: storm.held },
    { what: 'taps that were told something else than sold out', expected: 0, found: storm.otherAnswers },
    { what: 'screens told of the sell-out', expected: storm.viewers, found: told.count },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  const cpuNames = [...new Set(rushes.flatMap(({ cpu }) => [...cpu.keys()]))]
  const said = Map.groupBy(
    all.flatMap(({ failed }) => failed),
    (purchase) => purchase.said ?? '',
  )
  const taps = percentiles(storm.answerMs)
  print({
    title: 'Flash rush',
    scene: `${buyers} buyers with sessions and cards of their own want one of ${units} units: reserve, full price, checkout, paid order; once ${rushes.map((one) => one.concurrency).join(' and once ')} at a time. Then ${storm.taps} accounts tap once on ${outcome.tappedUnits} units while ${storm.viewers} people look on. At the end, the platform stopped, a plain script runs the statements of a paid order by itself, one order a connection of a pool of the same size.`,
    charts,
    tables: [
      {
        title: 'Paid orders',
        head: ['at once', 'per second', 'share of the bare statements', 'cores that others used meanwhile'],
        rows: [
          ...all.map(({ concurrency, perSecond, othersCores }) => [
            concurrency,
            round(perSecond),
            hundredth(perSecond / raw.alone.perSecond),
            othersCores,
          ]),
          ['bare statements', round(raw.alone.perSecond), 1, ''],
          [
            'bare statements, many orders in one',
            round(raw.together.perSecond),
            hundredth(raw.together.perSecond / raw.alone.perSecond),
            '',
          ],
        ],
      },
      {
        title: 'Times in ms',
        head: ['what', 'count', 'p50', 'p95', 'p99', 'max'],
        rows: [
          ...all.flatMap(({ concurrency, paidTimes, reserveTimes, soldOutTimes }) => [
            timesRow(`${concurrency} at once: tap to paid order`, paidTimes),
            timesRow(`${concurrency} at once: reserve`, reserveTimes),
            timesRow(`${concurrency} at once: told sold out`, soldOutTimes),
          ]),
          timesRow(`${storm.taps} taps: answer`, taps),
          timesRow('last unit gone to sold out on screens', told),
        ],
      },
      {
        title: 'CPU per paid order, ms, the refused buyers included',
        head: ['process', ...rushes.map(({ concurrency }) => `${concurrency} at once`)],
        rows: [
          ...cpuNames.map((name) => [
            name,
            ...all.map(({ cpu, paid }) => hundredth((cpu.get(name) ?? 0) / Math.max(1, paid.length))),
          ]),
          ['bare statements: the script', hundredth(raw.alone.cpuMs / raw.alone.orders), ''],
        ],
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
      bench: 'flash-rush',
      pass,
      figures: {
        buyers,
        units,
        rawPerSecond: round(raw.alone.perSecond),
        rawTogetherPerSecond: round(raw.together.perSecond),
        rushes: all.map(({ concurrency, perSecond, paidTimes, reserveTimes, cpu, paid, othersCores }) => ({
          concurrency,
          ordersPerSecond: round(perSecond),
          share: hundredth(perSecond / raw.alone.perSecond),
          paidMs: paidTimes,
          reserveMs: reserveTimes,
          cpuPerOrderMs: Object.fromEntries([...cpu].map(([name, ms]) => [name, round(ms / Math.max(1, paid.length))])),
          othersCores,
        })),
        taps: storm.taps,
        tapsPerSecond: round((storm.taps / storm.elapsedMs) * 1_000),
        tapMs: taps,
        soldOutToldMs: told,
      },
    },
  })
  return pass
}

function figuresOf({ purchases, paidMs }: Rush) {
  const of = (ending: Purchase['ending']) => purchases.filter((purchase) => purchase.ending === ending)
  const [paid, soldOut, failed] = [of('paid'), of('sold-out'), of('failed')]
  return {
    paid,
    soldOut,
    failed,
    perSecond: (paid.length / paidMs) * 1_000,
    paidTimes: percentiles(paid.map(({ totalMs }) => totalMs)),
    reserveTimes: percentiles(paid.map(({ reserveMs }) => reserveMs)),
    soldOutTimes: percentiles(soldOut.map(({ totalMs }) => totalMs)),
  }
}

const timesRow = (name: string, { count, p50, p95, p99, max }: ReturnType<typeof percentiles>) => [
  name,
  count,
  p50,
  p95,
  p99,
  max,
]
