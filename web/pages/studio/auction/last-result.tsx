import type { Auction, Lot } from '@livelot/client/contracts'
import { RotateCcw } from 'lucide-react'
import { formatBid } from '../../../bidding/amounts.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Countdown } from '../../../parts/countdown.tsx'
import { isStartable, type Payment } from './block-state.ts'
import { bidsWords, priceWords } from './lot-words.ts'
import './last-result.css'

/** What is known of the money of a sold lot. */
export function PaymentBadge({ auction, payment }: { auction: Auction; payment: Payment | undefined }) {
  if (auction.figures.outcome === 'unsold') return <Badge>Not sold</Badge>
  switch (payment) {
    case 'paid':
      return <Badge tone="money">Paid</Badge>
    case 'passed_on':
      return <Badge tone="warning">Unpaid, offered to the next bidder</Badge>
    case 'not_sold':
      return <Badge tone="warning">Payment failed</Badge>
    case undefined:
      return <Badge tone="money">Sold</Badge>
  }
}

type LastResultProps = {
  auction: Auction
  payment: Payment | undefined
  /** Null where the lot has moved on since. */
  lot: Lot | null
  isOver: boolean
  onRelist: (lotId: string) => void
}

/** Stays until the next lot starts, so that the host can say who got it. */
export function LastResult({ auction, payment, lot, isOver, onRelist }: LastResultProps) {
  const { figures, lotNumber, title } = auction
  const isSold = figures.outcome !== 'unsold'
  return (
    <article className="result" data-sold={isSold && payment !== 'not_sold'} aria-label="Last lot">
      <div className="result-words">
        <p className="result-what">
          <span className="figures">Lot {lotNumber}</span> {title}
        </p>
        {isSold ? (
          <h2 className="result-outcome">
            {figures.outcome === 'bought' ? 'Bought' : 'Sold'}{' '}
            <strong className="figures">{priceWords(auction)}</strong>
            {figures.leader && (
              <span className="result-winner">
                {figures.leader.name}, paddle <span className="figures">{figures.leader.number}</span>
              </span>
            )}
          </h2>
        ) : (
          <h2 className="result-outcome">
            Not sold
            <span className="result-winner">
              {figures.bidCount === 0 ? 'No bids' : `Reserve not met at ${priceWords(auction)}`}
            </span>
          </h2>
        )}
        <p className="result-facts">
          {isSold && payment && <PaymentBadge auction={auction} payment={payment} />}
          <span className="figures">{bidsWords(figures.bidCount)}</span>
        </p>
      </div>
      {lot && !isOver && isStartable(lot) && (
        <Button tone="outline" icon={<RotateCcw aria-hidden="true" />} onClick={() => onRelist(lot.lotId)}>
          Relist
        </Button>
      )}
    </article>
  )
}

/** A longer lot that runs while others are sold in front of the camera. */
export function BesideRow({ auction }: { auction: Auction }) {
  const { figures, currency } = auction
  return (
    <article className="beside" aria-label={`Also running: lot ${auction.lotNumber}`}>
      <span>
        <span className="running-number figures">Lot {auction.lotNumber}</span> {auction.title}
      </span>
      <strong className="figures">{formatBid({ amountMinor: figures.priceMinor, currency })}</strong>
      <span className="figures">{bidsWords(figures.bidCount)}</span>
      <Countdown size="s" endsAtMs={figures.endsAtMs} label={`Lot ${auction.lotNumber} ends`} labelHidden />
    </article>
  )
}
