import {
  closeFlashSale,
  createFlashSale,
  getFlashSale,
  joinWaitlist,
  listMyHolds,
  releaseHold,
  reserve,
} from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { type Route, route } from '#kernel/route'
import type { HoldService } from './holds.ts'
import type { SaleService } from './service.ts'

/** `newcomersWaitMs`: how long whoever wants a unit should stay away, 0 to come in. Refuses: server.busy. */
export function flashSaleRoutes(sales: SaleService, holds: HoldService, newcomersWaitMs: () => number): Route[] {
  const letIn = () => {
    const retryAfterMs = newcomersWaitMs()
    if (retryAfterMs > 0) throw new Refusal('server.busy', { retryAfterMs })
  }
  return [
    route(createFlashSale, (request, { actor }) => sales.create(request, actor)),
    route(closeFlashSale, ({ flashSaleId }, { actor }) => sales.close(flashSaleId, actor)),
    route(getFlashSale, ({ flashSaleId }) => sales.get(flashSaleId)),
    route(reserve, async (request, { actor }) => {
      letIn()
      return await holds.reserve(request, accountOf(actor).accountId)
    }),
    route(releaseHold, (request, { actor }) => holds.release({ ...request, accountId: accountOf(actor).accountId })),
    route(joinWaitlist, ({ flashSaleId, operationId }, { actor }) =>
      holds.joinWaitlist(flashSaleId, operationId, accountOf(actor).accountId),
    ),
    route(listMyHolds, (_request, { actor }) => holds.listMine(accountOf(actor).accountId)),
  ]
}
