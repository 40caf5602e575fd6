import type { AuctionView } from '@livelot/client'
import { useEffect, useRef, useState } from 'react'
import { Picture } from '../parts/picture.tsx'
import { formatBid } from './amounts.ts'
import './win-moment.css'

const SHOWN_MS = 5_000

/** The moment of winning, over the picture of the show, for some seconds and never in the way of a tap. */
export function WinMoment({ auction }: { auction: AuctionView | null }) {
  const [shown, setShown] = useState<AuctionView | null>(null)
  const wonId = auction?.own.standing === 'won' ? auction.auctionId : null
  // Only what is won while looking is a moment; after a reload the ticket tells it.
  const seen = useRef(wonId)
  useEffect(() => {
    if (wonId === null || wonId === seen.current) return
    seen.current = wonId
    setShown(auction)
  }, [wonId, auction])
  useEffect(() => {
    if (!shown) return
    const timer = setTimeout(() => setShown(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [shown])

  if (!shown) return null
  const price = formatBid({ amountMinor: shown.figures.priceMinor, currency: shown.currency })
  return (
    <div className="win-moment" aria-hidden="true">
      <div className="win-card">
        <Picture src={shown.pictureUrl} alt="" eager />
        <p className="win-title">{shown.title}</p>
        <p className="win-stamp figures">
          Sold to you
          <strong>{price}</strong>
        </p>
      </div>
    </div>
  )
}
