import type { Sweep } from '#kernel/sweep'
import { confirmMissedEveryMs, sweepEveryMs } from './limits.ts'
import type { CheckoutService } from './service.ts'

export function checkoutSweeps(service: Pick<CheckoutService, 'sweep' | 'confirmMissed'>): Sweep[] {
  return [
    { name: 'checkout.mend', everyMs: sweepEveryMs, run: () => service.sweep() },
    { name: 'checkout.confirm-missed', everyMs: confirmMissedEveryMs, run: () => service.confirmMissed() },
  ]
}
