import {
  continueCheckout,
  getCheckout,
  getOrder,
  getQuote,
  getSalesBoard,
  listOrders,
  refundOrder,
  startCheckout,
} from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { type Route, route } from '#kernel/route'
import type { CheckoutService } from './service.ts'

export function checkoutRoutes(service: CheckoutService): Route[] {
  const { orders, board } = service
  return [
    route(getQuote, (request, caller) => service.quote(caller.actor, request)),
    route(startCheckout, (request, caller) => service.start(accountOf(caller.actor), request)),
    route(getCheckout, (request, caller) => service.get(accountOf(caller.actor), request)),
    route(continueCheckout, (request, caller) => service.continue(accountOf(caller.actor), request.checkoutId)),
    route(listOrders, (request, caller) => orders.list(accountOf(caller.actor).accountId, request)),
    route(getOrder, (request, caller) => orders.get(accountOf(caller.actor), request.orderId)),
    route(refundOrder, (request, caller) => orders.refund(accountOf(caller.actor), request)),
    route(getSalesBoard, (request, caller) => board.get(accountOf(caller.actor), request.showId)),
  ]
}
