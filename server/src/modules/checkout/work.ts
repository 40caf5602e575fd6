import { z } from 'zod'
import { job } from '#kernel/job'

// Work that follows checkout's own transactions; the handlers are in jobs.ts.

/** A checkout knows when it must be looked at: the sweep takes up what this leaves undone. */
export const advanceJob = job({
  name: 'checkout.advance',
  payload: z.strictObject({ checkoutId: z.uuid() }),
  isSwept: true,
})
export const refundJob = job({ name: 'payments.refund', payload: z.strictObject({ refundId: z.uuid() }) })
