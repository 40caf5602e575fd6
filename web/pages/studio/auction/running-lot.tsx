import type { Auction } from '@livelot/client/contracts'
import { Timer } from 'lucide-react'
import { formatBid } from '../../../bidding/amounts.ts'
import { priceAt } from '../../../bidding/bidding.ts'
import { useAuctionTime } from '../../../bidding/use-server-time.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Countdown } from '../../../parts/countdown.tsx'
import { bidsWords, priceWords } from './lot-words.ts'
import './running-lot.css'

type RunningLotProps = {
  auction: Auction
  /** As the host set it; the room does not tell it. */
  reserveMinor: number | null
}

/** Read from a metre away: price, who leads, and the time. Every part keeps its place as bids rain. */
export function RunningLot({ auction, reserveMinor }: RunningLotProps) {
  const { figures, terms, lotNumber, title, currency } = auction
  const isReserveMet =
    reserveMinor === null ? figures.isReserveMet : figures.priceMinor >= reserveMinor && figures.bidCount > 0
  const money = (amountMinor: number) => formatBid({ amountMinor, currency })
  return (
    <article className="running" aria-labelledby="running-lot">
      <header className="running-head">
        <h2 id="running-lot">
          <span className="running-number figures">Lot {lotNumber}</span> {title}
        </h2>
        <div className="running-badges">
          {terms.type === 'english' && terms.closing.kind === 'sudden-death' && (
            <Badge tone="warning">Sudden death</Badge>
          )}
          {isReserveMet !== null && (
            <Badge tone={isReserveMet ? 'money' : 'upcoming'}>
              {isReserveMet ? 'Reserve met' : 'Below the reserve'}
            </Badge>
          )}
          {figures.extensions > 0 && (
            <Badge tone="upcoming">
              <Timer className="running-timer" aria-hidden="true" />
              Extended {figures.extensions}×
            </Badge>
          )}
        </div>
      </header>
      <div className="running-main">
        <p className="running-price figures">
          <PriceNow auction={auction} />
        </p>
        <Countdown
          size="xl"
          endsAtMs={figures.endsAtMs}
          label={`Lot ${lotNumber} ends`}
          labelHidden
          totalMs={terms.type === 'english' ? terms.durationSeconds * 1_000 : figures.endsAtMs - auction.startedAtMs}
        />
      </div>
      <p className="running-leader">
        {figures.leader ? (
          <>
            <span className="running-paddle figures">
              <span className="visually-hidden">Paddle </span>
              {figures.leader.number}
            </span>
            <strong>{figures.leader.name}</strong>
          </>
        ) : (
          <span className="running-nobody">{terms.type === 'dutch' ? 'First tap wins' : 'No bid yet'}</span>
        )}
      </p>
      <p className="running-facts figures">
        {terms.type === 'english' && (
          <>
            <span>{bidsWords(figures.bidCount)}</span>
            <span>next {money(figures.nextMinimumMinor)}</span>
          </>
        )}
        {terms.type === 'dutch' && <span>down to {money(terms.floorMinor)}</span>}
        {figures.buyNowMinor !== null && <span>buy now {money(figures.buyNowMinor)}</span>}
        {reserveMinor !== null && <span>reserve {money(reserveMinor)}</span>}
      </p>
    </article>
  )
}

function PriceNow({ auction }: { auction: Auction }) {
  return auction.terms.type === 'dutch' ? <FallingPrice auction={auction} /> : priceWords(auction)
}

function FallingPrice({ auction }: { auction: Auction }) {
  const { nowMs } = useAuctionTime(auction)
  return <>{formatBid({ amountMinor: priceAt(auction, nowMs), currency: auction.currency })}</>
}
