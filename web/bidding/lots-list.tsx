import type { Lot } from '@livelot/client/contracts'
import { Button } from '../parts/button.tsx'
import '../parts/goods-row.css'
import type { Loadable } from '../parts/loadable.ts'
import { Picture } from '../parts/picture.tsx'
import { ErrorState, Loading, Skeleton } from '../parts/states.tsx'
import { formatBid } from './amounts.ts'
import './lots-list.css'
import type { PreBids } from './use-pre-bids.ts'

type LotsListProps = {
  lots: Loadable<Lot[]>
  /** Own maxima that were placed before the start, by lot. */
  preBids: PreBids
  /** Lots that run and can be shown instead of the one on the block. */
  stagedAuctionId: string | null
  onPreBid: (lot: Lot) => void
  onShow: (auctionId: string) => void
}

/** What runs and what comes up, in the host's order. */
export function LotsList(props: LotsListProps) {
  const { lots } = props
  if (lots.status === 'failed') return <ErrorState message={lots.message} onRetry={lots.retry} />
  if (lots.status === 'loading')
    return (
      <Loading label="Loading the lots" className="lots-wait">
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  const shown = [
    ...lots.data.filter(({ state }) => state === 'running'),
    ...lots.data.filter(({ state }) => state === 'prepared'),
  ]
  if (shown.length === 0) return <p className="lots-empty">No lots are waiting. The host may add some at any time.</p>
  return (
    <ol className="goods-rows lots">
      {shown.map((lot) => (
        <LotRow key={lot.lotId} {...props} lot={lot} />
      ))}
    </ol>
  )
}

function LotRow({ lot, preBids, stagedAuctionId, onPreBid, onShow }: LotsListProps & { lot: Lot }) {
  const running = lot.state === 'running'
  const own = preBids.get(lot.lotId)
  const money = (amountMinor: number) => formatBid({ amountMinor, currency: lot.startPrice.currency })
  const allowsPreBids = lot.terms.type === 'english' && lot.terms.preBidsAllowed && lot.state === 'prepared'
  const canShow = running && lot.auctionId !== null && lot.auctionId !== stagedAuctionId
  return (
    <li className={running ? 'goods-row goods-row-on' : 'goods-row'}>
      <Picture src={lot.pictureUrl} alt="" />
      <div className="goods-row-words">
        <h3 className="goods-row-name">
          <span className="figures">{lot.number}</span> {lot.title}
        </h3>
        <p className="lots-note figures">
          {running ? 'Runs now' : startWords(lot, money)}
          {own?.state === 'open' && <strong> · your maximum {money(own.maximumMinor)}</strong>}
          {own?.state === 'void' && <strong> · your {money(own.maximumMinor)} is void, bid again</strong>}
        </p>
      </div>
      {allowsPreBids && (
        <Button tone="outline" size="s" aria-label={`Bid ahead on lot ${lot.number}`} onClick={() => onPreBid(lot)}>
          {own?.state === 'open' ? 'Raise' : 'Bid ahead'}
        </Button>
      )}
      {canShow && (
        <Button size="s" aria-label={`Show lot ${lot.number}`} onClick={() => onShow(lot.auctionId ?? '')}>
          Show
        </Button>
      )}
    </li>
  )
}

function startWords({ terms, startPrice, preBidCount }: Lot, money: (amountMinor: number) => string): string {
  const start = money(startPrice.amountMinor)
  if (terms.type === 'dutch') return `Falls from ${start}`
  const before = preBidCount ? ` · ${preBidCount === 1 ? '1 bid' : `${preBidCount} bids`} ahead` : ''
  return `Starts at ${start}${before}`
}
