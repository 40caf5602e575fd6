import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type AccountId, type BidId, type BrandId, ledgerText } from '@livelot/client/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { testRedis } from '../../../test/support/services.ts'
import { scripts } from './auction-scripts.ts'
import type { Entrant, LoggedEntry } from './gate.ts'
import { type Hall, newBidId, openHall, type RunningLot } from './gate-for-tests.ts'
import { type AnyLot, anyLot, limits, type Step, step, termsOf, wantOf } from './gate-histories-for-tests.ts'
import { AuctionModel, HallModel, type ModelBid, type ModelBidder } from './gate-model.ts'

const histories = 5_000
const seed = 20_261_122
/** Histories at once: what they ask travels together, which halves the time. */
const lanes = 50

let hall: Hall
let store: { drop(): Promise<void> }
beforeAll(async () => {
  const redis = await testRedis()
  store = redis
  hall = await openHall(redis.url)
  // A script that the server does not know is sent again with its text, behind what was sent meanwhile.
  for (const script of Object.values(scripts)) await hall.redis.script('LOAD', script.text)
})
afterAll(async () => {
  hall.close()
  await store.drop()
})

// ——— one history ———

/** A lot as it runs in Redis, its model, and what Postgres would have of it. */
interface Stage {
  readonly run: RunningLot
  readonly model: AuctionModel
  readonly bids: ModelBid[]
  copied: LoggedEntry[]
  at: number
}

const nobody = newId<AccountId>()

/** As expect(…).toEqual, which alone would take most of the time. */
function same(actual: unknown, expected: unknown, what: unknown = null): void {
  if (!isDeepStrictEqual(actual, expected)) expect({ what, actual }).toEqual({ what, actual: expected })
}

class History {
  readonly model = new HallModel()
  readonly stages: Stage[] = []
  readonly checks: (() => Promise<void>)[] = []
  readonly bidders: readonly ModelBidder[]
  showId!: RunningLot['at']['showId']

  constructor(limits: readonly (number | null)[], ownBrand: string) {
    this.bidders = limits.map((limit, i) => ({
      account: newId<AccountId>(),
      paddle: i + 1,
      name: `P|"${i}`,
      limit,
      barredFor: null,
      brand: i === 0 ? ownBrand : null,
    }))
    this.model.bidders.push(...this.bidders)
  }

  private account = (index: number) => (this.bidders[index]?.account ?? nobody) as AccountId
  private entrant = ({ account, paddle, name, limit, barredFor, brand }: ModelBidder): Entrant => ({
    accountId: account as AccountId,
    paddle,
    name,
    limitMinor: limit,
    barredFor: barredFor as Entrant['barredFor'],
    brandIds: brand === null ? [] : [brand as BrandId],
  })

  /** Asked now, compared later: commands of one connection are done in their order. */
  private expect(what: unknown, answer: Promise<unknown>, expected: unknown): void {
    answer.catch(() => undefined)
    this.checks.push(async () => {
      same(await answer, expected, what)
    })
  }

  private async settle(): Promise<void> {
    for (const check of this.checks.splice(0)) await check()
  }

  private async openDesk(): Promise<void> {
    const basis = await hall.gate.deskBasis(this.showId)
    const commitments = new Map(
      this.bidders.map((one) => [one.account as AccountId, this.model.committed(one.account)]),
    )
    const contents = { entrants: this.bidders.map(this.entrant), commitments }
    same(await hall.gate.openDesk(this.showId, basis, contents), 'opened')
  }

  async begin(lots: readonly AnyLot[], brands: readonly BrandId[]): Promise<void> {
    this.showId = newId<RunningLot['at']['showId']>()
    await hall.showState(this.showId)
    await this.openDesk()
    const started = await Promise.all(lots.map((one, index) => this.start(one, brands[index] as BrandId)))
    for (const { want, asked, run } of started) {
      const { startedAtMs, nowMs } = run.opened
      const model = new AuctionModel(this.model, want, startedAtMs, nowMs)
      const voided = asked.flatMap((bid) => {
        const { code } = model.decide(bid, nowMs)
        return code === 'leading' || code === 'outbid' ? [] : [{ bidId: bid.id, code }]
      })
      same([run.opened.voided, run.opened.figures], [voided, model.figures()], want)
      const bids = asked.filter((bid) => model.answers.has(bid.id))
      this.stages.push({ run, model, bids, copied: [], at: startedAtMs })
    }
  }

