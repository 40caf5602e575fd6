import { History, RotateCcw } from 'lucide-react'
import { formatBid } from '../../../bidding/amounts.ts'
import { Button } from '../../../parts/button.tsx'
import { EmptyState, Skeleton } from '../../../parts/states.tsx'
import type { AuctionDesk, LotResult } from './auction-model.ts'
import { isStartable } from './block-state.ts'
import { PaymentBadge } from './last-result.tsx'
import { bidsWords, priceWords } from './lot-words.ts'
import { totalsOf } from './results-total.ts'
import './results-desk.css'

type ResultsDeskProps = { desk: AuctionDesk; onRelist: (lotId: string) => void }

/** The lots that ran, newest first, and what they came to. */
export function ResultsDesk({ desk, onRelist }: ResultsDeskProps) {
  const { results } = desk
  if (results.length === 0)
    return (
      <div className="results-desk">
        <EmptyState icon={<History aria-hidden="true" />} title="Nothing has run yet">
          Sold and unsold lots of this show stand here, with their totals.
        </EmptyState>
      </div>
    )
  return (
    <div className="results-desk">
      <Totals results={results} />
      <ol className="results-list" aria-label="Lots that ran">
        {results.map((result) => (
          <ResultRow
            key={result.lot.lotId}
            result={result}
            onRelist={desk.showState === 'ended' || desk.isRehearsal ? null : () => onRelist(result.lot.lotId)}
          />
        ))}
      </ol>
    </div>
  )
}

function Totals({ results }: { results: readonly LotResult[] }) {
  const { sold, unsold, hammer } = totalsOf(results)
  const share = Math.round((sold / results.length) * 100)
  const facts = [
    ['Hammer total', hammer.length > 0 ? hammer.map(formatBid).join(' + ') : '–'],
    ['Sold', `${sold} (${share}%)`],
    ['Not sold', String(unsold)],
  ] as const
  return (
    <dl className="results-totals figures">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function ResultRow({ result, onRelist }: { result: LotResult; onRelist: (() => void) | null }) {
  const { lot, auction, payment } = result
  return (
    <li className="result-row">
      <span className="lot-number figures">
        <span className="visually-hidden">Lot </span>
        {lot.number}
      </span>
      <div className="lot-row-words">
        <h4>{lot.title}</h4>
        {auction ? (
          <p>
            {auction.figures.leader && `${auction.figures.leader.name}, paddle ${auction.figures.leader.number} · `}
            {bidsWords(auction.figures.bidCount)}
          </p>
        ) : (
          <Skeleton />
        )}
      </div>
      <div className="result-row-end">
        {auction && <strong className="figures">{lot.state === 'sold' ? priceWords(auction) : '–'}</strong>}
        {auction && <PaymentBadge auction={auction} payment={payment} />}
      </div>
      {onRelist && isStartable(lot) && (
        <Button
          size="s"
          tone="outline"
          icon={<RotateCcw aria-hidden="true" />}
          aria-label={`Relist lot ${lot.number}, ${lot.title}`}
          onClick={onRelist}
        >
          Relist
        </Button>
      )}
    </li>
  )
}
