import { createHash } from 'node:crypto'
import { auctionLimits } from '@livelot/client/contracts'
import type { AuctionFacts, DeskContents, Entrant, FirstStart, GateContents, Resumption, Takeover } from './gate.ts'
import { writeEntry } from './gate-answers.ts'
import { resumedMsMin } from './limits.ts'

/** gate.lua says how an entrant is kept. */
export function entrantParts({ paddle, name, limitMinor, barredFor, brandIds }: Entrant) {
  return {
    before: `${paddle}|${limitMinor ?? ''}`,
    barredFor: barredFor ?? '',
    after: `${brandIds.join(',')}|${JSON.stringify({ number: paddle, name })}`,
  }
}

/** Entrants and commitments as open_desk.lua takes them. */
export function deskArguments({ entrants, commitments, takeovers = [] }: DeskContents): [string, string] {
  const texts = entrants.map((entrant) => {
    const { before, barredFor, after } = entrantParts(entrant)
    return [entrant.accountId, `${before}|${barredFor}|${after}`]
  })
  const counted = takeovers.map((takeover) => [takenField(takeover), takeover.amountMinor])
  return [
    JSON.stringify(Object.fromEntries(texts)),
    JSON.stringify({ ...Object.fromEntries(commitments), ...Object.fromEntries(counted) }),
  ]
}

/** Says among the commitments that a takeover is counted there already. */
export const takenField = ({ auctionId, accountId }: Takeover): string => `taken|${auctionId}|${accountId}`

/** Fields, JSON for the room and the rest, as open_gate.lua takes them. */
export function gateArguments(contents: GateContents, generation: string): [string, string, string] {
  const { run } = contents
  const moving = run.how === 'start' ? startFields(contents) : resumedFields(contents, run)
  const rest = run.how === 'start' ? startArgument(contents, run) : resumedArgument(contents, run)
  return [
    JSON.stringify({ ...factFields(contents), ...moving, generation }),
    JSON.stringify(contents.auction).slice(0, -1),
    JSON.stringify(rest),
  ]
}

const orEmpty = (value: string | number | null) => (value === null ? '' : String(value))

/** What never changes while the auction runs. */
function factFields({ auction, brandId, terms }: AuctionFacts): Record<string, string> {
  const isDutch = terms.type === 'dutch'
  return {
    auction_id: auction.auctionId,
    type: terms.type,
    brand_id: brandId,
    start_price: String(auction.startPriceMinor),
    increments: JSON.stringify(auction.increments.flatMap(({ fromMinor, stepMinor }) => [fromMinor, stepMinor])),
    window_ms: String(auctionLimits.softCloseWindowSeconds * 1_000),
    extension_ms: String(extensionMs(terms)),
    reserve: isDutch ? '' : orEmpty(terms.reserveMinor),
    is_reserve_shown: !isDutch && terms.isReserveShown ? '1' : '0',
    buy_now: isDutch ? '' : orEmpty(terms.buyNowMinor),
    ...(isDutch && {
      dutch_floor: String(terms.floorMinor),
      dutch_step: String(terms.stepMinor),
      dutch_step_ms: String(terms.stepSeconds * 1_000),
    }),
  }
}

type Terms = AuctionFacts['terms']

/** 0: nothing but an outage moves the end. */
const extensionMs = (terms: Terms): number =>
  terms.type === 'english' && terms.closing.kind === 'soft' ? terms.closing.extensionSeconds * 1_000 : 0

const overtimeMs = (terms: Terms): number | null =>
  terms.type === 'english' && terms.closing.kind === 'soft' && terms.closing.overtimeSecondsMax !== null
    ? terms.closing.overtimeSecondsMax * 1_000
    : null

/** A Dutch auction ends one step after its floor is reached. */
function lastsMs({ terms, auction }: AuctionFacts): number {
  if (terms.type === 'english') return terms.durationSeconds * 1_000
  const steps = Math.ceil(Math.max(0, auction.startPriceMinor - terms.floorMinor) / terms.stepMinor)
  return (steps + 1) * terms.stepSeconds * 1_000
}

/** The first entry's link is made over the head. Times are the script's. */
const startFields = ({ auction, head }: AuctionFacts) => ({
  state: 'running',
  price: String(auction.startPriceMinor),
  next_minimum: String(auction.startPriceMinor),
  leader: '',
  leader_paddle: '',
  leader_shown: '',
  leader_max: '0',
  bid_count: '0',
  extensions: '0',
  refused_late: '0',
  outcome: '',
  seq: '0',
  link: createHash('sha1').update(head).digest('hex'),
})

const startArgument = (facts: AuctionFacts, run: FirstStart) => ({
  starts_in_ms: run.startsInMs,
  lasts_ms: lastsMs(facts),
  overtime_ms: overtimeMs(facts.terms) ?? undefined,
  pre_bids: run.preBids.map(({ bidId, accountId, maximumMinor }) => [bidId, accountId, maximumMinor]),
  forget: run.forgetAuctionIds,
})

function resumedFields({ terms }: AuctionFacts, run: Resumption): Record<string, string> {
  const { last, leaderMaximumMinor } = run
  const { figures } = last
  const overtime = overtimeMs(terms)
  return {
    state: 'running',
    started_at_ms: String(run.startedAtMs),
    ends_at_ms: String(figures.endsAtMs),
    last_at_ms: String(last.atMs),
    cap_at_ms: orEmpty(overtime === null ? null : run.firstEndsAtMs + overtime),
    price: String(figures.priceMinor),
    next_minimum: String(figures.nextMinimumMinor),
    leader: last.leaderAccountId ?? '',
    leader_paddle: orEmpty(figures.leader?.number ?? null),
    leader_shown: figures.leader === null ? '' : JSON.stringify(figures.leader),
    leader_max: String(leaderMaximumMinor ?? 0),
    bid_count: String(figures.bidCount),
    extensions: String(figures.extensions),
    refused_late: String(run.refusedLate),
    outcome: '',
    seq: String(last.seq),
    link: last.link,
  }
}

const resumedArgument = ({ terms }: AuctionFacts, run: Resumption) => ({
  resumed_ms: extensionMs(terms) || resumedMsMin,
  answers: Object.fromEntries(run.bids.map((entry) => [entry.bidId, writeEntry(entry)])),
  older_bids: run.olderBidIds,
})
