import type { AuctionView } from '@livelot/client'
import { ChevronsUp, CircleCheck } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../parts/button.tsx'
import { formatBid } from './amounts.ts'
import type { BiddingActions, BiddingView } from './auction-ticket.tsx'
import './bid-action.css'
import { canEnter } from './refusals.ts'

type BidActionProps = {
  auction: AuctionView
  view: BiddingView
  actions: BiddingActions
  priceMinor: number
  timeIsOver: boolean
}

/** The one big button, and the way to an amount of one's own. Both keep their places in every state. */
export function BidAction(props: BidActionProps) {
  const { auction, view, actions, timeIsOver } = props
  const { standing } = auction.own
  const isDutch = auction.terms.type === 'dutch'
  const canChoose = view.bidder.status === 'entered' && view.isConnected && !timeIsOver && !isDutch
  return (
    <div className={isDutch ? 'bid-action bid-action-single' : 'bid-action'}>
      <MainButton {...props} />
      {!isDutch && (
        <Button
          tone="outline"
          className="bid-other"
          disabled={!canChoose}
          icon={<ChevronsUp aria-hidden="true" />}
          aria-label={standing === 'leading' ? 'Raise your maximum' : 'Maximum or own amount'}
          onClick={actions.openBidSheet}
        >
          {standing === 'leading' ? 'Raise' : 'Max'}
        </Button>
      )}
    </div>
  )
}

function MainButton({ auction, view, actions, priceMinor, timeIsOver }: BidActionProps) {
  const { placing, bidder } = view
  const isMine = placing.phase !== 'idle' && placing.bid.auctionId === auction.auctionId
  if (isMine && placing.phase === 'sending')
    return (
      <Button tone="buy" size="l" wide busy className="bid-main">
        Checking your bid…
      </Button>
    )
  if (isMine && placing.phase === 'unknown')
    return (
      <Button tone="plain" size="l" wide className="bid-main" onClick={actions.again}>
        Ask about your bid again
      </Button>
    )
  if (timeIsOver) return <Waiting>Closing…</Waiting>
  if (!view.isConnected) return <Waiting>Reconnecting…</Waiting>
  if (bidder.status === 'guest')
    return (
      <Button size="l" wide className="bid-main" onClick={actions.signIn}>
        Sign in to bid
      </Button>
    )
  if (bidder.status === 'unknown') return <Waiting>One moment…</Waiting>
  if (bidder.status === 'failed' || bidder.status === 'outside') {
    const barred = bidder.status === 'outside' && !canEnter(bidder.missing)
    return (
      <Button size="l" wide className="bid-main" disabled={barred} onClick={actions.enter}>
        {barred ? 'You cannot bid here' : 'Get your paddle to bid'}
      </Button>
    )
  }
  // A leader who taps once more would only bid against oneself.
  if (auction.own.standing === 'leading')
    return (
      <p className="bid-leads">
        <CircleCheck aria-hidden="true" />
        You lead at {formatBid({ amountMinor: priceMinor, currency: auction.currency })}
      </p>
    )
  return <OfferButton auction={auction} view={view} priceMinor={priceMinor} onBid={actions.bid} />
}

function Waiting({ children }: { children: string }) {
  return (
    <Button size="l" wide disabled className="bid-main">
      {children}
    </Button>
  )
}

type OfferButtonProps = {
  auction: AuctionView
  view: BiddingView
  priceMinor: number
  onBid: (amountMinor: number) => void
}

function OfferButton({ auction, view, priceMinor, onBid }: OfferButtonProps) {
  const isDutch = auction.terms.type === 'dutch'
  const amountMinor = isDutch ? priceMinor : auction.figures.nextMinimumMinor
  // What stood on the button as the finger came down is what is bid, even if a rival changes it before the finger lifts.
  const seenMinor = useRef<number | null>(null)
  const money = (minor: number) => formatBid({ amountMinor: minor, currency: auction.currency })
  return (
    <Button
      tone="buy"
      size="l"
      wide
      className="bid-main"
      onPointerDown={() => {
        seenMinor.current = amountMinor
      }}
      onClick={() => {
        onBid(seenMinor.current ?? amountMinor)
        seenMinor.current = null
      }}
    >
      <span className="bid-amount figures">
        {isDutch ? 'Take it for' : 'Bid'} {money(amountMinor)}
      </span>
      <span className="bid-all-in figures">
        {' · '}
        {view.allIn ? `${money(view.allIn(amountMinor))} all-in` : 'full price follows'}
      </span>
    </Button>
  )
}
