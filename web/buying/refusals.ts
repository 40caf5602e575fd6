import { isRefusal, LivelotError } from '@livelot/client'
import type { Checkout } from '@livelot/client/contracts'
import { sentenceOf } from '../data/sentences.ts'
import type { Refusal } from './purchase.ts'

const refusals: Record<string, Refusal> = {
  'flash_sale.sold_out': {
    title: 'All reserved',
    sentence: 'Every unit is sold or in someone’s hands. Some come back when a hold runs out.',
    canWait: true,
  },
  'flash_sale.limit_reached': {
    title: 'That is your share',
    sentence: 'You have the most units that one buyer may have in this sale.',
  },
  'flash_sale.not_open': { title: 'Not open yet', sentence: 'The sale opens when the countdown ends.' },
  'waiting_room.not_your_turn': {
    title: 'Not your turn',
    sentence: 'Buyers of this sale are called in turn. Stand in its line, and this page calls you.',
  },
  'flash_sale.closed': { title: 'The sale is over', sentence: 'This flash sale has ended.' },
  'flash_sale.gate_closed': {
    title: 'One moment',
    sentence: 'The sale is being restored after a disturbance. Nothing is lost; try again in a few seconds.',
  },
  'checkout.out_of_stock': { title: 'Sold out', sentence: 'The last one has just been sold.' },
}

/** Where buyers wait in line, who was called and found nothing is back at the own place in it. */
const takenMeanwhile: Refusal = {
  title: 'Just taken',
  sentence:
    'The last free unit went a moment before you. You keep your place in line, and are called first when one comes back.',
}

/** Why a unit of a sale by turns could not be had. */
export const refusalByTurn = (error: unknown): Refusal =>
  isRefusal(error, 'flash_sale.sold_out') ? takenMeanwhile : refusalOf(error)

/** Why a unit could not be had, in a title and a sentence. */
export function refusalOf(error: unknown): Refusal {
  const known = error instanceof LivelotError ? refusals[error.code] : undefined
  return known ?? { title: 'That did not work', sentence: sentenceOf(error) }
}

const failures: Record<NonNullable<Checkout['failure']>, { sentence: string; retryable: boolean }> = {
  card_declined: { sentence: 'Your bank declined the card.', retryable: true },
  insufficient_funds: { sentence: 'There is not enough money on this card.', retryable: true },
  card_expired: { sentence: 'This card has expired.', retryable: true },
  authentication_failed: { sentence: 'The confirmation with your bank did not succeed.', retryable: true },
  time_over: { sentence: 'The time to pay ran out, and the unit went back.', retryable: false },
  out_of_stock: { sentence: 'There was none left to sell.', retryable: false },
  provider_error: { sentence: 'The payment provider had a problem.', retryable: true },
}

export function failureOf(checkout: Checkout): { sentence: string; retryable: boolean } {
  return failures[checkout.failure ?? 'provider_error']
}
