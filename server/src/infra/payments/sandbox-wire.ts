import { Currency } from '@livelot/client/contracts'
import { z } from 'zod'
import type { DeclineCode, IntentStatus, PaymentIntent, Refund, SavedCard } from '../../modules/payments/provider.ts'

/** What the sandbox sends, as far as it is used. Unknown further fields are let pass: a provider may add some. */
const time = z.iso.datetime().transform((text) => new Date(text))
const amountMinor = z.int().min(0)

export const WireCustomer = z.object({ id: z.string(), object: z.literal('customer') })

export const WirePaymentMethod = z
  .object({
    id: z.string(),
    object: z.literal('payment_method'),
    card: z.object({
      brand: z.string(),
      last4: z.string().regex(/^\d{4}$/),
      expMonth: z.int(),
      expYear: z.int(),
      fingerprint: z.string(),
    }),
  })
  .transform((method): SavedCard => ({ paymentMethodRef: method.id, ...method.card }))

const intentStatuses: Readonly<Record<string, IntentStatus>> = {
  requires_action: 'needs-action',
  processing: 'pending',
  requires_capture: 'authorised',
  succeeded: 'captured',
  failed: 'declined',
  canceled: 'canceled',
}
const WireStatus = z
  .enum(['requires_action', 'processing', 'requires_capture', 'succeeded', 'failed', 'canceled'])
  .transform((status) => intentStatuses[status] as IntentStatus)

const declineCodes: Readonly<Record<string, DeclineCode>> = {
  insufficient_funds: 'insufficient_funds',
  expired_card: 'card_expired',
  authentication_failed: 'authentication_failed',
  authentication_timeout: 'authentication_failed',
}

export const WireIntent = z
  .object({
    id: z.string(),
    object: z.literal('payment_intent'),
    status: WireStatus,
    amountMinor,
    capturedMinor: amountMinor,
    refundedMinor: amountMinor,
    currency: Currency,
    metadata: z.object({ checkoutId: z.string(), orderId: z.string(), reference: z.string().optional() }),
    nextAction: z.object({ url: z.url({ protocol: /^https?$/ }) }).nullable(),
    declineCode: z.string().nullable(),
    createdAt: time,
    captureBefore: time.nullable(),
  })
  .transform(
    (intent): PaymentIntent => ({
      intentRef: intent.id,
      status: intent.status,
      checkoutId: intent.metadata.checkoutId,
      orderId: intent.metadata.orderId,
      amount: { amountMinor: intent.amountMinor, currency: intent.currency },
      capturedMinor: intent.capturedMinor,
      refundedMinor: intent.refundedMinor,
      idempotencyKey: intent.metadata.reference ?? null,
      captureBefore: intent.captureBefore,
      actionUrl: intent.nextAction?.url ?? null,
      declineCode: intent.declineCode === null ? null : (declineCodes[intent.declineCode] ?? 'card_declined'),
      createdAt: intent.createdAt,
    }),
  )

export const WireRefund = z
  .object({
    id: z.string(),
    object: z.literal('refund'),
    status: z.literal('succeeded'),
    paymentIntent: z.string(),
    amountMinor,
    currency: Currency,
    metadata: z.object({ reference: z.string().optional() }),
    createdAt: time,
  })
  .transform(
    (refund): Refund => ({
      refundRef: refund.id,
      intentRef: refund.paymentIntent,
      amount: { amountMinor: refund.amountMinor, currency: refund.currency },
      idempotencyKey: refund.metadata.reference ?? null,
      createdAt: refund.createdAt,
    }),
  )

export const WireDispute = z.object({
  object: z.literal('dispute'),
  paymentIntent: z.string(),
  amountMinor,
  currency: Currency,
  reason: z.string(),
})

export const WireList = z.object({ data: z.array(z.unknown()) })

export const WireProblem = z.object({ code: z.string(), intentStatus: WireStatus.optional() })

export const WireEvent = z.object({
  id: z.string().regex(/^evt_[0-9a-f]{32}$/),
  type: z.string().max(100),
  createdAt: time,
  data: z.object({ object: z.unknown() }),
})
