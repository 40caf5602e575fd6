import type { Money } from '@livelot/client/contracts'

/**
 * The port to whoever moves the money. It speaks of intents, captures and refunds, never of HTTP.
 *
 * An intent is one attempt to charge one card for one checkout: `authorise` puts the amount on hold at the bank,
 * `capture` takes it, `cancel` lets it go. Each command carries a key that the caller made and stored before the call;
 * the same key again never does the thing twice. A provider keeps keys for 24 hours only: past that, look it up first.
 *
 * What a command may throw, and what follows from it:
 * - `ProviderRefused`: nothing happened and asking again with the same content stays refused.
 * - `ProviderUnavailable`: this call did nothing for certain; ask again later with the same key.
 * - `OutcomeUnknown`: it may have happened. Look it up (`findIntentByCheckout`, `getIntent`, `findRefund`); only if the
 *   look-up shows that nothing happened, ask again with the same key.
 * Questions (get, find, list) throw `ProviderUnavailable` or `ProviderRefused` and never `OutcomeUnknown`.
 */
export interface PaymentProvider {
  readonly name: string

  /** Where the buyer's browser types a card. The number goes from there to the provider and never passes Livelot. */
  cardForm(): CardForm

  /** Repeats: the same buyer gets the same customer. */
  createCustomer(request: { buyerId: string }): Promise<{ customerRef: string }>
  /** Spends a one-time token of the card form. Repeats: the same token gives the same card. */
  attachCard(request: { customerRef: string; cardToken: string }): Promise<SavedCard>
  /** Repeats: a card that is gone is a success. */
  detachCard(request: { customerRef: string; paymentMethodRef: string }): Promise<void>
  listCards(customerRef: string): Promise<SavedCard[]>

  /** Puts the amount on hold. The money moves only by `capture`. */
  authorise(request: AuthoriseRequest): Promise<AuthoriseResult>
  getIntent(intentRef: string): Promise<PaymentIntent | null>
  /** The intent that holds or took money if there is one, else the newest. Sees every command answered before it. */
  findIntentByCheckout(checkoutId: string): Promise<PaymentIntent | null>
  /** All attempts of a checkout, newest first. More than one that holds money is a fault worth an alarm. */
  listIntentsByCheckout(checkoutId: string): Promise<PaymentIntent[]>

  /** Takes at most the authorised amount, once; the rest of the hold is let go. */
  capture(request: { idempotencyKey: string; intentRef: string; amount: Money }): Promise<PaymentIntent>
  /** Lets the hold go. Repeats: an intent already canceled or declined is a success. A captured one is refused. */
  cancel(request: { idempotencyKey: string; intentRef: string }): Promise<PaymentIntent>

  /** Gives back part or all of what was captured; the sum of refunds never passes it. */
  refund(request: RefundRequest): Promise<Refund>
  /** The refund that was asked with this key, for when the answer was lost. */
  findRefund(request: { intentRef: string; idempotencyKey: string }): Promise<Refund | null>

  /** Proves that the bytes came from the provider and reads them. Never throws: whatever a stranger sends is `refused`. */
  parseWebhook(rawBody: Buffer | string, headers: WebhookHeaders): WebhookReading
}

export type CardForm = { readonly provider: string; readonly cardFormUrl: string; readonly tokenUrl: string }

export type SavedCard = {
  readonly paymentMethodRef: string
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
  /** Equal for equal card numbers, so that one card on many accounts can be seen without knowing the number. */
  readonly fingerprint: string
}

export type AuthoriseRequest = {
  readonly idempotencyKey: string
  readonly checkoutId: string
  readonly orderId: string
  readonly amount: Money
  readonly customerRef: string
  readonly paymentMethodRef: string
}

export type AuthoriseResult =
  | { readonly kind: 'authorised'; readonly intentRef: string; readonly captureBefore: Date }
  /** The buyer has to pass the bank's step at this address; the rest is told by webhook. */
  | { readonly kind: 'needs-action'; readonly intentRef: string; readonly url: string }
  | { readonly kind: 'declined'; readonly code: DeclineCode; readonly intentRef?: string }
  /** The bank has not answered the provider yet; the rest is told by webhook. */
  | { readonly kind: 'pending'; readonly intentRef: string }

