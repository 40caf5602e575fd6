import type { Sweep } from '#kernel/sweep'
import type { PaymentsService } from './service.ts'

export function paymentsSweeps(service: Pick<PaymentsService, 'forgetOldEvents'>): Sweep[] {
  return [{ name: 'payments.forget-old-events', everyMs: 3_600_000, run: () => service.forgetOldEvents() }]
}
