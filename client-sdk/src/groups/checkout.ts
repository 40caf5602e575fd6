import {
  type Checkout,
  continueCheckout,
  getCheckout,
  getOrder,
  getQuote,
  listOrders,
  refundOrder,
  startCheckout,
} from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import { bind } from './bind.ts'

/** One long poll; the server answers earlier when there is something to say. The contract's own maximum. */
const WAIT_MS = 25_000
/** A checkout ends by itself well before this: its payment must be authorised within minutes. */
const WAIT_TOTAL_MS = 10 * 60_000

export interface WaitOptions {
  signal?: AbortSignal
  /** Default ten minutes; then the checkout is given as it stands. */
  timeoutMs?: number
  /** Wait on through `needs_action`, while the buyer is busy with the bank's step elsewhere. */
  throughAction?: boolean
}

/** From the full price to the paid order. */
export function checkoutGroup(caller: Caller) {
  const get = bind(caller, getCheckout)

  /** Resolves when the checkout is paid or failed, or needs the buyer for the bank's step. */
  async function wait(checkoutId: string, options: WaitOptions = {}): Promise<Checkout> {
    const endsAtTick = performance.now() + (options.timeoutMs ?? WAIT_TOTAL_MS)
    for (;;) {
      const leftMs = endsAtTick - performance.now()
      const waitMs = Math.max(0, Math.min(WAIT_MS, Math.floor(leftMs)))
      const checkout = await get({ checkoutId, waitMs }, { signal: options.signal })
      if (isSettled(checkout, options.throughAction ?? false) || leftMs <= 0) return checkout
    }
  }

  return {
    quote: bind(caller, getQuote),
    /** Repeats: with the same operation id it gives the same checkout; the card is charged once. */
    start: bind(caller, startCheckout),
    get,
    wait,
    /** The buyer is back from the bank's step. */
    continue: bind(caller, continueCheckout),
  }
}

function isSettled({ state }: Checkout, throughAction: boolean): boolean {
  return state === 'paid' || state === 'failed' || (state === 'needs_action' && !throughAction)
}

export function ordersGroup(caller: Caller) {
  return { list: bind(caller, listOrders), get: bind(caller, getOrder), refund: bind(caller, refundOrder) }
}
