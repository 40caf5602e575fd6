import type { Lot } from '@livelot/client/contracts'
import { Bell, BellOff, Gavel, Ticket } from 'lucide-react'
import type { ReactNode } from 'react'
import { useBidSound } from '../../bidding/bid-sound.ts'
import { LotsList } from '../../bidding/lots-list.tsx'
import type { PreBids } from '../../bidding/use-pre-bids.ts'
import { Button } from '../../parts/button.tsx'
import type { Loadable } from '../../parts/loadable.ts'
import type { RoomView } from './room-view.ts'
import { Shelf } from './shelf.tsx'
import './show-panel.css'

export type ShowPanelProps = {
  room: RoomView
  lots: Loadable<Lot[]>
  preBids: PreBids
  stagedAuctionId: string | null
  isSignedIn: boolean
  fairness: ReactNode
  onBuy: (productId: string) => void
  onPreBid: (lot: Lot) => void
  onShowAuction: (auctionId: string) => void
  onMyBids: () => void
  /** The own paddle, with card and limit; null before there is one. */
  paddle: { number: number; show: () => void } | null
}

/** What is in this show beside the one thing on the block: lots, products, own bids, and how fair it went. */
export function ShowPanel(props: ShowPanelProps) {
  const { room, lots, isSignedIn, onMyBids } = props
  const [soundOn, toggleSound] = useBidSound()
  const hasLots = lots.status !== 'ready' || lots.data.length > 0
  return (
    <div className="show-panel">
      {hasLots && (
        <section aria-labelledby="show-lots">
          <h3 id="show-lots" className="show-panel-title">
            Lots
          </h3>
          <LotsList
            lots={lots}
            preBids={props.preBids}
            stagedAuctionId={props.stagedAuctionId}
            onPreBid={props.onPreBid}
            onShow={props.onShowAuction}
          />
          <div className="show-panel-tools">
            {isSignedIn && (
              <Button tone="outline" size="s" icon={<Gavel aria-hidden="true" />} onClick={onMyBids}>
                My bids
              </Button>
            )}
            {props.paddle && (
              <Button tone="outline" size="s" icon={<Ticket aria-hidden="true" />} onClick={props.paddle.show}>
                Paddle {props.paddle.number}
              </Button>
            )}
            <Button
              tone="outline"
              size="s"
              aria-pressed={soundOn}
              icon={soundOn ? <Bell aria-hidden="true" /> : <BellOff aria-hidden="true" />}
              onClick={toggleSound}
            >
              {soundOn ? 'Bid sounds on' : 'Bid sounds off'}
            </Button>
          </div>
        </section>
      )}
      <section aria-labelledby="show-shelf">
        <h3 id="show-shelf" className={hasLots ? 'show-panel-title' : 'visually-hidden'}>
          Products
        </h3>
        <Shelf room={room} onBuy={props.onBuy} />
      </section>
      {hasLots && props.fairness}
    </div>
  )
}