export const declineCodes = ['card_declined', 'insufficient_funds', 'card_expired', 'authentication_failed'] as const
export type DeclineCode = (typeof declineCodes)[number]

/**
 * pending → authorised | declined        needs-action → authorised | declined
 * authorised → captured                  any but captured and declined → canceled (by us, or when the hold ran out)
 */
export type IntentStatus = 'pending' | 'needs-action' | 'authorised' | 'captured' | 'declined' | 'canceled'

export type PaymentIntent = {
  readonly intentRef: string
  readonly status: IntentStatus
  readonly checkoutId: string
  readonly orderId: string
  readonly amount: Money
  readonly capturedMinor: number
  readonly refundedMinor: number
  /** The key of the `authorise` that made it: tells one attempt of a checkout from another. */
  readonly idempotencyKey: string | null
  /** Past this time the bank lets the hold go by itself. Set once authorised. */
  readonly captureBefore: Date | null
  readonly actionUrl: string | null
  readonly declineCode: DeclineCode | null
  readonly createdAt: Date
}

export type RefundRequest = { readonly idempotencyKey: string; readonly intentRef: string; readonly amount: Money }

export type Refund = {
  readonly refundRef: string
  readonly intentRef: string
  readonly amount: Money
  readonly idempotencyKey: string | null
  readonly createdAt: Date
}

export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>

export type WebhookReading =
  | { readonly kind: 'event'; readonly event: PaymentEvent }
  /** Genuine, but of a type that Livelot has no use for: to be answered with success. */
  | { readonly kind: 'ignored'; readonly eventRef: string; readonly type: string }
  | { readonly kind: 'refused'; readonly reason: 'signature' | 'malformed' }

/**
 * What the provider tells of its own accord: late, twice, in any order, or never. So an event is only a hint to look:
 * dedupe by `eventRef`, then fetch the intent as it stands now. The snapshot inside may be older than what is known.
 */
export type PaymentEvent = {
  readonly eventRef: string
  readonly createdAt: Date
} & (
  | {
      readonly type: 'needs-action' | 'authorised' | 'captured' | 'declined' | 'canceled'
      readonly intent: PaymentIntent
    }
  | { readonly type: 'refunded'; readonly refund: Refund }
  | { readonly type: 'disputed'; readonly intentRef: string; readonly amount: Money; readonly reason: string }
)

/** What an intent found by a look-up means for the `authorise` whose answer was lost; null where none is left of it. */
export function authoriseResultOf(intent: PaymentIntent): AuthoriseResult | null {
  const { intentRef } = intent
  switch (intent.status) {
    case 'authorised':
      return intent.captureBefore && { kind: 'authorised', intentRef, captureBefore: intent.captureBefore }
    case 'needs-action':
      return intent.actionUrl === null ? null : { kind: 'needs-action', intentRef, url: intent.actionUrl }
    case 'declined':
      return { kind: 'declined', code: intent.declineCode ?? 'card_declined', intentRef }
    case 'pending':
      return { kind: 'pending', intentRef }
    case 'captured':
    case 'canceled':
      return null
  }
}

/** A final "no" about the content of a request. `code` is the provider's own word for it, for the log. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused'
  readonly code: string
  /** Where the intent stands, if its state was the reason. */
  readonly intentStatus: IntentStatus | null
  constructor(code: string, intentStatus: IntentStatus | null = null) {
    super(`The payment provider refused: ${code}`)
    this.code = code
    this.intentStatus = intentStatus
  }
}

/** This call did nothing: it was not sent, or the provider said that it did not start on it. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable'
  constructor(message: string, options?: ErrorOptions) {
    super(`The payment provider is not available: ${message}`, options)
  }
}

/** The command was sent and no answer told its end: it may have happened, may happen yet, or may never. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
  readonly idempotencyKey: string
  constructor(message: string, idempotencyKey: string, options?: ErrorOptions) {
    super(`The outcome at the payment provider is unknown: ${message}`, options)
    this.idempotencyKey = idempotencyKey
  }
}
