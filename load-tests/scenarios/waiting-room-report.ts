import type { WaitingRoom } from '@livelot/client/contracts'
import { type Check, holds, percentiles, print, round } from '../report.ts'
import type { Tap, Waiter } from '../waiting-crowd.ts'

/** A sell-out is known on every screen within this time. */
const TOLD_MS_MAX = 2_000
/** Between tenths of equal people, over all draws; and the bots' part of the wins. */
const DECILE_RATIO_MAX = 1.3
const BOT_WIN_SHARE_MAX = 0.06
/** Of 120 people who are called in one draw chance alone gives a twentieth of the crowd more than this once in a thousand times. */
const BOT_WINS_BY_CHANCE = 15

export interface WaitingOutcome {
  units: number
  people: number
  bots: number
  taps: readonly Tap[]
  lateTaps: number
  earlyMs: number
  wereInTime: boolean
  viewers: number
  waiters: readonly Waiter[]
  /** Those who came before the opening, in the order in which they came. */
  arrived: readonly Waiter[]
  room: WaitingRoom
  isSeedPromised: boolean
  /** Accounts that came before the opening, in the order of the draw. */
  order: readonly string[]
  /** Winners of further draws. */
  draws: readonly (readonly string[])[]
  paidOrderIds: readonly string[]
  refusedBuyers: readonly string[]
  lastReservedTick: number
  lastPaidTick: number
  checks: readonly Check[]
}

/** Prints the report and says whether everything that must hold holds. */
export function reportWaiting(outcome: WaitingOutcome): boolean {
  const { units, people, bots, taps, waiters, arrived, room, order, paidOrderIds } = outcome
  const called = waiters.filter((one) => one.calledTick !== null)
  const fairness = fairnessOf(outcome)
  const answers = percentiles(taps.map(({ answerMs }) => answerMs))
  const taken = toldOf(waiters, 'takenTick', outcome.lastReservedTick)
  const ended = toldOf(waiters, 'endedTick', outcome.lastPaidTick)
  const botsCalled = called.filter(({ isBot }) => isBot).length
  const checks: Check[] = [
    { what: 'orders that buyers were told are paid', expected: units, found: paidOrderIds.length },
    { what: 'called people who found nothing to reserve', expected: 0, found: outcome.refusedBuyers.length },
    { what: 'taps before the opening were answered before it', expected: 'yes', found: yes(outcome.wereInTime) },
    { what: 'places in line, after all those taps', expected: arrived.length, found: room.earlyCount },
    { what: 'the seed is the one that was promised', expected: 'yes', found: yes(outcome.isSeedPromised) },
    { what: 'people called out of the order of the draw', expected: 0, found: outOfOrder(called, order) },
    {
      what: `bots among those who were called are within chance`,
      expected: 'yes',
      found: yes(botsCalled <= BOT_WINS_BY_CHANCE),
    },
    {
      what: `no tenth of equal people wins more than ${DECILE_RATIO_MAX} times another`,
      expected: 'yes',
      found: yes(fairness.ratio <= DECILE_RATIO_MAX),
    },
    { what: 'bots win at most 6 % of the units', expected: 'yes', found: yes(fairness.botShare <= BOT_WIN_SHARE_MAX) },
    { what: 'connections told that nothing is left to reserve', expected: waiters.length, found: taken.count },
    { what: 'connections told that the wait is over', expected: waiters.length, found: ended.count },
    {
      what: 'everyone told within 2 s of both',
      expected: 'yes',
      found: yes(Math.max(taken.max, ended.max) <= TOLD_MS_MAX),
    },
    { what: 'why the wait ended', expected: 'sold-out', found: room.endReason ?? 'it did not' },
    ...outcome.checks,
  ]
  const pass = checks.every(holds)
  const earlyTaps = taps.length - outcome.lateTaps
  const row = (name: string, { count, p50, p95, p99, max }: ReturnType<typeof percentiles>) => [
    name,
    count,
    p50,
    p95,
    p99,
    max,
  ]
  const said = [...Map.groupBy(taps, ({ how }) => how)].map(([how, all]) => [how, all.length])
  print({
    title: 'Waiting room',
    scene: `${people} equal people with two taps each and ${bots} bots with as many taps together, all connected to one show, want ${units} units; ${outcome.lateTaps} of ${taps.length} taps come after the opening, and a tenth of those who are called do not come. ${round((earlyTaps / outcome.earlyMs) * 1000)} taps a second were answered before the opening. ${called.length} were called. Wins by tenth are counted over ${outcome.draws.length} more draws with fresh seeds over the order in which this crowd came, because of the ${units} winners of one draw chance gives one tenth twice as many as another.`,
    tables: [
      {
        title: 'Times in ms',
        head: ['what', 'count', 'p50', 'p95', 'p99', 'max'],
        rows: [
          row('tap to answer', answers),
          row('told that all is reserved', taken),
          row('told that the wait is over, after the last buyer’s own answer', ended),
        ],
      },
      {
        title: 'Wins of equal people by tenth of their arrival',
        head: ['', ...fairness.wins.map((_, tenth) => `${tenth + 1}.`), 'most / least'],
        rows: [
          [`${outcome.draws.length} draws`, ...fairness.wins, round2(fairness.ratio)],
          ['this sale', ...winsByTenth(equalOf(arrived), [order.slice(0, units)]), ''],
        ],
      },
      {
        title: 'Bots',
        head: ['part of accounts', 'part of taps', 'part of wins', `of ${called.length} called`],
        rows: [[percent(bots / waiters.length), percent(0.5), percent(fairness.botShare), botsCalled]],
      },
      { title: 'What taps were answered', head: ['answer', 'times'], rows: said },
    ],
    checks,
    result: {
      bench: 'waiting-room',
      pass,
      figures: {
        ...{ units, people, bots, taps: taps.length, called: called.length, paidOrders: paidOrderIds.length },
        tapsPerSecond: round((earlyTaps / outcome.earlyMs) * 1000),
        answerMs: answers,
        toldReservedMs: taken,
        toldEndedMs: ended,
        decileRatio: round2(fairness.ratio),
        botShareOfWins: round2(fairness.botShare),
        refusedBuyers: [...outcome.refusedBuyers],
      },
    },
  })
  return pass
}

