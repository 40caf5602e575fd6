import { randomUUID } from 'node:crypto'
import type { BankDeclineCode } from './cards.ts'

/** Times are ISO 8601 in UTC. Objects are never changed in place: a step makes a new one, so events may keep the old. */
export type Customer = {
  readonly id: string
  readonly object: 'customer'
  readonly reference: string
  readonly createdAt: string
}

export type CardDetails = {
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
  readonly fingerprint: string
}

export type CardToken = {
  readonly id: string
  readonly object: 'token'
  readonly card: CardDetails
  readonly testCard: string
  readonly createdAt: string
  readonly expiresAt: string
}

export type PaymentMethod = {
  readonly id: string
  readonly object: 'payment_method'
  readonly customer: string
  readonly card: CardDetails
  readonly testCard: string
  readonly createdAt: string
  readonly detachedAt: string | null
}

export type IntentStatus = 'requires_action' | 'processing' | 'requires_capture' | 'succeeded' | 'failed' | 'canceled'

export type Intent = {
  readonly id: string
  readonly object: 'payment_intent'
  readonly status: IntentStatus
  readonly amountMinor: number
  readonly capturedMinor: number
  readonly refundedMinor: number
  readonly currency: string
  readonly customer: string
  readonly paymentMethod: string
  readonly card: { readonly brand: string; readonly last4: string }
  readonly captureMethod: 'manual'
  readonly metadata: { readonly checkoutId: string; readonly orderId: string; readonly reference?: string | undefined }
  readonly nextAction: { readonly type: 'redirect'; readonly url: string } | null
  readonly declineCode: BankDeclineCode | null
  readonly cancellationReason: 'requested' | 'expired' | null
  readonly createdAt: string
  /** When the state it is in ends by itself: the challenge, the processing, or the hold. Null in a final state. */
  readonly actionBefore: string | null
  readonly processingUntil: string | null
  readonly captureBefore: string | null
}

export type Refund = {
  readonly id: string
  readonly object: 'refund'
  readonly status: 'succeeded'
  readonly paymentIntent: string
  readonly amountMinor: number
  readonly currency: string
  readonly metadata: { readonly reference?: string | undefined }
  readonly createdAt: string
}

export type Dispute = {
  readonly id: string
  readonly object: 'dispute'
  readonly status: 'needs_response'
  readonly paymentIntent: string
  readonly amountMinor: number
  readonly currency: string
  readonly reason: string
  readonly createdAt: string
}

export type SandboxObject = Customer | CardToken | PaymentMethod | Intent | Refund | Dispute

export type EventType =
  | 'payment_intent.requires_action'
  | 'payment_intent.authorised'
  | 'payment_intent.succeeded'
  | 'payment_intent.failed'
  | 'payment_intent.canceled'
  | 'refund.succeeded'
  | 'dispute.opened'

export type SandboxEvent = {
  readonly id: string
  readonly type: EventType
  readonly createdAt: string
  readonly data: { readonly object: Intent | Refund | Dispute }
}

const prefixes = {
  customer: 'cus',
  token: 'tok',
  payment_method: 'pm',
  payment_intent: 'pi',
  refund: 're',
  dispute: 'dp',
  event: 'evt',
} as const

/** Ids of intents open the challenge page, so they carry 122 random bits. */
export function newId(object: keyof typeof prefixes): string {
  return `${prefixes[object]}_${randomUUID().replaceAll('-', '')}`
}

/** The time at which the intent moves on by itself, in epoch milliseconds; null where it never does. */
export function deadlineMsOf(intent: Intent): number | null {
  switch (intent.status) {
    case 'requires_action':
      return intent.actionBefore === null ? null : Date.parse(intent.actionBefore)
    case 'processing':
      return intent.processingUntil === null ? null : Date.parse(intent.processingUntil)
    case 'requires_capture':
      return intent.captureBefore === null ? null : Date.parse(intent.captureBefore)
    default:
      return null
  }
}
