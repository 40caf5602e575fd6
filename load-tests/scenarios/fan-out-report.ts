import type { Chart } from '../chart.ts'
import { barChecks, type Check, holds, percentiles, print } from '../report.ts'

export interface Delivered {
  /** Events appended, or frames sent by the bare loop. */
  readonly sent: number
  /** Frames that came in at the crowd. */
  readonly deliveries: number
  readonly cpuMs: number
  readonly delaysMs: readonly number[]
  readonly othersCores: number
}

export interface Crowded {
  readonly viewers: number
  readonly perSecond: number
  readonly frameBytes: number
  /** Whoever reads has the end of the log. */
  readonly isWhole: boolean
  readonly rounds: readonly { readonly ours: Delivered; readonly raw: Delivered }[]
}

const ratioMin = 0.75
const hundredth = (value: number): number => Math.round(value * 100) / 100
const perCpuSecond = ({ deliveries, cpuMs }: Delivered): number => (deliveries * 1_000) / Math.max(1, cpuMs)
const microseconds = ({ deliveries, cpuMs }: Delivered): number => hundredth((cpuMs * 1_000) / Math.max(1, deliveries))
export const median = (values: readonly number[]): number =>
  values.toSorted((one, two) => one - two)[Math.floor(values.length / 2)] ?? 0

/** Prints the report and says whether everything that must hold holds. */
export function reportFanOut(outcome: {
  readonly rooms: readonly Crowded[]
  readonly ended: number
  readonly checks: readonly Check[]
}): boolean {
  const rooms = outcome.rooms.map((room) => ({
    ...room,
    ratio: hundredth(median(room.rounds.map(({ ours, raw }) => perCpuSecond(ours) / perCpuSecond(raw)))),
    delays: percentiles(room.rounds.flatMap(({ ours }) => [...ours.delaysMs])),
    rawDelays: percentiles(room.rounds.flatMap(({ raw }) => [...raw.delaysMs])),
  }))
  const charts: Chart[] = [
    {
      title: 'Deliveries per CPU second, share of the bare loop',
      unit: '',
      bars: rooms.map(({ viewers, ratio }) => ({
        label: `${viewers} viewers`,
        value: ratio,
        reach: { atLeast: ratioMin },
      })),
    },
    {
      title: 'From the frame to the screen',
      unit: 'ms',
      bars: rooms.flatMap(({ viewers, delays, rawDelays }) => [
        { label: `${viewers} viewers, p50`, value: delays.p50 },
        { label: `${viewers} viewers, p99`, value: delays.p99 },
        { label: `${viewers}, bare loop, p99`, value: rawDelays.p99 },
      ]),
    },
  ]
  const torn = rooms.filter(({ isWhole }) => !isWhole)
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'connections that ended', expected: 0, found: outcome.ended },
    { what: 'crowds that do not have the end of the log', expected: 0, found: torn.length },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  const row = (room: Crowded, name: string, one: Delivered) => [
    room.viewers,
    name,
    one.sent,
    one.deliveries,
    Math.round(one.cpuMs),
    microseconds(one),
    percentiles(one.delaysMs).p50,
    percentiles(one.delaysMs).p99,
    one.othersCores,
  ]
  print({
    title: 'Fan-out',
    scene: `One room at a steady pace of frames (${rooms.map((one) => `${one.viewers} viewers: ${hundredth(one.perSecond)}/s`).join(', ')}), pulses beside them, readers who are too slow shed; in turn with it a process with nothing but ws 8.23, which frames the same text once and sends that frame to as many sockets. The pace keeps a core from being full, where the platform would tell several events in one frame.`,
    charts,
    tables: [
      {
        title: 'Rounds',
        head: [
          'viewers',
          'who',
          'told',
          'deliveries',
          'CPU ms',
          'CPU µs a delivery',
          'p50 ms',
          'p99 ms',
          'cores of others',
        ],
        rows: rooms.flatMap((room) =>
          room.rounds.flatMap(({ ours, raw }) => [row(room, 'room', ours), row(room, 'bare loop', raw)]),
        ),
      },
    ],
    checks,
    result: {
      bench: 'fan-out',
      pass,
      figures: Object.fromEntries(
        rooms.map(({ viewers, ratio, delays, frameBytes, rounds }) => [
          viewers,
          {
            ratio,
            microseconds: median(rounds.map(({ ours }) => microseconds(ours))),
            rawMicroseconds: median(rounds.map(({ raw }) => microseconds(raw))),
            delays,
            frameBytes,
          },
        ]),
      ),
    },
  })
  return pass
}
