import type { Chart } from '../chart.ts'
import { barChecks, type Check, holds, percentiles, print, round } from '../report.ts'
import { median } from './fan-out-report.ts'

interface Talk {
  /** Lines that were taken. */
  readonly lines: number
  readonly cpuMs: number
}

export interface ChatRound {
  /** Less what the room costs when nobody says anything. */
  readonly chat: Talk
  readonly library: Talk
  /** How long each bid took. */
  readonly quietMs: readonly number[]
  readonly besideMs: readonly number[]
}

const chatShareMax = 1 / 8
const bidCostMax = 1.2
const thousandth = (value: number): number => Math.round(value * 1_000) / 1_000
const microseconds = ({ lines, cpuMs }: Talk): number => Math.round((cpuMs * 1_000) / Math.max(1, lines))

/** Prints the report and says whether everything that must hold holds. */
export function reportChatStorm(outcome: {
  readonly viewers: number
  readonly linesPerSecond: number
  readonly rounds: readonly ChatRound[]
  readonly ended: number
  readonly checks: readonly Check[]
}): boolean {
  const { viewers, linesPerSecond, rounds } = outcome
  const share = thousandth(median(rounds.map(({ chat, library }) => microseconds(chat) / microseconds(library))))
  const quietP99 = median(rounds.map(({ quietMs }) => percentiles(quietMs).p99))
  const besideP99 = median(rounds.map(({ besideMs }) => percentiles(besideMs).p99))
  const bidCost = Math.round((besideP99 / Math.max(0.1, quietP99)) * 100) / 100
  const charts: Chart[] = [
    {
      title: 'CPU of a line of chat, share of one emit a line',
      unit: '',
      bars: [{ label: `${viewers} viewers`, value: share, reach: { atMost: chatShareMax } }],
    },
    {
      title: 'p99 of a bid beside the chat, times that without',
      unit: '',
      bars: [{ label: 'medians of the rounds', value: bidCost, reach: { atMost: bidCostMax } }],
    },
    {
      title: 'p99 of a bid',
      unit: 'ms',
      bars: [
        { label: 'quiet', value: quietP99 },
        { label: 'beside the chat', value: besideP99 },
      ],
    },
  ]
  const checks: Check[] = [
    ...barChecks(charts),
    { what: 'connections of viewers that ended', expected: 0, found: outcome.ended },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  print({
    title: 'Chat storm',
    scene: `${linesPerSecond} lines a second by 50 people to ${viewers} viewers; in turn with it a stock Socket.IO server that is sent the same lines and emits each of them to everybody; and 100 bids a second without and beside the chat. The platform tells at most 20 lines a batch and how many it left out.`,
    charts,
    tables: [
      {
        title: 'Rounds',
        head: [
          'round',
          'lines',
          'CPU µs a line',
          "library's lines",
          'CPU µs a line there',
          'bid p50 ms',
          'p99 ms',
          'beside chat p50 ms',
          'p99 ms ',
        ],
        rows: rounds.map(({ chat, library, quietMs, besideMs }, index) => {
          const [quiet, beside] = [percentiles(quietMs), percentiles(besideMs)]
          const talks = [chat.lines, microseconds(chat), library.lines, microseconds(library)]
          return [index + 1, ...talks, quiet.p50, quiet.p99, beside.p50, beside.p99]
        }),
      },
    ],
    checks,
    result: {
      bench: 'chat-storm',
      pass,
      figures: {
        share,
        bidCost,
        lineMicroseconds: median(rounds.map(({ chat }) => microseconds(chat))),
        libraryMicroseconds: median(rounds.map(({ library }) => microseconds(library))),
        quietP99Ms: round(quietP99),
        besideP99Ms: round(besideP99),
      },
    },
  })
  return pass
}
