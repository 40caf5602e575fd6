import type { AuctionView } from '@livelot/client'
import type { Win } from '@livelot/client/contracts'
import { Button, ButtonLink } from '../parts/button.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { formatBid } from './amounts.ts'
import type { BiddingActions, BiddingView } from './auction-ticket.tsx'
import { paddleWords } from './bidding.ts'
import './outcome.css'
import { winNews } from './win-words.ts'

type OutcomeProps = { auction: AuctionView; view: BiddingView; actions: BiddingActions }

/** What the hammer decided, and what follows for the one who looks. Stands where the buttons stood. */
export function Outcome({ auction, view, actions }: OutcomeProps) {
  if (view.win) return <WinOutcome win={view.win} actions={actions} />
  const { maximumMinor, standing } = auction.own
  return (
    <div className="outcome">
      <p className="outcome-words" role="status">
        {standing === 'won' ? wonWords(auction, view) : resultWords(auction)}
      </p>
      {maximumMinor !== null && (
        <Button tone="outline" onClick={actions.openMyBids}>
          My bids
        </Button>
      )}
    </div>
  )
}

function wonWords({ figures, currency }: AuctionView, { allIn }: BiddingView): string {
  const money = (amountMinor: number) => formatBid({ amountMinor, currency })
  const total = allIn
    ? ` Your card is being charged ${money(allIn(figures.priceMinor))}.`
    : ' Your card is being charged.'
  return `Yours for ${money(figures.priceMinor)}.${total}`
}

function resultWords({ figures, terms, currency, own }: AuctionView): string {
  const ownMinor = own.maximumMinor
  const money = (amountMinor: number) => formatBid({ amountMinor, currency })
  if (figures.outcome === 'unsold') {
    if (!figures.leader) return 'Nobody bid. The host may run it again.'
    const reserve = terms.type === 'english' ? terms.reserveMinor : null
    const met = reserve === null ? 'the reserve' : `the reserve of ${money(reserve)}`
    return `Not sold: ${met} was not met. Nobody is charged.`
  }
  const who = figures.leader ? paddleWords(figures.leader) : 'another bidder'
  const sold = `Sold to ${who} for ${money(figures.priceMinor)}.`
  if (ownMinor === null) return sold
  if (ownMinor === figures.priceMinor) return `${sold} You had bid the same, but later.`
  return `${sold} You had bid up to ${money(ownMinor)}, and are charged nothing.`
}

function WinOutcome({ win, actions }: { win: Win; actions: BiddingActions }) {
  const { offer, orderId } = win
  const news = winNews(win)
  return (
    <div className={`outcome outcome-${news.tone}`}>
      <p className="outcome-words" role={news.tone === 'problem' ? 'alert' : 'status'}>
        {news.words}
        {news.step && offer.payBeforeMs !== null && (
          <span className="outcome-time">
            <Countdown endsAtMs={offer.payBeforeMs} label="Time to pay:" size="s" />
          </span>
        )}
      </p>
      {news.step && (
        <Button tone="buy" onClick={() => actions.fixPayment(win)}>
          {news.step === 'bank' ? 'Confirm it' : 'Pay now'}
        </Button>
      )}
      {offer.state === 'paid' && orderId && (
        <ButtonLink tone="outline" to={`/orders/${orderId}`}>
          See the order
        </ButtonLink>
      )}
    </div>
  )
}
