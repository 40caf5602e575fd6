import type { Lot } from '@livelot/client/contracts'
import { Pencil } from 'lucide-react'
import { formatBid } from '../../../bidding/amounts.ts'
import { Button, IconButton } from '../../../parts/button.tsx'
import { classNames } from '../../../parts/class-names.ts'
import { Picture } from '../../../parts/picture.tsx'
import { termsWords } from './lot-words.ts'
import { START_KEY } from './use-start-key.ts'
import './next-lot.css'

type NextLotProps = {
  lot: Lot
  /** Something runs: the next lot stands small below it. */
  isBeside: boolean
  hindrance: string | null
  problem: string | null
  busy: boolean
  onStart: () => void
  onEdit: (() => void) | null
}

export function NextLot({ lot, isBeside, hindrance, problem, busy, onStart, onEdit }: NextLotProps) {
  const again = lot.auctionId !== null
  return (
    <article className={classNames('next-lot', isBeside && 'next-lot-beside')} aria-label="Next lot">
      <Picture src={lot.pictureUrl} alt="" />
      <div className="next-lot-words">
        <p className="next-lot-kicker">{again ? 'Next, once more' : 'Next'}</p>
        <h3>
          <span className="running-number figures">Lot {lot.number}</span> {lot.title}
        </h3>
        <p className="next-lot-terms">
          <strong className="figures">{formatBid(lot.startPrice)}</strong>{' '}
          <span>{termsWords(lot.terms, lot.startPrice.currency)}</span>
          {(lot.preBidCount ?? 0) > 0 && <span> · {lot.preBidCount} pre-bids wait</span>}
        </p>
      </div>
      <div className="next-lot-act">
        <Button
          tone="live"
          size="l"
          className="next-lot-start"
          disabled={hindrance !== null}
          busy={busy}
          aria-keyshortcuts={START_KEY}
          onClick={onStart}
        >
          Start lot {lot.number}
          <span className="start-key" aria-hidden="true">
            {START_KEY.toUpperCase()}
          </span>
        </Button>
        {onEdit && (
          <IconButton label={`Edit lot ${lot.number}`} onClick={onEdit}>
            <Pencil aria-hidden="true" />
          </IconButton>
        )}
      </div>
      {(problem ?? hindrance) && (
        <p className={problem ? 'next-lot-note field-error' : 'next-lot-note'} role={problem ? 'alert' : undefined}>
          {problem ?? hindrance}
        </p>
      )}
    </article>
  )
}
