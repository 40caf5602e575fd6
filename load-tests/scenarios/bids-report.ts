import { type Check, holds, percentiles, print, round } from '../report.ts'

export interface Phase {
  readonly accepted: number
  readonly answered: number
  readonly refusals: ReadonlyMap<string, number>
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
  readonly cpu: ReadonlyMap<string, number>
}

export interface Round {
  readonly rawPerSecond: number
  readonly quiet: Phase
}

export interface BidsOutcome {
  readonly sockets: number
  readonly manySockets: number
  readonly manyAuctions: number
  readonly viewers: number
  readonly rounds: readonly Round[]
  readonly many: Phase
  readonly manyRawPerSecond: number
  readonly watched: readonly Phase[]
  readonly checks: readonly Check[]
  readonly delaysMs: readonly number[]
}

/** Shares of the raw limit and times that are to be kept. Source: realtime measurements, part C. */
const ratioMin = 0.45
const tailMax = 4
const feedCostMax = 1.25
const recordedMsMax = 250

const perSecond = ({ answered, elapsedMs }: Phase): number => (answered / elapsedMs) * 1_000
const apiMsPerBid = ({ cpu, answered }: Phase): number => (cpu.get('api') ?? 0) / Math.max(1, answered)
const median = (values: readonly number[]): number =>
  values.toSorted((one, two) => one - two)[Math.floor(values.length / 2)] ?? 0
const thousandth = (value: number): number => Math.round(value * 1_000) / 1_000
const hundredth = (value: number): number => Math.round(value * 100) / 100

/** Prints the report and says whether everything that must hold holds. */
export function reportBids(outcome: BidsOutcome): boolean {
  const { rounds, many, watched, sockets, manySockets, manyAuctions, viewers } = outcome
  const ratio = median(rounds.map((one) => perSecond(one.quiet) / one.rawPerSecond))
  const manyRatio = perSecond(many) / outcome.manyRawPerSecond
  const tail = median(rounds.map(({ quiet }) => tailOf(quiet)))
  const feedCost = median(watched.map(apiMsPerBid)) / median(rounds.map((one) => apiMsPerBid(one.quiet)))
  const recorded = percentiles(outcome.delaysMs)
  const reached = (what: string, value: number, isReached: boolean, wanted: string): Check => ({
    what: `${what} (${wanted})`,
    expected: 'yes',
    found: isReached ? 'yes' : `no: ${hundredth(value)}`,
  })
  const checks: Check[] = [
    reached('share of the raw limit', ratio, ratio >= ratioMin, `at least ${ratioMin}`),
    reached('the same, many auctions', manyRatio, manyRatio >= ratioMin, `at least ${ratioMin}`),
    reached('p99 in units of p50', tail, tail <= tailMax, `at most ${tailMax}`),
    reached('p99 in units of p50, many auctions', tailOf(many), tailOf(many) <= tailMax, `at most ${tailMax}`),
    reached('CPU of a bid with the price feed', feedCost, feedCost <= feedCostMax, `at most ${feedCostMax} times`),
    reached(
      'ms from decision to Postgres, p99',
      recorded.p99,
      recorded.p99 <= recordedMsMax,
      `at most ${recordedMsMax}`,
    ),
    ...outcome.checks,
  ]
  const row = (name: string, phase: Phase) => {
    const { p50, p99, max } = percentiles(phase.latenciesMs)
    return [
      name,
      round(perSecond(phase)),
      phase.accepted,
      phase.answered - phase.accepted,
      p50,
      p99,
      max,
      hundredth(apiMsPerBid(phase)),
    ]
  }
  const said = new Map<string, number>()
  for (const { refusals } of [...rounds.map((one) => one.quiet), many, ...watched])
    for (const [code, times] of refusals) said.set(code, (said.get(code) ?? 0) + times)
  const pass = checks.every(holds)
  print({
    title: 'Bids',
    scene: `${sockets} sockets on one auction, then ${manySockets} over ${manyAuctions}, each sends its next bid when the last one is answered; beside it redis-benchmark with the same script, one command at a time on 50 connections.`,
    tables: [
      {
        title: 'Answered bids of one API process',
        head: ['scene', 'per second', 'accepted', 'refused', 'p50 ms', 'p99 ms', 'max ms', 'API CPU ms a bid'],
        rows: [
          ...rounds.map(({ quiet }, index) => row(`${sockets} sockets, round ${index + 1}`, quiet)),
          row(`${manySockets} sockets, ${manyAuctions} auctions`, many),
          ...watched.map((phase, index) => row(`with the feed to ${viewers}, round ${index + 1}`, phase)),
        ],
      },
      {
        title: 'The raw limit',
        head: ['round', 'bids per second', 'share reached'],
        rows: rounds.map((one, index) => [
          index + 1,
          Math.round(one.rawPerSecond),
          hundredth(perSecond(one.quiet) / one.rawPerSecond),
        ]),
      },
      {
        title: 'CPU of a bid by process, ms, nobody looking on',
        head: ['process', 'ms'],
        rows: [...(rounds.at(-1)?.quiet.cpu ?? [])].map(([name, ms]) => [
          name,
          thousandth(ms / Math.max(1, rounds.at(-1)?.quiet.answered ?? 1)),
        ]),
      },
      {
        title: 'From the decision to Postgres, ms',
        head: ['bids', 'p50', 'p95', 'p99', 'max'],
        rows: [[recorded.count, recorded.p50, recorded.p95, recorded.p99, recorded.max]],
      },
      ...(said.size === 0 ? [] : [{ title: 'Refusals', head: ['code', 'times'], rows: [...said] }]),
    ],
    checks,
    result: {
      bench: 'bids',
      pass,
      figures: {
        bidsPerSecond: round(median(rounds.map((one) => perSecond(one.quiet)))),
        rawPerSecond: round(median(rounds.map((one) => one.rawPerSecond))),
        ratio: hundredth(ratio),
        manyBidsPerSecond: round(perSecond(many)),
        manyRatio: hundredth(manyRatio),
        p99ToP50: hundredth(tail),
        feedCost: hundredth(feedCost),
        apiCpuMsPerBid: hundredth(median(rounds.map((one) => apiMsPerBid(one.quiet)))),
        recordedMs: recorded,
      },
    },
  })
  return pass
}

function tailOf({ latenciesMs }: Phase): number {
  const { p50, p99 } = percentiles(latenciesMs)
  return p99 / Math.max(0.1, p50)
}
