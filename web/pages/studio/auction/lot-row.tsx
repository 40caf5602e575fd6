import type { Lot } from '@livelot/client/contracts'
import { ArrowDown, ArrowUp, CopyPlus, ListStart, Pencil, Trash2 } from 'lucide-react'
import { formatBid } from '../../../bidding/amounts.ts'
import { Badge } from '../../../parts/badge.tsx'
import { IconButton } from '../../../parts/button.tsx'
import { Menu } from '../../../parts/menu.tsx'
import { Picture } from '../../../parts/picture.tsx'
import { termsWords } from './lot-words.ts'

type LotRowProps = {
  lot: Lot
  isNext: boolean
  isFirst: boolean
  isLast: boolean
  isLocked: boolean
  onMove: (step: -1 | 1) => void
  onNext: () => void
  onEdit: () => void
  onMoreLike: () => void
  onRemove: () => void
}

export function LotRow({ lot, isNext, isFirst, isLast, isLocked, ...does }: LotRowProps) {
  const name = `lot ${lot.number}, ${lot.title}`
  return (
    <li className={isNext ? 'lot-row lot-row-next' : 'lot-row'}>
      <span className="lot-number figures">
        <span className="visually-hidden">Lot </span>
        {lot.number}
      </span>
      <Picture src={lot.pictureUrl} alt="" />
      <div className="lot-row-words">
        <h4>{lot.title}</h4>
        <p>{termsWords(lot.terms, lot.startPrice.currency)}</p>
        {lot.preBidCount !== null && lot.preBidCount > 0 && <Badge tone="upcoming">{lot.preBidCount} pre-bids</Badge>}
      </div>
      <strong className="lot-row-price figures">{formatBid(lot.startPrice)}</strong>
      {!isLocked && (
        <div className="lot-row-acts">
          <IconButton
            className="lot-row-move"
            label={`Move up ${name}`}
            disabled={isFirst}
            onClick={() => does.onMove(-1)}
          >
            <ArrowUp aria-hidden="true" />
          </IconButton>
          <IconButton
            className="lot-row-move"
            label={`Move down ${name}`}
            disabled={isLast}
            onClick={() => does.onMove(1)}
          >
            <ArrowDown aria-hidden="true" />
          </IconButton>
          <Menu
            label={`More for ${name}`}
            trigger="⋯"
            triggerClassName="icon-button icon-button-plain"
            items={[
              ...(isNext
                ? []
                : [{ label: 'Sell it next', icon: <ListStart aria-hidden="true" />, onSelect: does.onNext }]),
              ...(isFirst
                ? []
                : [{ label: 'Move up', icon: <ArrowUp aria-hidden="true" />, onSelect: () => does.onMove(-1) }]),
              ...(isLast
                ? []
                : [{ label: 'Move down', icon: <ArrowDown aria-hidden="true" />, onSelect: () => does.onMove(1) }]),
              { label: 'Edit', icon: <Pencil aria-hidden="true" />, onSelect: does.onEdit },
              { label: 'Add several like this', icon: <CopyPlus aria-hidden="true" />, onSelect: does.onMoreLike },
              { label: 'Remove', icon: <Trash2 aria-hidden="true" />, danger: true, onSelect: does.onRemove },
            ]}
          />
        </div>
      )}
    </li>
  )
}
