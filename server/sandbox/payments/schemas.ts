import { z } from 'zod'
import { holdsCardNumber } from './cards.ts'

/** Free text of callers goes to the journal, so none of it may be a card number. */
const noCardNumber = (text: string): boolean => !holdsCardNumber(text)
const reference = z
  .string()
  .regex(/^[\w.:-]{1,200}$/, 'must be 1 to 200 letters, digits or _ . : -')
  .refine(noCardNumber, 'looks like a card number')
const objectId = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[0-9a-f]{32}$`))
const amountMinor = z.int().min(1).max(1_000_000_000_000)
const currency = z.string().regex(/^[A-Z]{3}$/)

export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .refine(noCardNumber)

export const CreateToken = z.strictObject({
  number: z.string().max(30),
  expMonth: z.int().min(1).max(12),
  expYear: z.int().min(2000).max(2100),
  cvc: z.string().regex(/^\d{3,4}$/),
})
export type CreateToken = z.infer<typeof CreateToken>

export const CreateCustomer = z.strictObject({ reference })
export type CreateCustomer = z.infer<typeof CreateCustomer>

export const AttachPaymentMethod = z.strictObject({ customer: objectId('cus'), token: objectId('tok') })
export type AttachPaymentMethod = z.infer<typeof AttachPaymentMethod>

export const CreateIntent = z.strictObject({
  amountMinor,
  currency,
  customer: objectId('cus'),
  paymentMethod: objectId('pm'),
  captureMethod: z.literal('manual'),
  metadata: z.strictObject({ checkoutId: reference, orderId: reference, reference: reference.optional() }),
})
export type CreateIntent = z.infer<typeof CreateIntent>

export const CaptureIntent = z.strictObject({ amountMinor })
export type CaptureIntent = z.infer<typeof CaptureIntent>

export const CancelIntent = z.strictObject({})

export const CreateRefund = z.strictObject({
  paymentIntent: objectId('pi'),
  amountMinor,
  metadata: z.strictObject({ reference: reference.optional() }).default({}),
})
export type CreateRefund = z.infer<typeof CreateRefund>

export const SimulateDispute = z.strictObject({
  paymentIntent: objectId('pi'),
  reason: z.enum(['fraudulent', 'product_not_received', 'product_unacceptable', 'duplicate']),
})
export type SimulateDispute = z.infer<typeof SimulateDispute>

export const AnswerChallenge = z.strictObject({ outcome: z.enum(['approve', 'fail']) })
export type AnswerChallenge = z.infer<typeof AnswerChallenge>

const limit = (most: number) => z.coerce.number().int().min(1).max(most).default(Math.min(100, most))

export const IntentQuery = z.strictObject({ checkoutId: reference, limit: limit(100) })
export const MethodQuery = z.strictObject({ customer: objectId('cus'), limit: limit(100) })
export const RefundQuery = z.strictObject({ paymentIntent: objectId('pi'), limit: limit(100) })
export const EventQuery = z.strictObject({ limit: limit(100) })
export const JournalQuery = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: limit(1_000),
})
