import { type Client, isRefusal, newOperationId } from '@livelot/client'
import type { Checkout } from '@livelot/client/contracts'
import { isCouponRefusal } from '../coupons/coupon-refusals.ts'
import { sentenceOf } from '../data/sentences.ts'
import type { WantedItem } from './buyer-means.ts'
import type { Purchase, ReviewStep } from './purchase.ts'
import type { PurchaseState } from './purchase-state.ts'
import { failureOf } from './refusals.ts'

/** One payment from the tap to its end. The operation id stays the same until the answer is known. */
export class Payment {
  readonly #client: Client
  readonly #state: PurchaseState
  #attempt: { key: string; operationId: string } | null = null
  #running: { checkoutId: string; review: ReviewStep } | null = null

  constructor(client: Client, state: PurchaseState) {
    this.#client = client
    this.#state = state
  }

  start(review: ReviewStep, item: WantedItem, onPriceChanged: (error: unknown) => void): void {
    const { quote, cardId, couponCode } = review
    if (!quote || !cardId || review.busy) return
    const mine = this.#state.turn
    const key = JSON.stringify([item, cardId, quote.total.amountMinor, couponCode])
    if (this.#attempt?.key !== key) this.#attempt = { key, operationId: newOperationId() }
    const { operationId } = this.#attempt
    this.#state.set(mine, { ...review, busy: true, problem: null })
    this.#client.checkout
      .start({ item, cardId, expectedTotal: quote.total, operationId, ...(couponCode !== null && { couponCode }) })
      .then((checkout) => {
        this.#running = { checkoutId: checkout.checkoutId, review }
        this.#state.set(mine, { step: 'paying', checkout, total: quote.total })
        return this.#follow(mine, review)
      })
      .catch((error: unknown) => {
        // Without its coupon the order has another price too.
        if (isRefusal(error, 'checkout.price_changed') || isCouponRefusal(error)) onPriceChanged(error)
        else this.#state.set(mine, { ...review, busy: false, problem: sentenceOf(error) })
      })
  }

  bankStepDone(): void {
    const running = this.#running
    if (!running) return
    const mine = this.#state.turn
    const total = running.review.quote?.total
    if (total) this.#state.set(mine, { step: 'paying', checkout: null, total })
    this.#client.checkout
      .continue({ checkoutId: running.checkoutId })
      .then(() => this.#follow(mine, running.review))
      .catch((error: unknown) => this.#lost(mine, error))
  }

  async #follow(mine: number, review: ReviewStep): Promise<void> {
    const running = this.#running
    if (!running) return
    try {
      const checkout = await this.#client.checkout.wait(running.checkoutId)
      this.#end(mine, checkout, review)
    } catch (error) {
      this.#lost(mine, error)
    }
  }

  #end(mine: number, checkout: Checkout, { quote }: ReviewStep): void {
    const { state, total, orderId, orderNumber, actionUrl } = checkout
    // Whatever ended is over: another try is another payment.
    if (state === 'paid' || state === 'failed') this.#attempt = null
    let next: Purchase = { step: 'paying', checkout, total }
    if (state === 'needs_action' && actionUrl) next = { step: 'bank', actionUrl, total }
    if (state === 'paid' && quote) next = { step: 'paid', orderId, orderNumber, total, quote }
    if (state === 'failed') next = { step: 'failed', ...failureOf(checkout) }
    this.#state.set(mine, next)
  }

  /** The order stands and goes on without this page; saying "not paid" here could be wrong. */
  #lost(mine: number, error: unknown): void {
    const step = this.#state.current?.step
    if (step !== 'paying' && step !== 'bank') return
    const sentence = `${sentenceOf(error)} Your order goes on without this page.`
    this.#state.set(mine, { step: 'unknown', sentence })
  }
}
