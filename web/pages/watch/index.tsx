import type { Auction, Lot } from '@livelot/client/contracts'
import { useMemo, useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { FairnessPanel } from '../../bidding/fairness-panel.tsx'
import { type PageBidding, useBidding } from '../../bidding/use-bidding.ts'
import { useLots } from '../../bidding/use-lots.ts'
import { type PreBids, usePreBids } from '../../bidding/use-pre-bids.ts'
import { needsBidder } from '../../bidding/use-wins.ts'
import { BuySheet } from '../../buying/buy-sheet.tsx'
import { usePurchase } from '../../buying/use-purchase.ts'
import { RoomCoupon } from '../../coupons/room-coupon.tsx'
import { signInPath, useSession } from '../../data/client.tsx'
import { sentenceOf } from '../../data/sentences.ts'
import { useChat } from '../../data/use-chat.ts'
import { knownRoom, useRoom } from '../../data/use-room.ts'
import { useTitle } from '../../data/use-title.ts'
import { useVideo } from '../../data/use-video.ts'
import { useVideoDelay } from '../../data/use-video-delay.ts'
import { RoomGiveaway } from '../../giveaways/room-giveaway.tsx'
import { ButtonLink } from '../../parts/button.tsx'
import { EmptyState, Loading, Skeleton } from '../../parts/states.tsx'
import { useWaiting } from '../../waiting/use-waiting.ts'
import { BiddingSheets } from './bidding-sheets.tsx'
import { saleOnStage } from './room-view.ts'
import { WatchView } from './watch-view.tsx'

export function Component() {
  const { showId = '' } = useParams()
  return <WatchPage key={showId} showId={showId} />
}

function WatchPage({ showId }: { showId: string }) {
  const { client, account } = useSession()
  const navigate = useNavigate()
  const { room, state } = useRoom(showId)
  const chat = useChat(room)
  const { video, attach, session } = useVideo(client, showId, state?.show?.state === 'live')
  const { purchase, actions, buySale, buyProduct, couponCode, chooseCoupon } = usePurchase(room)
  const videoDelayMs = useVideoDelay(session)
  const lots = useLots(showId, room)
  const bidding = useBidding(showId, room, {
    auctions: state?.auctions ?? noAuctions,
    isConnected: state?.status === 'online',
  })
  const [preBidLot, setPreBidLot] = useState<Lot | null>(null)
  const { preBids, placed } = usePreBids(showId, room)
  const known = useMemo(() => (state ? knownRoom(state) : null), [state])
  const waiting = useWaiting(room, known && saleOnStage(known.sales, known.pinnedProductId))
  useTitle(known?.show.title)

  if (state?.status === 'closed' && state.error)
    return (
      <div className="page">
        <EmptyState title="You cannot enter this show" action={<ButtonLink to="/">See what is on</ButtonLink>}>
          {sentenceOf(state.error)}
        </EmptyState>
      </div>
    )
  if (!known)
    return (
      <Loading label="Entering the show" className="watch watch-wait">
        <Skeleton shape="block" className="stage" />
      </Loading>
    )
  return (
    <>
      <WatchView
        room={known}
        bidding={bidding}
        waiting={waiting}
        coupon={
          known.show.state === 'live' && <RoomCoupon coupons={known.coupons} chosen={couponCode} onUse={chooseCoupon} />
        }
        giveaway={<RoomGiveaway room={room} giveaway={known.giveaway} isTeam={known.rights.canModerate} />}
        unpaid={bidding.wins.wins.filter((win) => needsBidder(win) && win.auctionId !== bidding.auction?.auctionId)}
        panel={{
          lots,
          preBids,
          stagedAuctionId: bidding.auction?.auctionId ?? null,
          isSignedIn: Boolean(account),
          fairness: <FairnessPanel showId={showId} videoDelayMs={videoDelayMs} />,
          onPreBid: (lot) => preBidOrEnter(bidding, lot, setPreBidLot),
          onShowAuction: bidding.choose,
          onMyBids: bidding.actions.openMyBids,
          paddle: paddleOf(bidding),
        }}
        video={video}
        account={account ?? null}
        chatProblem={chat.problem}
        chatWaitSeconds={chat.waitSeconds}
        actions={{
          attachVideo: attach,
          sendChat: chat.send,
          addHeart: () => room?.heart(),
          buyProduct: (productId) => buyProduct(productId, nameOf(known.shelf, productId)),
          buySale: (flashSaleId) =>
            buySale(flashSaleId, known.sales.find((sale) => sale.flashSaleId === flashSaleId)?.productName ?? ''),
          signIn: () => navigate(signInPath(window.location.pathname)),
        }}
      />
      <BuySheet purchase={purchase} actions={actions} />
      <BiddingSheets
        showId={showId}
        bidding={bidding}
        preBid={{
          lot: preBidLot,
          ownMinor: preBidLot ? standingPreBid(preBids, preBidLot.lotId) : null,
          close: () => setPreBidLot(null),
          placed: (lotId, maximumMinor) => {
            placed(lotId, maximumMinor)
            setPreBidLot(null)
          },
        }}
      />
    </>
  )
}

const noAuctions: readonly Auction[] = []

function paddleOf({ view: { bidder }, actions }: PageBidding) {
  return bidder.status === 'entered' ? { number: bidder.entry.paddle.number, show: actions.enter } : null
}

function standingPreBid(preBids: PreBids, lotId: string): number | null {
  const own = preBids.get(lotId)
  return own?.state === 'open' ? own.maximumMinor : null
}

/** A bid before the start needs what any bid needs. */
function preBidOrEnter({ view, actions }: PageBidding, lot: Lot, open: (lot: Lot) => void): void {
  if (view.bidder.status === 'entered') open(lot)
  else if (view.bidder.status === 'guest') actions.signIn()
  else actions.enter()
}

function nameOf(shelf: readonly { productId: string; name: string }[], productId: string): string {
  return shelf.find((item) => item.productId === productId)?.name ?? ''
}
