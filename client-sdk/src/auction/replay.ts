import type { LedgerEntry, LedgerHead } from '../../contracts/index.ts'
import {
  type AuctionRules,
  closed,
  type RuleBid,
  type RuleRefusal,
  refusalOf,
  resumedAt,
  type Standing,
  startAt,
  withBid,
} from './rules.ts'

/** What is wrong with one field of a ledger. `seq`: of the entry; 0: the head; null: the ledger as a whole. */
export interface LedgerProblem {
  readonly seq: number | null
  readonly field: string
  readonly problem: string
}

export interface Replay {
  readonly problems: readonly LedgerProblem[]
  /** How the rules say that the auction stands after the last entry; null where it never started. */
  readonly standing: Standing | null
  /** After each entry, in their order. */
  readonly standings: readonly (Standing | null)[]
}

const refusalText: Record<RuleRefusal, string> = {
  not_started: 'the auction had not started',
  closed: 'the auction was over',
  wrong_type: 'a Dutch auction takes no bids',
  no_buy_now: 'the lot could not be bought at a fixed price',
  own_is_higher: 'the bidder led with as much or more',
  raise_too_small: 'the leader raised the own maximum by less than one increment',
  too_low: 'it is less than the next bid had to be',
}

type Tell = (field: string, problem: string) => void

/** Runs the auction again by its rules, entry by entry, and compares what each entry says with what had to follow. */
export function replay(head: LedgerHead, entries: readonly LedgerEntry[]): Replay {
  const rules: AuctionRules = head
  const problems: LedgerProblem[] = []
  const standings: (Standing | null)[] = []
  const bidIds = new Map<string, number>()
  let standing: Standing | null = null
  let previous: LedgerEntry | null = null
  for (const entry of entries) {
    const tell: Tell = (field, problem) => problems.push({ seq: entry.seq, field, problem })
    checkForm(entry, previous, bidIds, tell)
    standing = step(rules, standing, entry, previous, tell)
    if (standing !== null) compare(entry, standing, tell)
    standings.push(standing)
    previous = entry
  }
  if (previous?.what !== 'closed') {
    problems.push({ seq: null, field: 'entries', problem: 'The last entry is not the close.' })
  }
  return { problems, standing, standings }
}

function checkForm(entry: LedgerEntry, previous: LedgerEntry | null, bidIds: Map<string, number>, tell: Tell): void {
  const { seq, atMs, bidId, paddle, amountMinor, what, outcome } = entry
  const due = (previous?.seq ?? 0) + 1
  if (seq !== due) tell('seq', `Entry ${due} should stand here.`)
  if (previous !== null && atMs < previous.atMs) tell('atMs', 'Time goes back.')
  const isBid = what === 'bid' || what === 'max' || what === 'pre-bid' || what === 'buy'
  if (isBid !== (bidId !== null)) tell('bidId', isBid ? 'A bid has no id.' : 'Only bids have an id.')
  if (isBid !== (paddle !== null)) tell('paddle', isBid ? 'A bid has no bidder.' : 'Only bids have a bidder.')
  if (isBid !== (amountMinor !== null)) tell('amountMinor', isBid ? 'A bid has no amount.' : 'Only bids have one.')
  if ((what === 'closed') !== (outcome !== null)) tell('outcome', 'The outcome stands in the closing entry only.')
  const before = bidId === null ? undefined : bidIds.get(bidId)
  if (before !== undefined) tell('bidId', `The same bid stands in entry ${before}.`)
  else if (bidId !== null) bidIds.set(bidId, seq)
}

/** What must stand after the entry; problems of its being there at all are told. */
function step(
  rules: AuctionRules,
  before: Standing | null,
  entry: LedgerEntry,
  previous: LedgerEntry | null,
  tell: Tell,
): Standing | null {
  const { what, atMs } = entry
  if (what === 'started') {
    if (before === null) return startAt(rules, atMs)
    tell('what', 'The auction had started before.')
    return before
  }
  if (before === null) {
    tell('what', 'The auction has not started.')
    return null
  }
  if (before.isClosed) {
    tell('what', 'The auction was closed before.')
    return before
  }
  if (what === 'resumed') {
    if (before.isBought) tell('what', 'The lot was bought: only the close may follow.')
    return resumedAt(rules, before, atMs)
  }
  if (what === 'closed') return close(rules, before, entry, previous, tell)
  if (what === 'pre-bid') checkPreBid(rules, before, entry, previous, tell)
  return takeBid(rules, before, entry, what, tell)
}

function close(
  rules: AuctionRules,
  before: Standing,
  { atMs }: LedgerEntry,
  previous: LedgerEntry | null,
  tell: Tell,
): Standing {
  if (before.isBought && atMs !== previous?.atMs) tell('atMs', 'A purchase closes the auction in the same moment.')
  if (!before.isBought && atMs < before.endsAtMs) tell('atMs', 'The auction was closed before its end.')
  return closed(rules, before)
}

function takeBid(
  rules: AuctionRules,
  before: Standing,
  { paddle, amountMinor, atMs }: LedgerEntry,
  what: RuleBid['what'],
  tell: Tell,
): Standing {
  if (paddle === null || amountMinor === null) return before
  const bid: RuleBid = { what, paddle, amountMinor, atMs }
  const refusal = refusalOf(rules, before, bid)
  if (refusal === null) return withBid(rules, before, bid)
  const field = refusal === 'not_started' || refusal === 'closed' ? 'atMs' : 'amountMinor'
  tell(refusal === 'wrong_type' || refusal === 'no_buy_now' ? 'what' : field, `Not allowed: ${refusalText[refusal]}.`)
  return before
}

function checkPreBid(
  { terms }: AuctionRules,
  before: Standing,
  { atMs }: LedgerEntry,
  previous: LedgerEntry | null,
  tell: Tell,
): void {
  if (terms.type !== 'english' || !terms.preBidsAllowed) tell('what', 'The terms allow no bids before the start.')
  const isInPlace = previous?.what === 'started' || previous?.what === 'pre-bid'
  if (!isInPlace) tell('what', 'Bids of before the start stand before all others.')
  if (atMs !== before.startedAtMs) tell('atMs', 'Bids of before the start are placed in the moment of the start.')
}

function compare(entry: LedgerEntry, standing: Standing, tell: Tell): void {
  const { priceMinor, leader, endsAtMs, outcome } = standing
  if (entry.priceMinor !== priceMinor) tell('priceMinor', `By the rules the price is ${priceMinor}.`)
  if (entry.leader !== leader) tell('leader', `By the rules ${leader === null ? 'nobody' : `paddle ${leader}`} leads.`)
  if (entry.endsAtMs !== endsAtMs) tell('endsAtMs', `By the rules the end is ${endsAtMs}.`)
  if (entry.what === 'closed' && entry.outcome !== outcome) tell('outcome', `By the rules the lot is ${outcome}.`)
}
