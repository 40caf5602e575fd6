import { type JobHandler, jobHandler } from '#kernel/job'
import type { CheckoutService } from './service.ts'
import { advanceJob, refundJob } from './work.ts'

export function checkoutJobs(service: CheckoutService): JobHandler[] {
  return [
    jobHandler(advanceJob, ({ checkoutId }) => service.advance(checkoutId, 'job')),
    jobHandler(refundJob, ({ refundId }) => service.orders.settleRefund(refundId)),
  ]
}
