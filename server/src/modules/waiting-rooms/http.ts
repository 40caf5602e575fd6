import { getWaitingRoom, joinWaitingRoom, leaveWaitingRoom } from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { type Route, route } from '#kernel/route'
import type { WaitingRoomService } from './service.ts'

export function waitingRoomRoutes(service: WaitingRoomService): Route[] {
  return [
    route(joinWaitingRoom, (request, { actor }) => service.join(request, accountOf(actor).accountId)),
    route(leaveWaitingRoom, ({ flashSaleId }, { actor }) => service.leave(flashSaleId, accountOf(actor).accountId)),
    route(getWaitingRoom, ({ flashSaleId }) => service.get(flashSaleId)),
  ]
}