const yes = (isSo: boolean): string => (isSo ? 'yes' : 'no')
const round2 = (value: number): number => Math.round(value * 1000) / 1000
const percent = (share: number): string => `${round(share * 100)} %`
const equalOf = (arrived: readonly Waiter[]): Waiter[] => arrived.filter(({ isBot }) => !isBot)

function toldOf(waiters: readonly Waiter[], which: 'takenTick' | 'endedTick', fromTick: number) {
  const ticks = waiters.map((one) => one[which]).filter((tick) => tick !== null)
  return percentiles(ticks.map((tick) => Math.max(0, tick - fromTick)))
}

/** Whoever is called must be nearer to the front than all early comers who were not. */
function outOfOrder(called: readonly Waiter[], order: readonly string[]): number {
  const front = new Set(order.slice(0, called.length))
  return called.filter(({ session }) => !front.has(session.account.accountId)).length
}

function winsByTenth(equal: readonly Waiter[], draws: readonly (readonly string[])[]): number[] {
  const tenthOf = new Map(
    equal.map((one, at) => [one.session.account.accountId as string, Math.floor((at * 10) / equal.length)]),
  )
  const wins = Array<number>(10).fill(0)
  for (const accountId of draws.flat()) {
    const tenth = tenthOf.get(accountId)
    if (tenth !== undefined) wins[tenth] = (wins[tenth] ?? 0) + 1
  }
  return wins
}

function fairnessOf({ arrived, draws }: WaitingOutcome) {
  const wins = winsByTenth(equalOf(arrived), draws)
  const isBot = new Set(arrived.filter((one) => one.isBot).map(({ session }) => session.account.accountId as string))
  const winners = draws.flat()
  const botShare = winners.filter((accountId) => isBot.has(accountId)).length / Math.max(1, winners.length)
  return { wins, ratio: Math.max(...wins) / Math.min(...wins), botShare }
}
