import type { Currency, Money } from '@livelot/client/contracts'
import { authoriseResultOf, type DeclineCode, type PaymentIntent } from './provider.ts'

/** The stored intent to charge one card for one checkout. */
export interface Attempt {
  readonly checkoutId: string
  readonly orderId: string
  readonly amount: Money
  readonly customerRef: string
  readonly paymentMethodRef: string
  readonly attemptedAtMs: number
}

/** Made from ids that are stored before the call, so that every process asks with the same key. */
export const keys = {
  authorise: (checkoutId: string) => `authorise:${checkoutId}`,
  capture: (orderId: string) => `capture:${orderId}`,
  cancel: (intentRef: string) => `cancel:${intentRef}`,
  refund: (refundId: string) => `refund:${refundId}`,
} as const

export function refundIdOfKey(key: string | null): string | null {
  return key?.startsWith('refund:') ? key.slice('refund:'.length) : null
}

/**
 * Where a payment stands, as far as it can be known now.
 * `refused`: the provider said no for good and holds nothing. `unavailable`: the command did nothing for certain.
 * `unknown`: it may have happened; asking again looks first.
 */
export type PaymentOutcome =
  | { readonly kind: 'authorised'; readonly intentRef: string }
  | { readonly kind: 'needs-action'; readonly intentRef: string; readonly url: string }
  | { readonly kind: 'pending'; readonly intentRef: string }
  | { readonly kind: 'declined'; readonly code: DeclineCode }
  | { readonly kind: 'captured'; readonly intentRef: string; readonly amount: Money }
  | { readonly kind: 'canceled' }
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'unknown' }

/** What an intent that was found means. */
export function outcomeOf(intent: PaymentIntent | null): PaymentOutcome {
  if (intent === null) return { kind: 'none' }
  if (intent.status === 'canceled') return { kind: 'canceled' }
  if (intent.status === 'captured') return { kind: 'captured', intentRef: intent.intentRef, amount: capturedOf(intent) }
  return authoriseResultOf(intent) ?? { kind: 'unknown' }
}

function capturedOf(intent: PaymentIntent): Money {
  return { amountMinor: intent.capturedMinor, currency: intent.amount.currency as Currency }
}

export const isOpen = (intent: PaymentIntent): boolean =>
  intent.status === 'pending' || intent.status === 'needs-action' || intent.status === 'authorised'
