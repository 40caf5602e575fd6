import { type Check, holds, percentiles, print, round } from '../report.ts'

/** One lot that was bid for in its last seconds. */
export interface LotRun {
  readonly withChat: boolean
  readonly chatLines: number
  readonly bidMs: readonly number[]
  /** What each bidder was answered. */
  readonly codes: readonly string[]
  /** From the end of the lot to the result on each viewer's connection. */
  readonly toldAfterMs: readonly number[]
  readonly people: number
  readonly isWinnerRight: boolean
  readonly recordedBids: number
}

const toldMsMax = 500
const chatCostMax = 1.2
const known = new Set(['accepted', 'bid.too_low', 'auction.closed'])

export function reportLastSecond(outcome: {
  bidders: number
  viewers: number
  chatPerSecond: number
  runs: readonly LotRun[]
}): boolean {
  const { bidders, viewers, chatPerSecond, runs } = outcome
  const of = (withChat: boolean) =>
    percentiles(runs.filter((run) => run.withChat === withChat).flatMap((run) => run.bidMs))
  const [quiet, chatty] = [of(false), of(true)]
  const told = percentiles(runs.flatMap((run) => run.toldAfterMs))
  const chatCost = chatty.p99 / Math.max(0.1, quiet.p99)
  const accepted = runs.reduce((sum, run) => sum + run.codes.filter((code) => code === 'accepted').length, 0)
  const checks: Check[] = [
    {
      what: 'lots whose winner is not the highest accepted bid',
      expected: 0,
      found: runs.filter((run) => !run.isWinnerRight).length,
    },
    {
      what: 'accepted bids that stand in Postgres',
      expected: accepted,
      found: runs.reduce((sum, run) => sum + run.recordedBids, 0),
    },
    {
      what: 'answers of another kind',
      expected: 0,
      found: runs.flatMap((run) => run.codes).filter((code) => !known.has(code)).length,
    },
    {
      what: 'viewers who were told no result',
      expected: 0,
      found: runs.reduce((sum, run) => sum + run.people - run.toldAfterMs.length, 0),
    },
    {
      what: `p99 from the end to the result on a screen at most ${toldMsMax} ms`,
      expected: 'yes',
      found: told.p99 <= toldMsMax ? 'yes' : `${told.p99} ms`,
    },
    {
      what: `p99 of a bid beside the chat at most ${chatCostMax} times`,
      expected: 'yes',
      found: chatCost <= chatCostMax ? 'yes' : `${round(chatCost)} times`,
    },
  ]
  const pass = checks.every(holds)
  const row = (name: string, { count, p50, p95, p99, max }: ReturnType<typeof percentiles>) => [
    name,
    count,
    p50,
    p95,
    p99,
    max,
  ]
  print({
    title: 'Last second',
    scene: `${bidders} bidders send one maximum each in the last two seconds of a lot that ${viewers} people watch; every other lot beside ${chatPerSecond} lines of chat a second.`,
    tables: [
      {
        title: 'Times in ms',
        head: ['what', 'count', 'p50', 'p95', 'p99', 'max'],
        rows: [row('bid, quiet', quiet), row('bid, beside the chat', chatty), row('end to result on a screen', told)],
      },
      {
        title: 'Answers by lot',
        head: ['lot', 'chat lines', 'accepted', 'too low', 'too late'],
        rows: runs.map((run, index) => [
          index + 1,
          run.chatLines,
          ...[...known].map((code) => run.codes.filter((one) => one === code).length),
        ]),
      },
    ],
    checks,
    result: {
      bench: 'last-second',
      pass,
      figures: {
        bidders,
        viewers,
        quietMs: quiet,
        chattyMs: chatty,
        chatCost: round(chatCost * 10) / 10,
        toldMs: told,
        accepted,
      },
    },
  })
  return pass
}
