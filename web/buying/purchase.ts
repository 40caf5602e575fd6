import type { Address, Card, Checkout, Hold, Money, Quote, Variant } from '@livelot/client/contracts'

/** Where a purchase stands, from the tap to the order. The sheet shows exactly one of these. */
export type Purchase =
  | { step: 'preparing'; productName: string }
  | { step: 'sign-in'; productName: string }
  | { step: 'refused'; productName: string; reason: Refusal; waitlist: Waitlist | null }
  | ReviewStep
  | { step: 'paying'; checkout: Checkout | null; total: Money }
  | { step: 'bank'; actionUrl: string; total: Money }
  | { step: 'paid'; orderId: string; orderNumber: string; total: Money; quote: Quote }
  /** The answer was lost on the way: the order may be paid or not. */
  | { step: 'unknown'; sentence: string }
  | { step: 'failed'; sentence: string; retryable: boolean }

/** `canWait`: units may come back, so there is a line to stand in. */
export type Refusal = { title: string; sentence: string; canWait?: boolean }

export type Waitlist = { position: number | null; joining: boolean }

export type ReviewStep = {
  step: 'review'
  quote: Quote | null
  quoteProblem: string | null
  /** Coupons are of shows: elsewhere there is nothing to type one for. */
  takesCoupons: boolean
  /** The coupon that the price is, or is being, worked out with. */
  couponCode: string | null
  /** Why a coupon takes nothing off this order. */
  couponProblem: string | null
  /** Null when the list price is paid and nothing is held yet. */
  hold: Hold | null
  variants: readonly Variant[]
  variantId: string | null
  units: number
  unitsMax: number
  address: Address | null
  cards: readonly Card[]
  cardId: string | null
  /** The provider's own page for card numbers; they never pass through this site. */
  cardFormUrl: string | null
  busy: boolean
  problem: string | null
}

export type PurchaseActions = {
  close: () => void
  signIn: () => void
  joinWaitlist: () => void
  chooseVariant: (variantId: string) => void
  chooseUnits: (units: number) => void
  chooseCard: (cardId: string) => void
  /** Null: without one. */
  chooseCoupon: (code: string | null) => void
  saveAddress: (address: Address) => Promise<string | null>
  saveCard: (cardToken: string) => Promise<string | null>
  pay: () => void
  bankStepDone: () => void
  holdExpired: () => void
  giveBack: () => void
  startOver: () => void
}
