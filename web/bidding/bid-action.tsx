import type { AuctionView } from '@livelot/client'
import { ChevronsUp, CircleCheck } from 'lucide-react'
import { type ReactNode, type RefObject, useEffect, useRef } from 'react'
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

/** What the one button is at a moment: what it says, and what a tap does (null: nothing now). */
type Main = {
  look: 'offer' | 'step' | 'busy' | 'rest' | 'leads'
  words: ReactNode
  run: (() => void) | null
}

/** Always the same element, so that a keyboard or a screen reader stays on it whatever the lot does. */
function MainButton(props: BidActionProps) {
  const main = mainOf(props)
  const button = useBidKey()
  // What stood on the button as the finger came down is what is meant, even if a rival changes it before it lifts.
  const pressed = useRef<Main | null>(null)
  return (
    <Button
      ref={button}
      tone={main.look === 'offer' || main.look === 'busy' ? 'buy' : 'plain'}
      size="l"
      wide
      busy={main.look === 'busy'}
      className={`bid-main bid-main-${main.look}`}
      aria-disabled={main.run === null || undefined}
      aria-keyshortcuts="B"
      onPointerDown={() => {
        pressed.current = main
      }}
      onClick={(event) => {
        const isByKey = event.detail === 0
        const meant = isByKey ? main : (pressed.current ?? main)
        meant.run?.()
      }}
    >
      {main.words}
    </Button>
  )
}

function mainOf({ auction, view, actions, priceMinor, timeIsOver }: BidActionProps): Main {
  const { placing, bidder } = view
  const isMine = placing.phase !== 'idle' && placing.bid.auctionId === auction.auctionId
  if (isMine && placing.phase === 'sending') return { look: 'busy', words: 'Checking your bid…', run: null }
  if (isMine && placing.phase === 'unknown')
    return { look: 'step', words: 'Ask about your bid again', run: actions.again }
  if (timeIsOver) return rest('Closing…')
  if (!view.isConnected) return rest('Reconnecting…')
  if (bidder.status === 'guest') return { look: 'step', words: 'Sign in to bid', run: actions.signIn }
  if (bidder.status === 'unknown') return rest('One moment…')
  if (bidder.status === 'outside' && !canEnter(bidder.missing)) return rest('You cannot bid here')
  if (bidder.status !== 'entered') return { look: 'step', words: 'Get your paddle to bid', run: actions.enter }
  const money = (amountMinor: number) => formatBid({ amountMinor, currency: auction.currency })
  // A leader who taps once more would only bid against oneself.
  if (auction.own.standing === 'leading')
    return { look: 'leads', words: <Leads price={money(priceMinor)} />, run: null }
  const isDutch = auction.terms.type === 'dutch'
  const amountMinor = isDutch ? priceMinor : auction.figures.nextMinimumMinor
  const allIn = view.allIn ? `${money(view.allIn(amountMinor))} all-in` : 'full price follows'
  const words = <Offer words={`${isDutch ? 'Take it for' : 'Bid'} ${money(amountMinor)}`} allIn={allIn} />
  return { look: 'offer', words, run: () => actions.bid(amountMinor) }
}

const rest = (words: string): Main => ({ look: 'rest', words, run: null })

function Leads({ price }: { price: string }) {
  return (
    <>
      <CircleCheck aria-hidden="true" />
      You lead at {price}
    </>
  )
}

function Offer({ words, allIn }: { words: string; allIn: string }) {
  return (
    <>
      <span className="bid-amount figures">{words}</span>
      <span className="bid-all-in figures">
        {' · '}
        {allIn}
      </span>
    </>
  )
}

/** B brings the keyboard to the button, as the letter on it says. It does not bid: a stray letter must not bind anybody. */
function useBidKey(): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey
      const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select, dialog')
      if (event.key.toLowerCase() === 'b' && isPlain && !isTyping) button.current?.focus()
    }
    window.addEventListener('keydown', hear)
    return () => window.removeEventListener('keydown', hear)
  }, [])
  return button
}