  private async start(one: AnyLot, brandId: BrandId) {
    const want = wantOf(one, brandId)
    const asked = (one.type === 'dutch' ? [] : one.preBids).map(
      (pre): ModelBid => ({
        id: newBidId(),
        account: this.account(pre.person),
        kind: 'pre-bid',
        amount: pre.amount,
        isSure: true,
      }),
    )
    const increments = want.increments.map(([fromMinor, stepMinor]) => ({ fromMinor, stepMinor }))
    const preBids = asked.map((bid) => ({
      bidId: bid.id as BidId,
      accountId: bid.account as AccountId,
      maximumMinor: bid.amount,
    }))
    const lot = { terms: termsOf(one), startPriceMinor: one.startPrice, increments, brandId }
    return { want, asked, run: await hall.start(this.showId, lot, { preBids }) }
  }

  private moveClock(stage: Stage, { from, ms }: { readonly from: 'now' | 'end'; readonly ms: number }): void {
    const { end } = stage.model.standing()
    stage.at = Math.max(stage.at, from === 'now' ? stage.at + ms : end + ms)
    hall.redis.hset(stage.run.auctionKey, 'last_at_ms', stage.at).catch(() => undefined)
  }

  private amountOf({ model }: Stage, { amount, some }: { readonly amount: string; readonly some: number }): number {
    const { maximum } = model.standing()
    const least = model.least()
    const known: Record<string, number> = {
      'least-1': least - 1,
      least,
      'least+1': least + 1,
      'max-1': maximum - 1,
      max: maximum,
      'max+1': maximum + 1,
      'raise-1': model.leastRaise() - 1,
      raise: model.leastRaise(),
      ten: 10 * least,
      'ten+1': 10 * least + 1,
      'reserve-1': (model.terms.reserve ?? some) - 1,
      reserve: model.terms.reserve ?? some,
    }
    return Math.max(1, known[amount] ?? some)
  }

  private ask(stage: Stage, bid: ModelBid): void {
    const { model, run } = stage
    const expected = model.decide(bid, stage.at)
    const { id: bidId, account, kind, amount, isSure } = bid
    const answer =
      kind === 'buy'
        ? run.buy(account as AccountId, amount, bidId as BidId)
        : run.bid(account as AccountId, amount, { kind: kind as 'bid' | 'max', bidId: bidId as BidId, isSure })
    const withoutLink = answer.then((one) => {
      const { link: _, ...rest } = one as typeof one & { link?: string }
      return rest
    })
    this.expect({ bid, at: stage.at - run.startedAtMs }, withoutLink, expected)
    stage.bids.push(bid)
  }

  async take(one: Step): Promise<void> {
    if (one.do === 'bar' || one.do === 'limit') return this.change(one)
    const stage = this.stages[one.lot] as Stage
    switch (one.do) {
      case 'bid': {
        this.moveClock(stage, one.time)
        const { kind, isSure } = one
        const account = this.account(one.person)
        return this.ask(stage, { id: newBidId(), account, kind, isSure, amount: this.amountOf(stage, one) })
      }
      case 'again': {
        const known = stage.bids[one.bid % Math.max(1, stage.bids.length)]
        if (!known || known.kind === 'pre-bid') return
        const changed = {
          none: {},
          amount: { amount: known.amount + 1 },
          person: { account: this.account(1) },
          kind: { kind: known.kind === 'max' ? ('bid' as const) : ('max' as const) },
        }[one.change]
        return this.ask(stage, { ...known, ...changed })
      }
      case 'buy': {
        this.moveClock(stage, one.time)
        const price = stage.model.priceToBuy(stage.at) ?? stage.model.least()
        const amount = Math.max(1, price + one.more)
        return this.ask(stage, {
          id: newBidId(),
          account: this.account(one.person),
          kind: 'buy',
          amount,
          isSure: false,
        })
      }
      case 'tick': {
        this.moveClock(stage, one.time)
        const hasClosed = stage.model.tick(stage.at)
        const { end, closedAt } = stage.model.standing()
        this.expect(one, stage.run.tick(), {
          code: 'ticked',
          state: closedAt === null ? 'running' : 'closed',
          hasClosed,
          seq: stage.model.facts.length,
          nowMs: stage.at,
          endsAtMs: end,
        })
        return
      }
      case 'lose':
        return await this.lose(stage, one.withDesk)
      default:
        one satisfies never
    }
  }

  private change(one: Extract<Step, { do: 'bar' | 'limit' }>): void {
    const bidder = this.bidders[one.person]
    if (!bidder) return
    const accountId = bidder.account as AccountId
    if (one.do === 'bar') {
      bidder.barredFor = one.isBarred ? 'barred_by_host' : null
      const answer = hall.gate.bar(this.showId, accountId, one.isBarred ? 'barred_by_host' : null)
      this.expect(one, answer, 'barred')
    } else {
      bidder.limit = one.limit
      this.expect(one, hall.gate.enter(this.showId, { ...this.entrant(bidder), barredFor: null }), 'entered')
    }
  }

