import type { Lot, ProductSummary, Variant } from '@livelot/client/contracts'
import { Gavel } from 'lucide-react'
import { useState } from 'react'
import type { Loadable } from '../../../parts/loadable.ts'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../../parts/states.tsx'
import { useToast } from '../../../parts/toast.tsx'
import type { AuctionDesk } from './auction-model.ts'
import { LotComposer } from './lot-composer.tsx'
import { formOfLot, type LotForm } from './lot-form.ts'
import { LotRow } from './lot-row.tsx'
import './lots-desk.css'

type LotsDeskProps = {
  desk: AuctionDesk
  products: readonly ProductSummary[]
  variantsOf: (productId: string) => Loadable<readonly Variant[]>
  nextLotId: string | null
  onNext: (lotId: string | null) => void
  onEdit: (lot: Lot) => void
}

/** Lots are prepared here: added on top, put in order below. */
export function LotsDesk({ desk, products, variantsOf, nextLotId, onNext, onEdit }: LotsDeskProps) {
  const [model, setModel] = useState<{ form: LotForm; times: number } | null>(null)
  const moreLike = (lot: Lot) =>
    setModel((before) => ({ form: formLike(lot, products), times: (before?.times ?? 0) + 1 }))
  return (
    <div className="lots-desk">
      {desk.isRehearsal && <p className="lots-note">Lots can be changed again when the rehearsal is over.</p>}
      {desk.showState !== 'ended' && !desk.isRehearsal && (
        <LotComposer
          key={model?.times ?? 0}
          initial={model?.form ?? null}
          onAdd={desk.actions.add}
          products={products}
          variantsOf={variantsOf}
        />
      )}
      <Queue desk={desk} nextLotId={nextLotId} onNext={onNext} onEdit={onEdit} onMoreLike={moreLike} />
    </div>
  )
}

/** The same goods and terms, two of them. Goods made up on the spot are made up anew: each is one unit. */
function formLike(lot: Lot, products: readonly ProductSummary[]): LotForm {
  const product = products.find((one) => one.productId === lot.productId) ?? null
  const form = formOfLot(lot)
  return { ...form, product, variantId: product ? lot.variantId : '', copies: '2' }
}

type QueueProps = {
  desk: AuctionDesk
  nextLotId: string | null
  onNext: (lotId: string | null) => void
  onEdit: (lot: Lot) => void
  onMoreLike: (lot: Lot) => void
}

function Queue({ desk, nextLotId, onNext, onEdit, onMoreLike }: QueueProps) {
  const toast = useToast()
  const { lots, actions } = desk
  if (lots.status === 'failed') return <ErrorState message={lots.message} onRetry={lots.retry} />
  if (lots.status === 'loading')
    return (
      <Loading label="Loading lots" className="lots-wait">
        <Skeleton />
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  const waiting = lots.data.filter((lot) => lot.state === 'prepared')
  if (waiting.length === 0)
    return (
      <EmptyState icon={<Gavel aria-hidden="true" />} title="The queue is empty">
        {desk.showState === 'ended'
          ? 'No lot was left when the show ended.'
          : desk.isRehearsal
            ? 'All lots of the rehearsal have run.'
            : 'Type a title and a price above. Lots run in the order in which they stand here.'}
      </EmptyState>
    )
  const tell = (work: Promise<string | null>) => {
    work.then((problem) => problem && toast(problem, 'problem')).catch(() => undefined)
  }
  const moved = (place: number, step: -1 | 1) => {
    const lot = waiting[place]
    const before = step < 0 ? waiting[place - 1] : waiting[place + 2]
    if (lot) tell(actions.move(lot, before?.lotId ?? null))
  }
  return (
    <section aria-label="Queue">
      <h3 className="visually-hidden">Queue</h3>
      <ol className="lots-list">
        {waiting.map((lot, place) => (
          <LotRow
            key={lot.lotId}
            lot={lot}
            isNext={lot.lotId === nextLotId}
            isFirst={place === 0}
            isLast={place === waiting.length - 1}
            isLocked={desk.showState === 'ended' || desk.isRehearsal}
            onMove={(step) => moved(place, step)}
            onNext={() => onNext(lot.lotId)}
            onEdit={() => onEdit(lot)}
            onMoreLike={() => onMoreLike(lot)}
            onRemove={() => tell(actions.remove(lot))}
          />
        ))}
      </ol>
    </section>
  )
}
