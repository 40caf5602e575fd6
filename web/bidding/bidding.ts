import { type Auction, auctionLimits, dutchPriceAt, type Entry, type IneligibleReason } from '@livelot/client/contracts'

/** Whether this person may bid in this show, as far as it is known. */
export type Bidder =
  | { status: 'unknown' }
  | { status: 'guest' }
  | { status: 'failed'; sentence: string }
  | { status: 'outside'; missing: readonly IneligibleReason[] }
  | { status: 'entered'; entry: Entry }

/** What the lot costs at this moment of the server's clock. Only a Dutch price moves without a bid. */
export function priceAt(auction: Auction, nowMs: number): number {
  const { terms, figures } = auction
  if (terms.type !== 'dutch' || figures.state === 'closed') return figures.priceMinor
  return dutchPriceAt(terms, { priceMinor: auction.startPriceMinor, atMs: auction.startedAtMs }, nowMs)
}

/** When the Dutch price falls next; null at the floor. */
export function nextDropAtMs(auction: Auction, nowMs: number): number | null {
  const { terms } = auction
  if (terms.type !== 'dutch' || priceAt(auction, nowMs) <= terms.floorMinor) return null
  const stepMs = terms.stepSeconds * 1_000
  return auction.startedAtMs + (Math.floor(Math.max(0, nowMs - auction.startedAtMs) / stepMs) + 1) * stepMs
}

export function isFarAbove(amountMinor: number, nextMinimumMinor: number): boolean {
  return amountMinor > auctionLimits.farAboveFactor * nextMinimumMinor
}

/** A result stays in sight for so long: on the stage, or beside it when something else comes up. */
export const RESULT_SHOWN_MS = 45_000
const RESULTS_BESIDE_MAX = 2

/**
 * The auction that viewers are shown: the chosen one while it runs, else of those that run the first to end, else the
 * latest result for a while.
 */
export function auctionOnStage(auctions: readonly Auction[], chosenId: string | null, nowMs: number): Auction | null {
  const running = auctions.filter(({ figures }) => figures.state === 'running')
  const chosen = running.find(({ auctionId }) => auctionId === chosenId)
  const firstToEnd = [...running].sort((one, two) => one.figures.endsAtMs - two.figures.endsAtMs)[0]
  const latest = auctions
    .filter(({ figures }) => figures.state === 'closed' && nowMs < figures.endsAtMs + RESULT_SHOWN_MS)
    .sort((one, two) => two.figures.endsAtMs - one.figures.endsAtMs)[0]
  return chosen ?? firstToEnd ?? latest ?? null
}

/** Results that are still to be seen while another lot has the stage, the latest first. */
export function resultsBeside(auctions: readonly Auction[], stagedId: string | null, nowMs: number): Auction[] {
  return auctions
    .filter(({ auctionId, figures }) => auctionId !== stagedId && figures.state === 'closed')
    .filter(({ figures }) => nowMs < figures.endsAtMs + RESULT_SHOWN_MS)
    .sort((one, two) => two.figures.endsAtMs - one.figures.endsAtMs)
    .slice(0, RESULTS_BESIDE_MAX)
}

/** "Paddle 12 · Mia". */
export function paddleWords({ number, name }: { number: number; name: string }): string {
  return `Paddle ${number} · ${name}`
}