  /** Redis forgets the lot, after everything was copied; it is written anew. */
  private async lose(stage: Stage, withDesk: boolean): Promise<void> {
    await this.settle()
    const { run, model } = stage
    await this.copy(stage)
    const keys = hall.keysOf(run.at)
    if (withDesk) {
      await hall.redis.del(...keys.slice(3, 5))
      same(await run.tick(), { code: 'gate_closed' })
      await this.openDesk()
    }
    const { closedAt, maximum, leader } = model.standing()
    const [last, first] = [stage.copied.at(-1), stage.copied[0]]
    if (closedAt !== null || !last || !first) return
    await hall.redis.del(...keys.slice(0, 3))
    const { nowMs } = await hall.gate.readLog(run.at, last.seq)
    const resumption = {
      how: 'resume' as const,
      startedAtMs: run.startedAtMs,
      firstEndsAtMs: first.endsAtMs,
      last,
      leaderMaximumMinor: leader === null ? null : maximum,
      refusedLate: model.refusedLate,
      bids: stage.copied.filter((entry) => entry.bidId !== null),
      olderBidIds: [],
    }
    const basis = { generation: '', seq: last.seq, readAtMs: nowMs }
    const opened = await hall.gate.open(run.at, basis, { ...run.facts, run: resumption }, newId())
    if (opened.code !== 'opened') throw new Error(`The gate answered ${opened.code}`)
    model.facts.push({ what: 'resumed', at: Math.max(last.atMs, opened.nowMs) })
    same(opened.figures, model.figures())
    stage.at = run.startedAtMs
    this.moveClock(stage, { from: 'now', ms: Math.max(0, last.atMs - run.startedAtMs) })
  }

  private async copy(stage: Stage): Promise<void> {
    const answer = await hall.gate.readLog(stage.run.at, stage.copied.at(-1)?.seq ?? 0)
    if (answer.gate !== 'none') stage.copied = [...stage.copied, ...answer.entries]
  }

  /** At the end: figures, counters, commitments, the room, and the whole ledger with its chain. */
  async compare(): Promise<void> {
    await this.settle()
    const [first] = this.stages as [Stage]
    const accounts = this.bidders.map((one) => one.account as AccountId)
    const [fields, feed, commitments, standing] = await Promise.all([
      hall.showFields(this.showId),
      hall.feed(this.showId),
      Promise.all(accounts.map((account) => hall.commitmentOf(first.run.at, account))),
      Promise.all(this.stages.map(({ run }) => hall.gate.figures(run.at))),
      ...this.stages.map((stage) => this.copy(stage)),
    ])
    const expected = accounts.map((account) => this.model.committed(account))
    same(commitments, expected, 'commitments')
    for (const [index, stage] of this.stages.entries()) {
      const { refusedLate } = stage.model
      const figures = stage.model.figures()
      same(standing[index], { figures, counters: { refusedLate, extensions: figures.extensions } })
      const { auctionId } = stage.run.at
      same(JSON.parse(fields[`figures:${auctionId}`] ?? ''), figures)
      const told = feed.filter((one) => one.data.auctionId === auctionId).at(-1)
      same(told?.data.figures ?? figures, figures)
      this.compareLedger(stage)
    }
    await hall.redis.unlink(this.stages.flatMap(({ run }) => hall.keysOf(run.at)))
  }

  private compareLedger({ run, model, copied }: Stage): void {
    let link = createHash('sha1').update(run.facts.head).digest('hex')
    for (const [index, entry] of copied.entries()) {
      const fact = model.facts[index]
      link = createHash('sha1')
        .update(`${link}\n${ledgerText(run.at.auctionId, entry)}`)
        .digest('hex')
      const bid = fact && 'bid' in fact ? fact.bid : null
      const expected = [fact?.what, fact?.at, bid?.id ?? null, bid?.account ?? null, bid?.amount ?? null, link]
      const actual = [entry.what, entry.atMs, entry.bidId, entry.accountId, entry.amountMinor, entry.link]
      same([entry.seq, ...actual, entry.figures], [index + 1, ...expected, model.figures(index + 1)])
    }
    same(copied.length, model.facts.length, 'entries')
  }
}

const property = fc.asyncProperty(
  anyLot,
  anyLot,
  limits,
  fc.array(step, { minLength: 8, maxLength: 26 }),
  async (first, second, limits, steps) => {
    const brands = [newId<BrandId>(), newId<BrandId>()]
    const history = new History(limits, brands[0] as string)
    await history.begin([first, second], brands)
    for (const one of steps) await history.take(one)
    await history.compare()
  },
)

it(`[AU2] does in ${histories} histories what a plain model does (seed ${seed})`, { timeout: 300_000 }, async () => {
  const perLane = Math.ceil(histories / lanes)
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      fc.assert(property, { seed: seed + lane, numRuns: perLane, endOnFailure: false }),
    ),
  )
})
