import type { Chart } from '../chart.ts'
import { barChecks, type Check, holds, percentiles, print } from '../report.ts'
import { median } from './fan-out-report.ts'

export interface Return {
  /** From the loss until everybody had the same place in the log; null where that did not come about. */
  readonly tookMs: number | null
  /** Of the process at which they came back, without what it spends when nobody comes. */
  readonly cpuMs: number
  readonly inside: number
}

const cpuMsMax = 0.5
const backMsMax = 5_000
const hundredth = (value: number): number => Math.round(value * 100) / 100

/** Prints the report and says whether everything that must hold holds. */
export function reportResumeStorm(outcome: {
  readonly viewers: number
  readonly missed: number
  readonly dropped: readonly Return[]
  readonly killed: readonly Return[]
  readonly bare: readonly Return[]
  readonly checks: readonly Check[]
}): boolean {
  const { viewers, missed, dropped, killed, bare } = outcome
  const each = (returns: readonly Return[]) => hundredth(median(returns.map(({ cpuMs }) => cpuMs / viewers)))
  const times = (returns: readonly Return[]) => percentiles(returns.map(({ tookMs }) => tookMs ?? Number.MAX_VALUE))
  const charts: Chart[] = [
    {
      title: 'CPU of a viewer who comes back',
      unit: 'ms',
      bars: [
        { label: 'connection lost', value: each(dropped), reach: { atMost: cpuMsMax } },
        { label: 'API process killed', value: each(killed), reach: { atMost: cpuMsMax } },
        { label: 'bare WebSocket, nothing resumed', value: each(bare) },
      ],
    },
    {
      title: 'Everybody has the same place in the log',
      unit: 'ms',
      bars: [
        { label: 'connection lost, p50', value: times(dropped).p50 },
        { label: 'connection lost, worst', value: times(dropped).max, reach: { atMost: backMsMax } },
        { label: 'API process killed, p50', value: times(killed).p50 },
        { label: 'API process killed, worst', value: times(killed).max, reach: { atMost: backMsMax } },
      ],
    },
  ]
  const away = [...dropped, ...killed].filter(({ inside }) => inside !== viewers)
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'returns in which not everybody came back', expected: 0, found: away.length },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  const row = (name: string) => (one: Return, index: number) => [
    `${name}, round ${index + 1}`,
    one.inside,
    one.tookMs ?? 'never',
    Math.round(one.cpuMs),
    hundredth(one.cpuMs / viewers),
  ]
  print({
    title: 'Resume storm',
    scene: `${viewers} viewers with tokens lose their connections at once, or their API process by kill -9, miss ${missed} events, and come back with their place in the log as the SDK does, to the same process or to a second one. In turn with it, as many connections come back to a process of nothing but ws 8.23.`,
    charts,
    tables: [
      {
        title: 'Returns',
        head: ['what', 'back', 'same place after ms', 'CPU ms', 'CPU ms each'],
        rows: [
          ...dropped.map(row('connections lost')),
          ...killed.map(row('API process killed')),
          ...bare.map(row('bare')),
        ],
      },
    ],
    checks,
    result: {
      bench: 'resume-storm',
      pass,
      figures: {
        droppedCpuMs: each(dropped),
        killedCpuMs: each(killed),
        bareCpuMs: each(bare),
        droppedMs: times(dropped),
        killedMs: times(killed),
      },
    },
  })
  return pass
}
