import type { Sweep } from '#kernel/sweep'
import { depositsEveryMs, offersEveryMs, unbegunEveryMs } from './limits.ts'
import type { SettlementService } from './service.ts'

export function settlementSweeps(service: SettlementService): Sweep[] {
  return [
    { name: 'settlements.look-at-offers', everyMs: offersEveryMs, run: () => service.sweepOffers() },
    { name: 'settlements.begin-forgotten', everyMs: unbegunEveryMs, run: () => service.sweepUnbegun() },
    { name: 'settlements.release-deposits', everyMs: depositsEveryMs, run: () => service.deposits.sweep() },
  ]
}
