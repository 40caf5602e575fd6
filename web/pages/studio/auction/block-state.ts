import type { Auction, Lot, ShowState } from '@livelot/client/contracts'
import { bidsWords, outcomeWords, priceWords } from './lot-words.ts'

/** A lot of at most so many seconds is sold in front of the camera; a longer one runs beside the show. */
const BLOCK_SECONDS_MAX = 300

/** What became of a sold lot's payment, as far as it has been told. */
export type Payment = 'paid' | 'passed_on' | 'not_sold'

export type Block = {
  running: Auction | null
  beside: readonly Auction[]
  last: Auction | null
  next: Lot | null
}

const isLiveLot = ({ terms }: Auction) => terms.type === 'dutch' || terms.durationSeconds <= BLOCK_SECONDS_MAX

/** Whether the lot may be started, for the first time or again. A sold lot that nobody paid has become unsold. */
export function isStartable({ state }: Lot): boolean {
  return state === 'prepared' || state === 'unsold'
}

/** What is known of the money of a run: as it was told, or as the lot tells it after a reload. */
export function paymentOf(lot: Lot | null, auction: Auction, told: Payment | undefined): Payment | undefined {
  const isUnpaid =
    lot?.auctionId === auction.auctionId && lot.state === 'unsold' && auction.figures.outcome !== 'unsold'
  return isUnpaid ? 'not_sold' : told
}

type BlockFacts = {
  lots: readonly Lot[]
  auctions: readonly Auction[]
  /** The lot that the host put next, out of turn. */
  chosenLotId: string | null
}

/** What stands on the block: what runs, what ran last, and what the start key starts. */
export function blockOf({ lots, auctions, chosenLotId }: BlockFacts): Block {
  const newestFirst = [...auctions].sort((one, two) => two.startedAtMs - one.startedAtMs)
  const running = newestFirst.filter(({ figures }) => figures.state === 'running')
  const onBlock = running.find(isLiveLot) ?? null
  const chosen = lots.find((lot) => lot.lotId === chosenLotId && isStartable(lot))
  return {
    running: onBlock,
    beside: running.filter((auction) => auction !== onBlock),
    last: newestFirst.find(({ figures }) => figures.state === 'closed') ?? null,
    next: chosen ?? lots.find((lot) => lot.state === 'prepared') ?? null,
  }
}

/** Why the next lot cannot be started now; null where it can. */
export function startHindrance(block: Block, showState: ShowState, isRehearsal: boolean): string | null {
  if (!block.next) return 'No lot is waiting.'
  if (block.running) return `Lot ${block.running.lotNumber} is on the block.`
  if (isRehearsal || showState === 'live') return null
  return showState === 'ended' ? 'The show has ended.' : 'Lots start once you are live.'
}

/** What a screen reader is told between two moments of one auction; null: nothing worth the interruption. */
export function newsOf(before: Auction | undefined, now: Auction): string | null {
  if (!before) return `Lot ${now.lotNumber}, ${now.title}, is running from ${priceWords(now)}`
  const { figures } = now
  if (figures.state === 'closed') return before.figures.state === 'closed' ? null : outcomeWords(now)
  if (figures.bidCount === before.figures.bidCount) return null
  const extended = figures.extensions > before.figures.extensions ? ', time extended' : ''
  const who = figures.leader ? `${figures.leader.name} leads at ${priceWords(now)}` : priceWords(now)
  return `${who}, ${bidsWords(figures.bidCount)}${extended}`
}
