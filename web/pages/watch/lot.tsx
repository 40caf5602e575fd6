import type { AuctionView } from '@livelot/client'
import type { Auction, FlashSale, ShelfItem } from '@livelot/client/contracts'
import { Zap } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { AuctionTicket, type BiddingActions, type BiddingView } from '../../bidding/auction-ticket.tsx'
import { ResultsBeside } from '../../bidding/results-beside.tsx'
import { useAnnounce } from '../../parts/announcer.tsx'
import { Button } from '../../parts/button.tsx'
import { useRemainingMs } from '../../parts/clock.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { formatMoney } from '../../parts/money.ts'
import { Picture } from '../../parts/picture.tsx'
import { Price } from '../../parts/price.tsx'
import { StockBar } from '../../parts/stock-bar.tsx'
import type { Waiting } from '../../waiting/use-waiting.ts'
import { WaitingLine } from '../../waiting/waiting-line.tsx'
import { isSoldOut, type RoomView, saleOnStage } from './room-view.ts'
import './lot.css'

/** The auction on the block, and how this viewer stands in it. */
export type Bidding = {
  auction: AuctionView | null
  /** All that the room tells of; results are looked for among them. */
  auctions: readonly Auction[]
  view: BiddingView
  actions: BiddingActions
}

type LotProps = {
  room: RoomView
  bidding: Bidding
  onBuyProduct: (productId: string) => void
  onBuySale: (flashSaleId: string) => void
  line: SaleLine
}

/** The line of the sale on stage, where it has one, and whether this viewer could stand in it. */
export type SaleLine = { waiting: Waiting | null; isSignedIn: boolean; onSignIn: () => void }

/** What is on the block: the auction while there is one, else the flash sale, else the pinned product. */
export function Lot({ room, bidding, onBuyProduct, onBuySale, line }: LotProps) {
  const { auction } = bidding
  const sale = saleOnStage(room.sales, room.pinnedProductId)
  const connected = room.connection === 'live'
  const pinned = room.shelf.find((item) => item.productId === room.pinnedProductId)
  useTold(sale, pinned)
  // A result gives way to the next sale; an auction that runs does not.
  if (auction && (auction.figures.state === 'running' || sale === null || sale.state === 'closed'))
    return (
      <>
        <AuctionTicket key={auction.auctionId} auction={auction} view={bidding.view} actions={bidding.actions} />
        {sale && isBeside(sale) && <SaleRow sale={sale} connected={connected} onBuy={onBuySale} line={line} />}
        <ResultsBeside auctions={bidding.auctions} stagedId={auction.auctionId} />
      </>
    )
  if (room.show.state === 'ended') return null
  if (sale)
    return (
      <>
        <SaleTicket sale={sale} connected={connected} onBuy={onBuySale} line={line} />
        <ResultsBeside auctions={bidding.auctions} stagedId={null} />
      </>
    )
  if (pinned) return <PinnedTicket item={pinned} onBuy={onBuyProduct} />
  return (
    <div className="ticket ticket-empty">
      <p>Nothing is pinned yet. The host shows products here as they come up.</p>
    </div>
  )
}

/** Says each change once, in words, for people who do not see the ticket change. */
function useTold(sale: FlashSale | null, pinned: ShelfItem | undefined): void {
  const announce = useAnnounce()
  const told = useRef('')
  const words = sale ? saleWords(sale) : pinned ? `Now showing ${pinned.name}, ${formatMoney(pinned.price)}` : ''
  useEffect(() => {
    if (words && words !== told.current) announce(words)
    told.current = words
  }, [words, announce])
}

function saleWords(sale: FlashSale): string {
  if (isSoldOut(sale)) return `${sale.productName} is sold out`
  if (sale.state === 'scheduled') return `Flash sale soon: ${sale.productName} for ${formatMoney(sale.salePrice)}`
  if (sale.state === 'closed') return `The flash sale of ${sale.productName} is over`
  if (sale.remainingUnits === 0) return `${sale.productName}: every unit is reserved`
  return `Flash sale open: ${sale.productName} for ${formatMoney(sale.salePrice)}`
}

function PinnedTicket({ item, onBuy }: { item: ShelfItem; onBuy: (productId: string) => void }) {
  const gone = item.availableUnits === 0
  return (
    <article className="ticket" data-lot="pinned">
      <Picture src={item.pictureUrl} alt="" eager className="ticket-picture" />
      <div className="ticket-words">
        <p className="ticket-brand">{item.brandName}</p>
        <h2 className="ticket-name">{item.name}</h2>
        <Price price={item.price} size="m" className="ticket-price" />
      </div>
      <div className="ticket-act">
        <Button tone="buy" disabled={gone} onClick={() => onBuy(item.productId)}>
          {gone ? 'Sold out' : 'Buy'}
        </Button>
      </div>
    </article>
  )
}

