import { type ReceiptVerdict, receiptAgainstLedger, verifyAuction, verifyReceipt } from '@livelot/client'
import type { AccountId, AuctionLedger, AuctionTerms, BidId, ReceiptPayload } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { testRedis } from '../../../test/support/services.ts'
import { chainOf, firstHash } from './chain.ts'
import type { Decision, LoggedEntry, RefusalCode } from './gate.ts'
import { english, type Hall, openHall, type RunningLot, tenDollars } from './gate-for-tests.ts'
import { createReceipts } from './receipts.ts'

/** Auctions that the script decides, checked from outside by the SDK alone: two authors of the same rules. */
const histories = 120
const receipts = createReceipts('a secret of the tests')
const keys = { keys: receipts.keys() }

let hall: Hall
let store: { url: string; drop(): Promise<void> }
beforeAll(async () => {
  store = await testRedis()
  hall = await openHall(store.url)
})
afterAll(async () => {
  hall.close()
  await store.drop()
})

/** Seeded, so that a failure can be played again: a linear congruential generator. */
function randomOf(seed: number) {
  let state = seed
  const next = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
  return {
    next,
    one: <T>(...values: readonly T[]) => values[Math.floor(next() * values.length)] as T,
    upTo: (most: number) => Math.floor(next() * (most + 1)),
  }
}
type Random = ReturnType<typeof randomOf>

function termsOf(random: Random): AuctionTerms {
  if (random.next() < 0.15) {
    return { type: 'dutch', floorMinor: 300, stepMinor: random.one(100, 150), stepSeconds: random.one(1, 3) }
  }
  return english({
    closing: random.one(
      { kind: 'sudden-death' },
      { kind: 'soft', extensionSeconds: random.one(5, 7, 10, 15), overtimeSecondsMax: random.one(null, 15, 60) },
    ),
    reserveMinor: random.one(null, 1_500, 4_000),
    buyNowMinor: random.one(null, 6_000),
    preBidsAllowed: true,
  })
}

const codes: Partial<Record<RefusalCode, string>> = {
  not_eligible: 'bid.not_eligible',
  closed: 'auction.closed',
  no_buy_now: 'auction.no_buy_now',
  own_is_higher: 'bid.own_is_higher',
  raise_too_small: 'bid.raise_too_small',
  too_low: 'bid.too_low',
  far_above_price: 'bid.far_above_price',
}

function receiptOf(run: RunningLot, asked: Pick<ReceiptPayload, 'bidId' | 'amountMinor' | 'kind'>, decision: Decision) {
  const { code, reason, paddle, ledgerSeq, link, decidedAtMs, timeLeftMs, nextMinimumMinor } = decision
  const told = code === 'leading' || code === 'outbid' ? code : (codes[code] ?? code)
  const shown = { ledgerSeq, link, decidedAtMs, timeLeftMs, nextMinimumMinor }
  const { auctionId } = run.at
  return receipts.signReceipt({ iss: 'livelot', auctionId, ...asked, paddle, code: told, reason, ...shown })
}

/** Redis forgets the lot after everything was copied; it is written anew, and its clock has gone on meanwhile. */
async function lose(run: RunningLot, log: readonly LoggedEntry[], afterMs: number): Promise<void> {
  const [first, last] = [log[0], log.at(-1)]
  if (!first || !last) throw new Error('A running lot has entries.')
  await hall.redis.del(...hall.keysOf(run.at).slice(0, 3))
  const { nowMs } = await hall.gate.readLog(run.at, last.seq)
  const maxima = log.filter(({ accountId }) => accountId !== null && accountId === last.leaderAccountId)
  const resumption = {
    how: 'resume' as const,
    startedAtMs: run.startedAtMs,
    firstEndsAtMs: first.endsAtMs,
    last: { ...last, atMs: run.startedAtMs + afterMs },
    leaderMaximumMinor: maxima.length === 0 ? null : Math.max(...maxima.map(({ amountMinor }) => amountMinor ?? 0)),
    refusedLate: 0,
    bids: [],
    olderBidIds: [],
  }
  const basis = { generation: '', seq: last.seq, readAtMs: nowMs }
  const opened = await hall.gate.open(run.at, basis, { ...run.facts, run: resumption }, newId())
  expect(opened.code).toBe('opened')
}

