import type { Auction, AuctionFigures } from '../../contracts/index.ts'
import {
  type AuctionRules,
  buyPriceAt,
  closed,
  isReserveMet,
  type RuleBid,
  refusalOf,
  type Standing,
  startAt,
  withBid,
} from './rules.ts'

export interface RehearsalOptions {
  /** Only its price, terms and increments matter; nothing of it is sent anywhere. */
  auction: Pick<Auction, 'startPriceMinor' | 'terms' | 'increments'>
  /** How many simulated people bid; their names, where a list is given. */
  bidders: number | readonly string[]
  /** The same seed, terms and clock give the same auction. */
  seed: number
  /** Each change of the figures, as a room would be told. */
  onFigures: (figures: AuctionFigures) => void
  /** Server time in milliseconds, such as `client.clock.now`; this device's clock where absent. */
  now?: () => number
}

export interface Rehearsal {
  readonly startedAtMs: number
  /** As they stand now. */
  figures(): AuctionFigures
  /** Ends it at once, without a result. Repeats: stopping twice is stopping once. */
  stop(): void
}

interface Bidder {
  readonly paddle: number
  readonly name: string
  /** What the lot is worth to this bidder. */
  readonly worthMinor: number
  /** Whether this one names the maximum at once or goes on step by step. */
  readonly isPatient: boolean
}

const BIDDERS_MAX = 50
/** Guess from watching shows: a lively lot has a bid about every other second, more often towards its end. */
const PAUSE_MS = { calm: 2_600, late: 900 }
const LATE_MS = 12_000

const NAMES = ['Ada', 'Ben', 'Cleo', 'Dov', 'Eli', 'Fay', 'Gus', 'Hana', 'Ivo', 'Juno', 'Kai', 'Lea']

/**
 * Runs an auction here, at real pace, with people who are made up: for a host who practises before the show. By the same
 * rules as `verifyAuction` replays, and without any trace on a server. Starts at once.
 */
export function createRehearsal(options: RehearsalOptions): Rehearsal {
  const { auction, onFigures, now = Date.now } = options
  const random = randomOf(options.seed)
  const bidders = biddersOf(options, random)
  const rules: AuctionRules = auction
  const startedAtMs = now()
  let standing = startAt(rules, startedAtMs)
  let ledgerSeq = 1
  let bidTimer: ReturnType<typeof setTimeout> | undefined
  let endTimer: ReturnType<typeof setTimeout> | undefined

  const figures = () => figuresOf(rules, standing, ledgerSeq, bidders)
  const change = (next: Standing) => {
    standing = next
    ledgerSeq += 1
    // A purchase and the close that follows at once are told as one.
    if (!standing.isBought || standing.isClosed) onFigures(figures())
  }
  const stop = () => {
    clearTimeout(bidTimer)
    clearTimeout(endTimer)
  }
  const end = () => {
    stop()
    change(closed(rules, standing))
  }
  const planEnd = () => {
    clearTimeout(endTimer)
    endTimer = setTimeout(
      () => (now() >= standing.endsAtMs ? end() : planEnd()),
      Math.max(0, standing.endsAtMs - now()),
    )
  }
  const tryBid = () => {
    const bid = nextBid(rules, standing, bidders, now(), random)
    if (bid !== null && refusalOf(rules, standing, bid) === null) {
      const { endsAtMs } = standing
      change(withBid(rules, standing, bid))
      if (standing.isBought) return end()
      if (standing.endsAtMs !== endsAtMs) planEnd()
    }
    planBid()
  }
  const planBid = () => {
    const pauseMs = standing.endsAtMs - now() <= LATE_MS ? PAUSE_MS.late : PAUSE_MS.calm
    bidTimer = setTimeout(tryBid, Math.round(pauseMs * (0.4 + 1.2 * random())))
  }
  onFigures(figures())
  planBid()
  planEnd()
  return { startedAtMs, figures, stop }
}

/** Seeded, so that a rehearsal can be played again. Source: mulberry32, public domain, read 2026-11-22. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function biddersOf({ auction, bidders }: RehearsalOptions, random: () => number): readonly Bidder[] {
  const names =
    typeof bidders === 'number'
      ? Array.from({ length: bidders }, (_, index) => NAMES[index] ?? `Bidder ${index + 1}`)
      : bidders
  const { terms, startPriceMinor } = auction
  // Most find the lot worth between the start price and three times as much; a reserve or floor moves what is likely.
  const likely = terms.type === 'dutch' ? terms.floorMinor : Math.max(startPriceMinor, terms.reserveMinor ?? 0)
  return names.slice(0, BIDDERS_MAX).map((name, index) => ({
    paddle: index + 1,
    name,
    worthMinor: Math.round(likely * (0.8 + 2.2 * random() ** 2)),
    isPatient: random() < 0.6,
  }))
}

/** One bidder who is not leading looks at the price and decides; null: nobody moves this time. */
function nextBid(
  rules: AuctionRules,
  standing: Standing,
  bidders: readonly Bidder[],
  atMs: number,
  random: () => number,
): RuleBid | null {
  const buyPriceMinor = buyPriceAt(rules, standing, atMs)
  const willing = bidders.filter(({ paddle }) => paddle !== standing.leader)
  const bidder = willing[Math.floor(random() * willing.length)]
  if (bidder === undefined) return null
  const { paddle, worthMinor, isPatient } = bidder
  const isBuying = rules.terms.type === 'dutch' || random() < 0.05
  if (buyPriceMinor !== null && isBuying) {
    return buyPriceMinor <= worthMinor ? { what: 'buy', paddle, amountMinor: buyPriceMinor, atMs } : null
  }
  if (rules.terms.type === 'dutch' || standing.nextMinimumMinor > worthMinor) return null
  return isPatient
    ? { what: 'bid', paddle, amountMinor: standing.nextMinimumMinor, atMs }
    : { what: 'max', paddle, amountMinor: worthMinor, atMs }
}

function figuresOf(
  rules: AuctionRules,
  standing: Standing,
  ledgerSeq: number,
  bidders: readonly Bidder[],
): AuctionFigures {
  const { terms } = rules
  const { isClosed, priceMinor, bidCount, nextMinimumMinor, endsAtMs, extensions, outcome } = standing
  const leader = bidders.find(({ paddle }) => paddle === standing.leader)
  const showsReserve = terms.type === 'english' && terms.reserveMinor !== null && terms.isReserveShown
  return {
    state: isClosed ? 'closed' : 'running',
    ledgerSeq,
    priceMinor,
    leader: leader === undefined ? null : { number: leader.paddle, name: leader.name },
    bidCount,
    nextMinimumMinor,
    endsAtMs,
    extensions,
    isReserveMet: showsReserve ? isReserveMet(rules, standing) : null,
    buyNowMinor: terms.type === 'english' ? buyPriceAt(rules, standing, endsAtMs) : null,
    outcome,
  }
}
