import type { Currency } from '@livelot/client/contracts'
import type { LotResult } from './auction-model.ts'

/** Hammer prices by currency; a lot whose payment failed for good is not counted. */
export function totalsOf(results: readonly LotResult[]): {
  sold: number
  unsold: number
  hammer: { currency: Currency; amountMinor: number }[]
} {
  const sums = new Map<Currency, number>()
  let sold = 0
  for (const { lot, auction, payment } of results) {
    if (lot.state !== 'sold' || payment === 'not_sold') continue
    sold += 1
    if (auction) sums.set(auction.currency, (sums.get(auction.currency) ?? 0) + auction.figures.priceMinor)
  }
  const hammer = [...sums].map(([currency, amountMinor]) => ({ currency, amountMinor }))
  return { sold, unsold: results.length - sold, hammer }
}
