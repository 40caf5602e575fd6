import { getBidTerms, listMyWins, listSettlements, payWin } from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { type Route, route } from '#kernel/route'
import type { SettlementService } from './service.ts'

export function settlementRoutes(service: SettlementService): Route[] {
  return [
    route(listMyWins, (request, caller) =>
      service.listMyWins(accountOf(caller.actor).accountId, request.showId ?? null),
    ),
    route(listSettlements, ({ showId }) => service.listOfShow(showId)),
    route(payWin, (request, caller) => service.pay(accountOf(caller.actor), request)),
    route(getBidTerms, (request, caller) => service.bidTerms(caller.actor, request)),
  ]
}
