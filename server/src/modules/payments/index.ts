export { type Attempt, type PaymentOutcome, refundIdOfKey } from './attempt.ts'
export type { PaymentEvent, PaymentProvider } from './provider.ts'
export type { RefundRequested } from './refunds.ts'
export { createPaymentsService, type PaymentsService } from './service.ts'
export {
  attemptColumns,
  type Capture,
  type CardOnFile,
  keepAttemptPart,
  keepAttemptValues,
  type NewAttempt,
  recordCapturePart,
} from './store.pg.ts'
