import { type JobHandler, jobHandler } from '#kernel/job'
import type { CheckoutService } from './service.ts'
import { advanceJob, confirmJob, refundJob } from './work.ts'

export function checkoutJobs(service: CheckoutService): JobHandler[] {
  return [
    jobHandler(advanceJob, ({ checkoutId }) => service.advance(checkoutId, 'job')),
    jobHandler(confirmJob, ({ orderId }) => service.orders.confirm(orderId)),
    jobHandler(refundJob, ({ refundId }) => service.orders.settleRefund(refundId)),
  ]
}