/** Beside a lot stands what can be acted on: units that can be bought, or a line that can be joined. */
const isBeside = (sale: FlashSale): boolean =>
  sale.state === 'open' || (sale.state === 'scheduled' && sale.waitingRoom !== undefined)

/** A flash sale while a lot runs: it can be bought from beside it. */
function SaleRow({ sale, connected, onBuy, line }: SaleTicketProps) {
  const gone = isSoldOut(sale)
  return (
    <div className="sale-row">
      <Zap aria-hidden="true" />
      <span className="sale-row-name">{sale.productName}</span>
      {sale.state === 'scheduled' ? (
        <Countdown endsAtMs={sale.opensAtMs} label="Flash sale opens" size="s" />
      ) : (
        <Countdown endsAtMs={sale.closesAtMs} label="Flash sale ends" labelHidden size="s" />
      )}
      {line.waiting ? (
        <LineOf sale={sale} connected={connected} onBuy={onBuy} line={line} />
      ) : (
        <Button tone="buy" size="s" disabled={gone} onClick={() => onBuy(sale.flashSaleId)}>
          {gone ? 'Sold out' : `Buy ${formatMoney(sale.salePrice)}`}
        </Button>
      )}
    </div>
  )
}

type SaleTicketProps = SaleButtonProps & { line: SaleLine }

function LineOf({ sale, connected, onBuy, line: { waiting, isSignedIn, onSignIn } }: SaleTicketProps) {
  if (!waiting) return null
  return <WaitingLine {...{ sale, waiting, isSignedIn, connected, onBuy, onSignIn }} />
}

function SaleTicket({ sale, connected, onBuy, line }: SaleTicketProps) {
  const heldUnits = sale.totalUnits - sale.remainingUnits - sale.soldUnits
  return (
    <article className="ticket ticket-sale" data-lot="sale" data-sale={saleLook(sale)}>
      <header className="ticket-strip">
        <span className="ticket-strip-name">
          <Zap aria-hidden="true" />
          Flash sale
        </span>
        <SaleTime sale={sale} />
      </header>
      <Picture src={sale.pictureUrl} alt="" eager className="ticket-picture" />
      <div className="ticket-words">
        <h2 className="ticket-name">{sale.productName}</h2>
        <Price price={sale.salePrice} compareAt={sale.priorPrice} size="l" className="ticket-price" />
      </div>
      <div className="ticket-stock">
        <StockBar leftUnits={sale.remainingUnits} totalUnits={sale.totalUnits} heldUnits={heldUnits} />
        <p className="ticket-limit">{sale.perBuyerLimit === 1 ? 'One each' : `Up to ${sale.perBuyerLimit} each`}</p>
      </div>
      {line.waiting ? (
        <LineOf sale={sale} connected={connected} onBuy={onBuy} line={line} />
      ) : (
        <div className="ticket-act">
          <SaleButton sale={sale} connected={connected} onBuy={onBuy} />
        </div>
      )}
    </article>
  )
}

function saleLook(sale: FlashSale): 'scheduled' | 'open' | 'reserved' | 'sold-out' | 'closed' {
  if (isSoldOut(sale)) return 'sold-out'
  if (sale.state !== 'open') return sale.state
  return sale.remainingUnits === 0 ? 'reserved' : 'open'
}

function SaleTime({ sale }: { sale: FlashSale }) {
  if (isSoldOut(sale)) return <span className="ticket-over">Sold out</span>
  if (sale.state === 'closed') return <span className="ticket-over">Over</span>
  return sale.state === 'scheduled' ? (
    <Countdown endsAtMs={sale.opensAtMs} label="Opens in" />
  ) : (
    <Countdown endsAtMs={sale.closesAtMs} label="Ends in" />
  )
}

type SaleButtonProps = { sale: FlashSale; connected: boolean; onBuy: (flashSaleId: string) => void }

function SaleButton({ sale, connected, onBuy }: SaleButtonProps) {
  const untilOpen = useRemainingMs(sale.state === 'scheduled' ? sale.opensAtMs : null)
  if (isSoldOut(sale)) return <Button disabled>Sold out</Button>
  if (sale.state === 'closed') return <Button disabled>Sale is over</Button>
  if (sale.state === 'scheduled') return <Button disabled>{untilOpen > 0 ? 'Opens soon' : 'Opening…'}</Button>
  if (!connected) return <Button disabled>Reconnecting…</Button>
  if (sale.remainingUnits === 0)
    return (
      <Button tone="outline" onClick={() => onBuy(sale.flashSaleId)}>
        Join waitlist
      </Button>
    )
  return (
    <Button tone="buy" onClick={() => onBuy(sale.flashSaleId)}>
      Buy {formatMoney(sale.salePrice)}
    </Button>
  )
}
