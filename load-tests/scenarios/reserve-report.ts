import type { Chart } from '../chart.ts'
import { barChecks, type Check, holds, print, round } from '../report.ts'
import type { Load } from '../reserve-load.ts'

type Measured = Load & { readonly cpu: ReadonlyMap<string, number> }

export interface Round {
  readonly bare: Load
  readonly rawCpuMs: number
  readonly http: Measured
}

export interface ReserveOutcome {
  readonly rounds: readonly Round[]
  /** Each buyer's first request: its token is read for the first time. */
  readonly first: Measured
  readonly socket: Measured
  readonly sockets: number
  readonly buyers: number
  readonly checks: readonly Check[]
}

const ratioMin = 0.7
const hundredth = (value: number): number => Math.round(value * 100) / 100
const median = (values: readonly number[]): number =>
  values.toSorted((one, two) => one - two)[Math.floor(values.length / 2)] ?? 0
const microseconds = (cpuMs: number, { held, otherAnswers }: Load): number =>
  Math.round((cpuMs * 1_000) / Math.max(1, held + otherAnswers))

/** Prints the report and says whether everything that must hold holds. */
export function reportReserve(outcome: ReserveOutcome): boolean {
  const { rounds, first, socket, sockets, buyers } = outcome
  const ratio = hundredth(median(rounds.map(({ bare, http }) => http.perSecond / bare.perSecond)))
  const rate = (load: Load) => Math.round(load.perSecond)
  const rawRate = median(rounds.map(({ bare }) => bare.perSecond))
  const socketRatio = hundredth(socket.perSecond / rawRate)
  const latencies: Chart = {
    title: 'Latency',
    unit: 'ms',
    bars: rounds.flatMap(({ bare, http }, index) => [
      { label: `bare Express p99, round ${index + 1}`, value: bare.latencyMs.p99 },
      { label: `API p50, round ${index + 1}`, value: http.latencyMs.p50 },
      { label: `API p99, round ${index + 1}`, value: http.latencyMs.p99 },
    ]),
  }
  const charts: Chart[] = [
    {
      title: 'Share of the raw limit',
      unit: '',
      bars: [
        { label: 'over HTTP', value: ratio, reach: { atLeast: ratioMin } },
        { label: 'over HTTP, first requests', value: hundredth(first.perSecond / rawRate) },
        { label: `by ${sockets} sockets`, value: socketRatio },
      ],
    },
    latencies,
  ]
  const loads = [...rounds.flatMap(({ bare, http }) => [bare, http]), first, socket]
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'answers other than a hold', expected: 0, found: loads.reduce((sum, one) => sum + one.otherAnswers, 0) },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  const row = (name: string, load: Load, cpuMs: number | undefined) => {
    const { p50, p99, max } = load.latencyMs
    return [name, rate(load), load.held, p50, p99, max, cpuMs === undefined ? '' : microseconds(cpuMs, load)]
  }
  const last = rounds.at(-1)?.http ?? first
  print({
    title: 'Reserve',
    scene: `${buyers} buyers tap in turn on flash sales of 10,000 units, over HTTP on 64 connections that send the next request when the last one is answered (autocannon), and by ${sockets} sockets. Beside it, in the same run, bare Express with its JSON parser calls the same script of the same Redis with the same bodies, believing whatever it is told.`,
    charts,
    tables: [
      {
        title: 'Reservations',
        head: ['what', 'per second', 'held', 'p50 ms', 'p99 ms', 'max ms', 'CPU µs of the process that serves, each'],
        rows: [
          ...rounds.flatMap(({ bare, rawCpuMs, http }, index) => [
            row(`bare Express, round ${index + 1}`, bare, rawCpuMs),
            row(`API over HTTP, round ${index + 1}`, http, http.cpu.get('api')),
          ]),
          row("API over HTTP, each buyer's first request", first, first.cpu.get('api')),
          row('API by socket', socket, socket.cpu.get('api')),
        ],
      },
      {
        title: 'CPU of a reservation over HTTP by process',
        head: ['process', 'µs'],
        rows: [...last.cpu].map(([name, cpuMs]) => [name, microseconds(cpuMs, last)]),
      },
    ],
    checks,
    result: {
      bench: 'reserve',
      pass,
      figures: {
        httpPerSecond: round(median(rounds.map(({ http }) => http.perSecond))),
        rawPerSecond: round(rawRate),
        ratio,
        firstRequestsPerSecond: round(first.perSecond),
        socketPerSecond: round(socket.perSecond),
        httpMs: last.latencyMs,
        socketMs: socket.latencyMs,
        apiCpuMicroseconds: microseconds(last.cpu.get('api') ?? 0, last),
      },
    },
  })
  return pass
}
