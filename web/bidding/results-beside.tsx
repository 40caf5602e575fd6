import type { Auction } from '@livelot/client/contracts'
import { Gavel } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useServerNow } from '../parts/clock.tsx'
import { formatBid } from './amounts.ts'
import { paddleWords, RESULT_SHOWN_MS, resultsBeside } from './bidding.ts'
import './results-beside.css'

type ResultsBesideProps = { auctions: readonly Auction[]; stagedId: string | null }

/** How lots ended whose place on the stage another one has taken: a line each, below the stage, for a while. */
export function ResultsBeside({ auctions, stagedId }: ResultsBesideProps) {
  const now = useServerNow()
  const [, setTurn] = useState(0)
  const results = resultsBeside(auctions, stagedId, now())
  const firstGoesAtMs = results.at(-1)?.figures.endsAtMs
  useEffect(() => {
    if (firstGoesAtMs === undefined) return
    const leftMs = Math.max(0, firstGoesAtMs + RESULT_SHOWN_MS - now())
    const timer = setTimeout(() => setTurn((turn) => turn + 1), leftMs + 50)
    return () => clearTimeout(timer)
  }, [firstGoesAtMs, now])
  if (results.length === 0) return null
  return (
    <ul className="results-beside" aria-label="Lots that have just ended">
      {results.map((auction) => (
        <li key={auction.auctionId}>
          <Gavel aria-hidden="true" />
          <span>
            Lot <span className="figures">{auction.lotNumber}</span>: {wordsOf(auction)}
          </span>
        </li>
      ))}
    </ul>
  )
}

function wordsOf({ figures, currency }: Auction): string {
  const { outcome, leader, priceMinor } = figures
  if (outcome === 'unsold') return 'not sold'
  const price = formatBid({ amountMinor: priceMinor, currency })
  return leader ? `sold to ${paddleWords(leader)} for ${price}` : `sold for ${price}`
}
