import type { AuctionView } from '@livelot/client'
import type { Win } from '@livelot/client/contracts'
import { CircleCheck, TrendingUp } from 'lucide-react'
import { classNames } from '../parts/class-names.ts'
import { Picture } from '../parts/picture.tsx'
import { formatBid } from './amounts.ts'
import { AuctionStrip } from './auction-strip.tsx'
import './auction-ticket.css'
import { BidAction } from './bid-action.tsx'
import type { Placing } from './bid-desk.ts'
import { BidNews } from './bid-news.tsx'
import { type Bidder, paddleWords, priceAt } from './bidding.ts'
import { Outcome } from './outcome.tsx'
import { useAuctionTime } from './use-server-time.ts'
import { isGone } from './win-words.ts'

/** What the page around the ticket knows and does. */
export type BiddingView = {
  bidder: Bidder
  placing: Placing
  /** The full price of a bid, once it is known what comes on top for this person. */
  allIn: ((hammerMinor: number) => number) | null
  isConnected: boolean
  /** Payment of a win in this auction. */
  win: Win | null
  /** Counts up with each moment of being outbid; moves the ticket once. */
  outbidMoments: number
}

export type BiddingActions = {
  /** One tap: this amount, as it stood on the button. */
  bid: (amountMinor: number) => void
  openBidSheet: () => void
  openBuySheet: () => void
  enter: () => void
  signIn: () => void
  again: () => void
  confirm: () => void
  openMyBids: () => void
  fixPayment: (win: Win) => void
}

type AuctionTicketProps = { auction: AuctionView; view: BiddingView; actions: BiddingActions }

export function AuctionTicket({ auction, view, actions }: AuctionTicketProps) {
  const time = useAuctionTime(auction)
  const { standing } = auction.own
  const isTakenBack = view.win !== null && isGone(view.win)
  const priceMinor = priceAt(auction, time.nowMs)
  const running = auction.figures.state === 'running'
  // Two names for one movement, in turn, because a browser plays an animation again only under another name.
  const nudge = standing === 'outbid' && view.outbidMoments > 0 && `auction-nudge-${view.outbidMoments % 2}`
  return (
    <article
      className={classNames('auction', nudge)}
      data-lot="auction"
      data-standing={isTakenBack ? 'lost' : standing}
      data-state={auction.figures.state}
    >
      <AuctionStrip auction={auction} time={time} isTakenBack={isTakenBack} />
      <Picture src={auction.pictureUrl} alt="" eager className="auction-picture" />
      <div className="auction-words">
        <h2 className="auction-title">{auction.title}</h2>
        <Leader auction={auction} />
      </div>
      <div className="auction-figures">
        <strong className="auction-price figures">
          {formatBid({ amountMinor: priceMinor, currency: auction.currency })}
        </strong>
        <PriceNote auction={auction} />
      </div>
      {running ? (
        <>
          <BidAction {...{ auction, view, actions, priceMinor }} timeIsOver={time.look === 'over'} />
          <BidNews {...{ auction, view, actions }} />
        </>
      ) : (
        <Outcome {...{ auction, view, actions }} />
      )}
    </article>
  )
}

/** Who leads. Reserves its line from the first moment, so that the first bid moves nothing. */
function Leader({ auction }: { auction: AuctionView }) {
  const { standing } = auction.own
  const { leader, outcome } = auction.figures
  if (standing === 'leading')
    return (
      <p className="auction-leader auction-leader-own">
        <CircleCheck aria-hidden="true" />
        You lead
      </p>
    )
  if (standing === 'outbid')
    return (
      <p className="auction-leader auction-leader-other">
        <TrendingUp aria-hidden="true" />
        <span>{leader ? `Outbid by ${leader.name}` : 'Outbid'}</span>
      </p>
    )
  if (auction.terms.type === 'dutch' && !leader) return <p className="auction-leader">First tap takes it</p>
  if (!leader) return <p className="auction-leader">{outcome ? 'No bids' : 'No bids yet'}</p>
  return <p className="auction-leader">{standing === 'won' ? 'You' : paddleWords(leader)}</p>
}

function PriceNote({ auction }: { auction: AuctionView }) {
  const { bidCount, isReserveMet } = auction.figures
  if (auction.terms.type === 'dutch') return <p className="auction-note">falls in steps</p>
  return (
    <p className="auction-note figures">
      {bidCount === 0 ? 'start price' : bidCount === 1 ? '1 bid' : `${bidCount} bids`}
      {isReserveMet !== null && (
        <span className={isReserveMet ? 'auction-reserve-met' : 'auction-reserve'}>
          {isReserveMet ? 'Reserve met' : 'Reserve not met'}
        </span>
      )}
    </p>
  )
}
