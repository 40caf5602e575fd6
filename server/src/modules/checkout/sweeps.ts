import type { Sweep } from '#kernel/sweep'
import { sweepEveryMs } from './limits.ts'
import type { CheckoutService } from './service.ts'

export function checkoutSweeps(service: Pick<CheckoutService, 'sweep'>): Sweep[] {
  return [{ name: 'checkout.mend', everyMs: sweepEveryMs, run: () => service.sweep() }]
}
