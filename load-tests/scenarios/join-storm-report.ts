import type { Chart } from '../chart.ts'
import { barChecks, type Check, holds, percentiles, print } from '../report.ts'
import { median } from './fan-out-report.ts'

export interface Arrivals {
  /** For each of the crowd, refused tries and all. */
  readonly tookMs: readonly number[]
  readonly elapsedMs: number
  /** Without what telling those who are in costs. */
  readonly handshakesCpuMs: number
  readonly wholeCpuMs: number
  readonly refused: number
  readonly ended: number
}

const costMax = 4.5
/** The gate of one process: so many at once, so many a second; and the longest that a refused client waits. */
const gate = { burst: 500, perSecond: 1_000, waitMsMax: 5_000 }
const tenth = (value: number): number => Math.round(value * 10) / 10
const microseconds = ({ handshakesCpuMs, tookMs }: Arrivals): number =>
  Math.round((handshakesCpuMs * 1_000) / Math.max(1, tookMs.length))

/** Prints the report and says whether everything that must hold holds. */
export function reportJoinStorm(outcome: {
  readonly viewers: number
  readonly rounds: readonly { readonly ours: Arrivals; readonly raw: Arrivals }[]
  readonly guests: Arrivals
  readonly storm: Arrivals
  readonly checks: readonly Check[]
}): boolean {
  const { viewers, rounds, guests, storm } = outcome
  const rawMicroseconds = median(rounds.map(({ raw }) => microseconds(raw)))
  const cost = tenth(median(rounds.map(({ ours, raw }) => microseconds(ours) / microseconds(raw))))
  const gateMs = (Math.max(0, viewers - gate.burst) / gate.perSecond) * 1_000 + gate.waitMsMax
  const charts: Chart[] = [
    {
      title: 'CPU of coming in, times a bare WebSocket handshake',
      unit: '',
      bars: [
        { label: 'with token and snapshot', value: cost, reach: { atMost: costMax } },
        { label: 'guests, with snapshot', value: tenth(microseconds(guests) / rawMicroseconds) },
      ],
    },
    {
      title: `${viewers} at once`,
      unit: 'ms',
      bars: [
        { label: 'in, p50', value: percentiles(storm.tookMs).p50 },
        { label: 'in, p99', value: percentiles(storm.tookMs).p99 },
        { label: 'the last is in', value: Math.round(storm.elapsedMs), reach: { atMost: gateMs } },
      ],
    },
  ]
  const all = [...rounds.flatMap(({ ours, raw }) => [ours, raw]), guests, storm]
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'viewers who are in', expected: viewers, found: storm.tookMs.length },
    { what: 'connections that ended', expected: 0, found: all.reduce((sum, one) => sum + one.ended, 0) },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  const row = (name: string, one: Arrivals) => {
    const { count, p50, p99, max } = percentiles(one.tookMs)
    return [name, count, one.refused, p50, p99, max, Math.round(one.wholeCpuMs), microseconds(one)]
  }
  print({
    title: 'Join storm',
    scene: `${viewers} viewers come into one room, each with a token that the process has not seen, and get the snapshot: 800 a second, below what the gate lets in, in turn with a process of nothing but ws 8.23 that is opened as many connections; then all at once, refused ones trying again as the SDK does. The cost of pulses to those who are in is taken off.`,
    charts,
    tables: [
      {
        title: 'Crowds',
        head: ['who', 'in', 'refused tries', 'p50 ms', 'p99 ms', 'max ms', 'CPU ms', 'CPU µs each'],
        rows: [
          ...rounds.flatMap(({ ours, raw }, index) => [
            row(`room, round ${index + 1}`, ours),
            row(`bare, round ${index + 1}`, raw),
          ]),
          row('guests', guests),
          row('all at once', storm),
        ],
      },
    ],
    checks,
    result: {
      bench: 'join-storm',
      pass,
      figures: {
        cost,
        microseconds: median(rounds.map(({ ours }) => microseconds(ours))),
        guestMicroseconds: microseconds(guests),
        rawMicroseconds,
        storm: { ...percentiles(storm.tookMs), refused: storm.refused, lastInMs: Math.round(storm.elapsedMs) },
      },
    },
  })
  return pass
}
