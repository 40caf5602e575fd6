import type { Auction, AuctionTerms, Currency } from '@livelot/client/contracts'
import { formatBid } from '../../../bidding/amounts.ts'

/** "30 s", "5 min", "24 h". */
export function durationWords(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}

/** The terms of a lot in one line, for somebody who knows the words. */
export function termsWords(terms: AuctionTerms, currency: Currency): string {
  const money = (amountMinor: number) => formatBid({ amountMinor, currency })
  if (terms.type === 'dutch')
    return `Dutch, ${money(terms.stepMinor)} less every ${terms.stepSeconds} s, down to ${money(terms.floorMinor)}`
  const { closing, reserveMinor, buyNowMinor, increments } = terms
  const cap = closing.kind === 'soft' && closing.overtimeSecondsMax
  return [
    durationWords(terms.durationSeconds),
    closing.kind === 'sudden-death' ? 'sudden death' : `+${closing.extensionSeconds} s on late bids`,
    cap && `${durationWords(cap)} overtime at most`,
    reserveMinor !== null && `reserve ${money(reserveMinor)}${terms.isReserveShown ? '' : ' (hidden)'}`,
    buyNowMinor !== null && `buy now ${money(buyNowMinor)}`,
    increments && (increments.length === 1 ? `steps of ${money(increments[0]?.stepMinor ?? 0)}` : 'own steps'),
    terms.preBidsAllowed && 'takes pre-bids',
  ]
    .filter(Boolean)
    .join(' · ')
}

export function bidsWords(count: number): string {
  return count === 1 ? '1 bid' : `${count.toLocaleString('en-US')} bids`
}

export function priceWords(auction: Auction): string {
  return formatBid({ amountMinor: auction.figures.priceMinor, currency: auction.currency })
}

/** How an auction ended, in one sentence. */
export function outcomeWords(auction: Auction): string {
  const { outcome, leader, bidCount } = auction.figures
  const lot = `Lot ${auction.lotNumber}`
  if (outcome === 'unsold') return `${lot} did not sell: ${bidCount === 0 ? 'no bids' : 'the reserve was not met'}`
  const verb = outcome === 'bought' ? 'bought by' : 'sold to'
  return leader
    ? `${lot} ${verb} ${leader.name}, paddle ${leader.number}, for ${priceWords(auction)}`
    : `${lot} sold for ${priceWords(auction)}`
}
