import type { AuctionView } from '@livelot/client'
import type { Auction } from '@livelot/client/contracts'
import type { ReactNode } from 'react'
import { Button } from '../parts/button.tsx'
import { formatBid } from './amounts.ts'
import type { BiddingActions, BiddingView } from './auction-ticket.tsx'
import './bid-news.css'
import { canEnter, type Refused, reasonWords } from './refusals.ts'

type BidNewsProps = { auction: AuctionView; view: BiddingView; actions: BiddingActions }

type News = { tone: 'plain' | 'problem' | 'good'; words: ReactNode; step?: { label: string; run: () => void } }

/** One line under the button, always there: what became of the last bid, or what to know before the next. */
export function BidNews(props: BidNewsProps) {
  const { auction, actions } = props
  const news = newsOf(props)
  const { buyNowMinor } = auction.figures
  const offersBuyNow = !news.step && buyNowMinor !== null && auction.terms.type === 'english'
  return (
    <div className={`bid-news bid-news-${news.tone}`}>
      <p role={news.tone === 'problem' ? 'alert' : undefined}>{news.words}</p>
      {news.step && (
        <Button tone="ghost" size="s" onClick={news.step.run}>
          {news.step.label}
        </Button>
      )}
      {offersBuyNow && (
        <Button tone="ghost" size="s" onClick={actions.openBuySheet}>
          Buy now {formatBid({ amountMinor: buyNowMinor, currency: auction.currency })}
        </Button>
      )}
    </div>
  )
}

function newsOf({ auction, view, actions }: BidNewsProps): News {
  const { placing, bidder } = view
  const { currency, auctionId, figures } = auction
  const { standing, maximumMinor } = auction.own
  const money = (amountMinor: number) => formatBid({ amountMinor, currency })
  const isMine = placing.phase !== 'idle' && placing.bid.auctionId === auctionId
  if (isMine && placing.phase === 'sending')
    return {
      tone: 'plain',
      words: placing.isSlow
        ? 'Still on its way. It counts once, however often it is sent.'
        : `${money(placing.bid.amountMinor)} is being decided.`,
    }
  if (isMine && placing.phase === 'unknown')
    return { tone: 'problem', words: `No answer came. Your ${money(placing.bid.amountMinor)} may stand.` }
  if (isMine && placing.phase === 'refused') {
    const step = stepOf(placing.refused, actions)
    return { tone: 'problem', words: placing.refused.sentence, ...(step && { step }) }
  }
  if (isMine && placing.phase === 'accepted' && placing.answer === 'outbid')
    return { tone: 'problem', words: `${money(placing.bid.amountMinor)} counted, but an earlier maximum is higher.` }
  if (bidder.status === 'failed') return { tone: 'problem', words: bidder.sentence }
  if (bidder.status === 'outside' && !canEnter(bidder.missing)) {
    const reason = bidder.missing.find((one) => !reasonWords(one).canMend)
    return { tone: 'plain', words: reason ? reasonWords(reason).sentence : '' }
  }
  if (standing === 'leading' && maximumMinor !== null && maximumMinor > figures.priceMinor)
    return { tone: 'good', words: `Your maximum is ${money(maximumMinor)}. Only you see it.` }
  if (standing === 'outbid' && maximumMinor !== null)
    return { tone: 'problem', words: `You had bid up to ${money(maximumMinor)}.` }
  return { tone: 'plain', words: ruleWords(auction) }
}

function stepOf({ next }: Refused, actions: BiddingActions): News['step'] | null {
  switch (next) {
    case 'enter':
      return { label: 'Look at it', run: actions.enter }
    case 'confirm':
      return { label: 'Bid it anyway', run: actions.confirm }
    case 'again':
      return { label: 'Try again', run: actions.again }
    case 'none':
      return null
  }
}

/** The rule that decides the end, for people who see their first auction here. */
function ruleWords({ terms, figures }: Auction): string {
  if (terms.type === 'dutch') return 'The first tap buys it, at the price of that moment or less.'
  if (terms.closing.kind === 'sudden-death') return 'No extra time: the hammer falls at zero.'
  const cap = terms.closing.overtimeSecondsMax
  const added = `A bid in the last 10 s leaves at least ${terms.closing.extensionSeconds} s for the next`
  return cap === null || figures.extensions === 0 ? `${added}.` : `${added}, ${cap} s of overtime at most.`
}
