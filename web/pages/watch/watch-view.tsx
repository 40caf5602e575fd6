import type { Account, Win } from '@livelot/client/contracts'
import { Heart, ShoppingBag } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { ChatComposer, ChatList } from '../../parts/chat.tsx'
import { ConnectionBanner } from '../../parts/connection-banner.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import type { Waiting } from '../../waiting/use-waiting.ts'
import { type Bidding, Lot } from './lot.tsx'
import { PayRows } from './pay-rows.tsx'
import type { RoomView, VideoState } from './room-view.ts'
import { ShowPanel, type ShowPanelProps } from './show-panel.tsx'
import { Stage } from './stage.tsx'
import { usePhoneLayout } from './use-phone-layout.ts'
import './watch.css'
import './watch-wide.css'

export type WatchActions = {
  attachVideo: (element: HTMLVideoElement | null) => void
  sendChat: (text: string) => Promise<boolean>
  addHeart: () => void
  buyProduct: (productId: string) => void
  buySale: (flashSaleId: string) => void
  signIn: () => void
}

type WatchViewProps = {
  room: RoomView
  bidding: Bidding
  /** The line of the sale on stage, where it has one. */
  waiting: Waiting | null
  coupon: ReactNode
  giveaway: ReactNode
  /** Own wins that wait for a payment and are not on the block. */
  unpaid: readonly Win[]
  panel: Omit<ShowPanelProps, 'room' | 'onBuy'>
  video: VideoState
  account: Account | null
  chatProblem: string | null
  chatWaitSeconds: number
  actions: WatchActions
}

export function WatchView(props: WatchViewProps) {
  const { room, bidding, coupon, giveaway, unpaid, panel, video, account, actions } = props
  const [shelfOpen, setShelfOpen] = useState(false)
  const phone = usePhoneLayout()
  const live = room.show.state === 'live'
  return (
    <div className="watch">
      <ConnectionBanner state={room.connection} />
      <Stage room={room} video={video} attachVideo={actions.attachVideo} />
      <section className="watch-lot" aria-label="On the block">
        {coupon}
        {giveaway}
        <Lot
          room={room}
          bidding={bidding}
          onBuyProduct={actions.buyProduct}
          onBuySale={actions.buySale}
          line={{ waiting: props.waiting, isSignedIn: account !== null, onSignIn: actions.signIn }}
        />
        <PayRows wins={unpaid} onFix={bidding.actions.fixPayment} />
      </section>
      <section className="watch-chat" aria-label="Chat">
        <h2 className="watch-chat-title">Chat</h2>
        <ChatList
          lines={room.chat}
          overVideo={phone}
          ownName={account?.displayName ?? null}
          quiet={live ? undefined : ''}
        />
      </section>
      <WatchBar {...props} phone={phone} onShelf={() => setShelfOpen(true)} />
      <aside className="watch-shelf" aria-label="Lots and products of this show">
        <h2 className="watch-shelf-title">In this show</h2>
        <ShowPanel {...panel} room={room} onBuy={actions.buyProduct} />
      </aside>
      <Sheet open={shelfOpen} onClose={() => setShelfOpen(false)} title="In this show">
        <ShowPanel
          {...closing(panel, () => setShelfOpen(false))}
          room={room}
          onBuy={(productId) => {
            setShelfOpen(false)
            actions.buyProduct(productId)
          }}
        />
      </Sheet>
    </div>
  )
}

type Panel = WatchViewProps['panel']

/** Another sheet opens by these, so the one they stand in closes first. */
function closing(panel: Panel, close: () => void): Panel {
  const first =
    <A extends unknown[]>(run: (...args: A) => void) =>
    (...args: A) => {
      close()
      run(...args)
    }
  return {
    ...panel,
    onPreBid: first(panel.onPreBid),
    onShowAuction: first(panel.onShowAuction),
    onMyBids: first(panel.onMyBids),
    paddle: panel.paddle && { ...panel.paddle, show: first(panel.paddle.show) },
  }
}

type WatchBarProps = WatchViewProps & { phone: boolean; onShelf: () => void }

function WatchBar({ room, panel, account, chatProblem, chatWaitSeconds, actions, phone, onShelf }: WatchBarProps) {
  const live = room.show.state === 'live'
  const lots = panel.lots.status === 'ready' ? panel.lots.data.filter(({ state }) => state === 'prepared').length : 0
  const waiting = room.shelf.length + lots
  return (
    <div className="watch-bar">
      {account || !live ? (
        <ChatComposer
          onSend={actions.sendChat}
          disabledReason={chatClosedBecause(room)}
          waitSeconds={chatWaitSeconds}
          problem={chatProblem}
          overVideo={phone}
        />
      ) : (
        <Button tone="outline" wide className="watch-sign-in" onClick={actions.signIn}>
          Sign in to chat
        </Button>
      )}
      <IconButton
        label={`Lots and products: ${waiting}`}
        tone={phone ? 'glass' : 'plain'}
        className="watch-bag"
        onClick={onShelf}
      >
        <ShoppingBag aria-hidden="true" />
        <span className="watch-bag-count figures" aria-hidden="true">
          {waiting}
        </span>
      </IconButton>
      <IconButton
        label="Send a heart"
        tone={phone ? 'glass' : 'plain'}
        className="watch-heart"
        disabled={!live}
        onClick={actions.addHeart}
      >
        <Heart aria-hidden="true" />
      </IconButton>
    </div>
  )
}

function chatClosedBecause(room: RoomView): string | null {
  if (room.show.state === 'ended') return 'The chat is closed'
  if (room.show.state === 'scheduled') return 'Opens with the show'
  if (!room.rights.canChat) return 'You are muted in this show'
  return room.connection === 'offline' ? 'You are offline' : null
}
