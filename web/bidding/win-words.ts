import type { OfferFailure, Win } from '@livelot/client/contracts'
import { formatBid } from './amounts.ts'

const failures: Record<OfferFailure, string> = {
  card_declined: 'Your bank declined the card.',
  insufficient_funds: 'There is not enough money on this card.',
  card_expired: 'This card has expired.',
  authentication_failed: 'The confirmation with your bank did not succeed.',
  time_over: 'The time to pay ran out.',
  out_of_stock: 'The lot was gone.',
  provider_error: 'The payment provider had a problem.',
  card_missing: 'There is no card to charge any more.',
  address_missing: 'A delivery address is missing.',
  cannot_ship: 'It cannot be sent to your address.',
}

export type WinNews = {
  tone: 'plain' | 'good' | 'problem'
  words: string
  /** What the winner has to do now, before the offer's time is over. */
  step: 'bank' | 'pay' | null
}

/** Whether a lot that was won is the winner's no more. */
export function isGone({ offer }: Win): boolean {
  return offer.state === 'passed_on' || offer.state === 'void'
}

/** Where the payment of a lot stands, for the one who won it. */
export function winNews({ offer, total, hammer }: Win): WinNews {
  const all = formatBid(total)
  const why = offer.isRunnerUp ? `The winner did not pay, so it is yours at your own bid, ${formatBid(hammer)}. ` : ''
  switch (offer.state) {
    case 'charging':
      return { tone: 'plain', words: `${why}Your card is being charged ${all}.`, step: null }
    case 'needs_action':
      return { tone: 'problem', words: `${why}Your bank asks you to confirm ${all}.`, step: 'bank' }
    case 'payment_failed':
      return { tone: 'problem', words: `${why}${failures[offer.failure ?? 'provider_error']}`, step: 'pay' }
    case 'paid':
      return { tone: 'good', words: `Paid ${all}. It ships with all that you win in this show.`, step: null }
    case 'passed_on':
      return {
        tone: 'problem',
        words: 'Not paid in time, so it went to the next bidder. Nothing was charged.',
        step: null,
      }
    case 'void':
      return {
        tone: 'plain',
        words: 'This sale was called off, through no fault of yours. Nothing is charged.',
        step: null,
      }
  }
}
