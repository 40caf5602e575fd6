import type { Client } from '@livelot/client'
import type { Account, Address } from '@livelot/client/contracts'
import { couponSentence, isCouponRefusal } from '../coupons/coupon-refusals.ts'
import { sentenceOf } from '../data/sentences.ts'
import { holdItem, loadQuote, type WantedItem } from './buyer-means.ts'
import { Payment } from './payment.ts'
import type { ReviewStep } from './purchase.ts'
import type { PurchaseState } from './purchase-state.ts'

/** What the desk needs of the page around it. */
export type Buyer = {
  account: () => Account | null
  showAccount: (account: Account) => void
  showId: () => string | null
  /** From here on the hold belongs to an order, or to nobody. */
  forgetHold: (flashSaleId: string) => void
  /** Held units are somebody else’s by now: in a sale by turns one may stand in line again. */
  unitsWentBack: (flashSaleId: string) => void
}

/** What can be done while the order lies open: change it, pay it, give it back. */
export class ReviewDesk {
  readonly #client: Client
  readonly #state: PurchaseState
  readonly #buyer: Buyer
  readonly #payment: Payment

  constructor(client: Client, state: PurchaseState, buyer: Buyer) {
    this.#client = client
    this.#state = state
    this.#buyer = buyer
    this.#payment = new Payment(client, state)
  }

  readonly chooseVariant = (variantId: string): void => this.#choose({ variantId, units: 1 })
  readonly chooseUnits = (units: number): void => this.#choose({ units })
  readonly chooseCard = (cardId: string): void => this.#state.changeReview(this.#state.turn, { cardId })
  readonly chooseCoupon = (couponCode: string | null): void => this.#choose({ couponCode, couponProblem: null })
  readonly bankStepDone = (): void => this.#payment.bankStepDone()

  readonly saveAddress = async (address: Address): Promise<string | null> => {
    try {
      const account = await this.#client.account.setAddress(address)
      this.#buyer.showAccount(account)
      this.#choose({ address: account.address })
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }

  readonly saveCard = async (cardToken: string): Promise<string | null> => {
    const { turn } = this.#state
    try {
      const card = await this.#client.cards.save({ cardToken })
      const others = this.#state.review?.cards.filter((one) => one.cardId !== card.cardId) ?? []
      this.#state.changeReview(turn, { cards: [card, ...others], cardId: card.cardId })
      return null
    } catch (error) {
      return sentenceOf(error)
    }
  }

  readonly pay = (): void => {
    const { review } = this.#state
    if (!review) return
    if (review.hold) this.#buyer.forgetHold(review.hold.flashSaleId)
    this.#payment.start(review, this.#itemOf(review), (error) => {
      const problem = 'The price has changed. Please look again.'
      const part = isCouponRefusal(error) ? { couponCode: null, couponProblem: couponSentence(error) } : {}
      this.#choose({ busy: false, problem, ...part })
    })
  }

  readonly holdExpired = (): void => {
    const { review, turn } = this.#state
    if (!review?.hold || review.busy) return
    const sentence = 'The time of your hold ran out, and the unit went back.'
    this.#state.set(turn, { step: 'failed', sentence, retryable: true })
    this.#buyer.unitsWentBack(review.hold.flashSaleId)
  }

  readonly giveBack = (): void => {
    const hold = this.#state.review?.hold
    if (!hold) return
    this.#buyer.forgetHold(hold.flashSaleId)
    this.#state.begin(null)
    // Where this fails, the hold ends by itself when its time is over.
    this.#client.flashSales
      .release({ flashSaleId: hold.flashSaleId, holdId: hold.holdId })
      .then(() => this.#buyer.unitsWentBack(hold.flashSaleId))
      .catch(() => undefined)
  }

  #itemOf({ hold, variantId, units }: ReviewStep): WantedItem {
    if (hold) return holdItem(hold)
    const showId = this.#buyer.showId()
    return { kind: 'variant', variantId: variantId ?? '', units, ...(showId && { showId }) }
  }

  /** Another choice is another price: the old one is gone from the screen before the new one is known. */
  #choose(part: Partial<ReviewStep>): void {
    const { turn } = this.#state
    const account = this.#buyer.account()
    this.#state.changeReview(turn, { ...part, quote: null, quoteProblem: null })
    const { review } = this.#state
    if (!review || !account) return
    loadQuote(this.#client, this.#itemOf(review), account, review.couponCode)
      .then((priced) => {
        const now = this.#state.review
        // A slow answer must not overwrite the price of a later choice.
        const isSame =
          now?.variantId === review.variantId &&
          now.units === review.units &&
          now.address === review.address &&
          now.couponCode === review.couponCode
        if (isSame) this.#state.changeReview(turn, priced)
      })
      .catch((error: unknown) => this.#state.changeReview(turn, { quoteProblem: sentenceOf(error) }))
  }
}