async function play(seed: number) {
  const random = randomOf(seed)
  const terms = termsOf(random)
  const { showId, accounts } = await hall.openShow(4)
  const lot = tenDollars(terms)
  const preBids = accounts.slice(0, terms.type === 'english' ? random.upTo(3) : 0).map((accountId) => ({
    bidId: newId<BidId>(),
    accountId,
    maximumMinor: 1_000 + 100 * random.upTo(20),
  }))
  const run = await hall.start(showId, lot, { startsInMs: 0, preBids })
  const said: string[] = []
  let copied: LoggedEntry[] = []
  const logNow = async () => {
    const fresh = (await hall.logOf(run.at)).filter(({ seq }) => seq > (copied.at(-1)?.seq ?? 0))
    copied = [...copied, ...fresh]
    return copied
  }
  let { figures } = run.opened
  let at = 1_000
  for (let turn = 0; turn < 25; turn += 1) {
    const endsAfter = figures.endsAtMs - run.startedAtMs
    at = Math.max(
      at,
      random.next() < 0.6 ? at + random.upTo(4_000) : endsAfter + random.one(-10_001, -10_000, -4_000, -1, 0),
    )
    await run.clock(at)
    if (random.next() < 0.05 && figures.state === 'running') {
      await lose(run, await logNow(), at)
      await run.clock(at)
      continue
    }
    const accountId = random.one(...accounts, newId<AccountId>())
    const bidId = newId<BidId>()
    const least = figures.nextMinimumMinor
    const amountMinor = Math.max(1, least + random.one(-1, 0, 0, 50, 500, 2_000, least * 10))
    const kind =
      random.next() < 0.1 || terms.type === 'dutch' ? ('buy' as const) : random.one('bid' as const, 'max' as const)
    const decision =
      kind === 'buy'
        ? await run.buy(accountId, amountMinor, bidId)
        : await run.bid(accountId, amountMinor, { kind, bidId })
    if (decision.code === 'gate_closed') throw new Error('The gate is closed.')
    said.push(receiptOf(run, { bidId, amountMinor, kind }, decision))
    figures = decision.figures
  }
  // An outage may have given more time than the last answer knew of.
  await run.clock(Math.max(at, figures.endsAtMs - run.startedAtMs) + 20_000)
  const ticked = await run.tick()
  expect(ticked).toMatchObject({ code: 'ticked', state: 'closed' })
  return { run, said, log: await logNow() }
}

/** As the recording makes it: the second chain, the root and its signature. */
function exported(run: RunningLot, log: readonly LoggedEntry[]): AuctionLedger {
  const { auctionId } = run.at
  const { auction, terms, head } = run.facts
  const hashes = chainOf(firstHash(head), auctionId, log).map((hash) => hash.toString('hex'))
  const entries = log.map(
    ({ seq, what, atMs, bidId, paddle, amountMinor, priceMinor, leader, endsAtMs, outcome, link }, index) => ({
      ...{ seq, what, atMs, bidId, paddle, amountMinor, priceMinor, leader, endsAtMs, outcome, link },
      hash: hashes[index] ?? '',
    }),
  )
  const last = entries.at(-1)
  if (!last?.outcome) throw new Error('The auction is not closed.')
  const { outcome, priceMinor, atMs: closedAtMs } = last
  const paddle = outcome === 'unsold' ? null : last.leader
  const rootSignature = receipts.signRoot({
    ...{ auctionId, root: last.hash, entries: entries.length, outcome, paddle, priceMinor, closedAtMs },
  })
  const { showId, lotId, lotNumber, currency, startPriceMinor, increments } = auction
  const facts = { auctionId, showId, lotId, lotNumber, currency, startPriceMinor, terms, increments }
  return { head: { version: 1, ...facts, root: last.hash, rootSignature }, entries }
}

const seeds = Array.from({ length: histories }, (_, index) => 20_261_122 + index)

it('is found without fault by the SDK, with every receipt, whatever was bid', async () => {
  const outcomes: Record<string, number> = {}
  const whats: Record<string, number> = {}
  const answers: Record<string, number> = {}
  for (const seed of seeds) {
    const { run, said, log } = await play(seed)
    const ledger = JSON.parse(JSON.stringify(exported(run, log))) as AuctionLedger
    const verdict = await verifyAuction(ledger, { keys })
    expect({ seed, ...verdict }).toMatchObject({ seed, ok: true, problems: [], isSigned: true })
    const last = log.at(-1)
    expect([verdict.outcome, verdict.winner]).toEqual([last?.outcome, last?.outcome === 'unsold' ? null : last?.leader])
    for (const receipt of said) {
      const alone: ReceiptVerdict = await verifyReceipt(receipt, keys)
      const match = receiptAgainstLedger(receipt, ledger)
      expect({ seed, payload: alone.payload, match }).toMatchObject({ match: { ok: true, problems: [] } })
      expect(alone.isSigned).toBe(true)
      count(answers, alone.payload?.code ?? '')
    }
    count(outcomes, verdict.outcome ?? '')
    for (const { what } of log) count(whats, what)
  }
  expect(Object.keys(outcomes).toSorted()).toEqual(['bought', 'sold', 'unsold'])
  expect(Object.keys(whats).toSorted()).toEqual(['bid', 'buy', 'closed', 'max', 'pre-bid', 'resumed', 'started'])
  expect(Object.keys(answers)).toEqual(expect.arrayContaining(['leading', 'outbid', ...Object.values(codes)]))
}, 120_000)

function count(of: Record<string, number>, name: string): void {
  of[name] = (of[name] ?? 0) + 1
}
