import type { Order } from '@livelot/client/contracts'

type Look = { words: string; tone: 'money' | 'neutral' | 'upcoming' | 'warning' }

const looks: Record<Order['state'], Look> = {
  payment_pending: { words: 'Being paid', tone: 'upcoming' },
  paid: { words: 'Paid', tone: 'money' },
  payment_failed: { words: 'Not paid', tone: 'warning' },
  refunded: { words: 'Refunded', tone: 'neutral' },
}

export function orderLook(state: Order['state']): Look {
  return looks[state]
}

const steps: Record<string, string> = {
  created: 'Order placed',
  payment_pending: 'Order placed',
  authorising: 'Bank asked',
  needs_action: 'Bank asked you to confirm',
  authorised: 'Bank agreed',
  capturing: 'Payment on its way',
  paid: 'Paid',
  confirmed: 'Confirmation sent',
  failed: 'Payment did not go through',
  payment_failed: 'Payment did not go through',
  refund_requested: 'Refund started',
  refund_pending: 'Refund started',
  refunded: 'Refunded',
}

/** A step that this page does not know yet is still told, in the server's own word. */
export function stepWords(what: string): string {
  return steps[what] ?? what.replaceAll(/[_-]+/g, ' ').replace(/^./, (letter) => letter.toUpperCase())
}
