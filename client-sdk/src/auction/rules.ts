import {
  type AuctionOutcome,
  type AuctionTerms,
  auctionLimits,
  dutchPriceAt,
  type IncrementStep,
  incrementAt,
  leastRaiseOf,
} from '../../contracts/index.ts'

/** What an auction is run on; nothing of it changes before the close. */
export interface AuctionRules {
  readonly startPriceMinor: number
  readonly terms: AuctionTerms
  readonly increments: readonly IncrementStep[]
}

/** An auction as it stands after an entry of its ledger. */
export interface Standing {
  readonly isClosed: boolean
  readonly startedAtMs: number
  /** As announced with the start; the cap on overtime counts from here. */
  readonly firstEndsAtMs: number
  readonly endsAtMs: number
  readonly priceMinor: number
  /** Paddle number. */
  readonly leader: number | null
  readonly leaderMaximumMinor: number
  readonly nextMinimumMinor: number
  readonly bidCount: number
  readonly extensions: number
  readonly outcome: AuctionOutcome | null
  /** Whether the lot was taken at once; then nothing but the close may follow. */
  readonly isBought: boolean
}

export interface RuleBid {
  readonly what: 'bid' | 'max' | 'pre-bid' | 'buy'
  readonly paddle: number
  readonly amountMinor: number
  readonly atMs: number
}

export type RuleRefusal =
  | 'not_started'
  | 'closed'
  | 'wrong_type'
  | 'no_buy_now'
  | 'own_is_higher'
  | 'raise_too_small'
  | 'too_low'

const windowMs = auctionLimits.softCloseWindowSeconds * 1_000

function closingOf({ terms }: AuctionRules): { extensionMs: number; overtimeMs: number | null } {
  if (terms.type !== 'english' || terms.closing.kind !== 'soft') return { extensionMs: 0, overtimeMs: null }
  const { extensionSeconds, overtimeSecondsMax } = terms.closing
  return {
    extensionMs: extensionSeconds * 1_000,
    overtimeMs: overtimeSecondsMax === null ? null : overtimeSecondsMax * 1_000,
  }
}

const reserveOf = ({ terms }: AuctionRules): number | null => (terms.type === 'english' ? terms.reserveMinor : null)

/** A Dutch auction ends one step after its floor is reached. */
export function lastsMs({ terms, startPriceMinor }: AuctionRules): number {
  if (terms.type === 'english') return terms.durationSeconds * 1_000
  const steps = Math.ceil(Math.max(0, startPriceMinor - terms.floorMinor) / terms.stepMinor)
  return (steps + 1) * terms.stepSeconds * 1_000
}

export function startAt(rules: AuctionRules, atMs: number): Standing {
  const endsAtMs = atMs + lastsMs(rules)
  return {
    isClosed: false,
    startedAtMs: atMs,
    firstEndsAtMs: endsAtMs,
    endsAtMs,
    priceMinor: rules.startPriceMinor,
    leader: null,
    leaderMaximumMinor: 0,
    nextMinimumMinor: rules.startPriceMinor,
    bidCount: 0,
    extensions: 0,
    outcome: null,
    isBought: false,
  }
}

export function isReserveMet(rules: AuctionRules, standing: Standing): boolean {
  return standing.leader !== null && standing.priceMinor >= (reserveOf(rules) ?? 0)
}

/** What buying at once costs at a moment; null where it is not offered (any more). */
export function buyPriceAt(rules: AuctionRules, standing: Standing, atMs: number): number | null {
  const { terms, startPriceMinor } = rules
  if (standing.isClosed || standing.isBought) return null
  if (terms.type === 'dutch') {
    return dutchPriceAt(terms, { priceMinor: startPriceMinor, atMs: standing.startedAtMs }, atMs)
  }
  if (terms.buyNowMinor === null || terms.buyNowMinor < standing.nextMinimumMinor) return null
  const isOpen = terms.reserveMinor === null ? standing.leader === null : !isReserveMet(rules, standing)
  return isOpen ? terms.buyNowMinor : null
}

/** The least maximum to which the leader may raise the own one. */
export function leastRaise({ increments }: AuctionRules, standing: Standing): number {
  const { leaderMaximumMinor, nextMinimumMinor } = standing
  return Math.max(nextMinimumMinor, leastRaiseOf(leaderMaximumMinor, increments))
}

/** Why a bid may not be accepted by the terms alone, or null. Who may bid is another matter. */
export function refusalOf(rules: AuctionRules, standing: Standing, bid: RuleBid): RuleRefusal | null {
  if (bid.atMs < standing.startedAtMs) return 'not_started'
  if (standing.isClosed || standing.isBought || bid.atMs >= standing.endsAtMs) return 'closed'
  if (bid.what === 'buy') {
    const priceMinor = buyPriceAt(rules, standing, bid.atMs)
    if (priceMinor === null) return 'no_buy_now'
    return bid.amountMinor < priceMinor ? 'too_low' : null
  }
  if (rules.terms.type !== 'english') return 'wrong_type'
  if (standing.leader === bid.paddle) {
    if (bid.amountMinor <= standing.leaderMaximumMinor) return 'own_is_higher'
    if (bid.amountMinor < leastRaise(rules, standing)) return 'raise_too_small'
  }
  return bid.amountMinor < standing.nextMinimumMinor ? 'too_low' : null
}

/** The auction after a bid that nothing speaks against. */
export function withBid(rules: AuctionRules, before: Standing, bid: RuleBid): Standing {
  const contested = bid.what === 'buy' ? bought(rules, before, bid) : contest(rules, before, bid)
  const after = {
    ...before,
    ...contested,
    nextMinimumMinor: contested.priceMinor + incrementAt(contested.priceMinor, rules.increments),
    bidCount: before.bidCount + 1,
  }
  const hasMoved = after.priceMinor !== before.priceMinor || after.leader !== before.leader
  const isLate = before.endsAtMs - bid.atMs <= windowMs
  if (bid.what === 'buy' || bid.what === 'pre-bid' || !hasMoved || !isLate) return after
  return extended(rules, after, bid.atMs)
}

type Contest = Pick<Standing, 'priceMinor' | 'leader' | 'leaderMaximumMinor'>

function bought(rules: AuctionRules, before: Standing, bid: RuleBid): Contest & { isBought: boolean } {
  const priceMinor = buyPriceAt(rules, before, bid.atMs) ?? bid.amountMinor
  return { priceMinor, leader: bid.paddle, leaderMaximumMinor: bid.amountMinor, isBought: true }
}

/** The bid meets the leader's maximum; an earlier maximum wins ties. */
function contest(rules: AuctionRules, before: Standing, bid: RuleBid): Contest {
  const { leader, leaderMaximumMinor } = before
  const above = (amountMinor: number) => amountMinor + incrementAt(amountMinor, rules.increments)
  const isRival = leader !== null && leader !== bid.paddle
  if (isRival && bid.amountMinor <= leaderMaximumMinor) {
    return { priceMinor: Math.min(leaderMaximumMinor, above(bid.amountMinor)), leader, leaderMaximumMinor }
  }
  let priceMinor = before.priceMinor
  if (leader === null) priceMinor = rules.startPriceMinor
  if (isRival) priceMinor = Math.min(bid.amountMinor, above(leaderMaximumMinor))
  // Nobody bids against the own maximum: who leads already only raises it.
  if (bid.what === 'bid' && leader !== bid.paddle) priceMinor = bid.amountMinor
  const reserveMinor = reserveOf(rules)
  if (reserveMinor !== null && bid.amountMinor >= reserveMinor) priceMinor = Math.max(priceMinor, reserveMinor)
  return { priceMinor, leader: bid.paddle, leaderMaximumMinor: bid.amountMinor }
}

function extended(rules: AuctionRules, standing: Standing, atMs: number): Standing {
  const { extensionMs, overtimeMs } = closingOf(rules)
  if (extensionMs === 0) return standing
  const capMs = overtimeMs === null ? Number.POSITIVE_INFINITY : standing.firstEndsAtMs + overtimeMs
  const endsAtMs = Math.min(atMs + extensionMs, capMs)
  if (endsAtMs <= standing.endsAtMs) return standing
  return { ...standing, endsAtMs, extensions: standing.extensions + 1 }
}

/** After an outage nobody has less time to bid than one extension gives, or ten seconds where there is none. */
export function resumedAt(rules: AuctionRules, standing: Standing, atMs: number): Standing {
  const leastMs = closingOf(rules).extensionMs || windowMs
  return { ...standing, endsAtMs: Math.max(standing.endsAtMs, atMs + leastMs) }
}

export function outcomeOf(rules: AuctionRules, standing: Standing): AuctionOutcome {
  if (standing.isBought) return 'bought'
  return isReserveMet(rules, standing) ? 'sold' : 'unsold'
}

export function closed(rules: AuctionRules, standing: Standing): Standing {
  return { ...standing, isClosed: true, outcome: outcomeOf(rules, standing) }
}
