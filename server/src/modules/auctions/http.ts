import {
  barBidder,
  buyNow,
  changeLot,
  createLot,
  enterBidding,
  getAuction,
  getFairness,
  getLedger,
  getMyEntry,
  getReceiptKeys,
  listLots,
  listMyBids,
  listMyPreBids,
  listPaddles,
  moveLot,
  placeBid,
  placePreBid,
  removeLot,
  startAuction,
} from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { type Route, route } from '#kernel/route'
import type { AuctionVerbs } from './auctions.ts'

/** Ways in over HTTP; bids and purchases are reachable over sockets too. */
export function auctionRoutes(auctions: AuctionVerbs): Route[] {
  const { lots, starts, bids, entries, preBids, views, fairness } = auctions
  return [
    route(createLot, (request, { actor }) => lots.create(request, actor)),
    route(changeLot, (request, { actor }) => lots.change(request, actor)),
    route(moveLot, (request, { actor }) => lots.move(request, actor)),
    route(removeLot, ({ lotId }, { actor }) => lots.remove(lotId, actor)),
    route(listLots, ({ showId }, { actor }) => lots.list(showId, actor)),
    route(startAuction, (request, { actor }) => starts.start(request, actor)),
    route(placeBid, (request, { actor }) => bids.place(request, accountOf(actor).accountId)),
    route(buyNow, (request, { actor }) => bids.buy(request, accountOf(actor).accountId)),
    route(placePreBid, (request, { actor }) => preBids.place(request, accountOf(actor).accountId)),
    route(listMyPreBids, ({ showId }, { actor }) => preBids.listMine(showId, accountOf(actor).accountId)),
    route(enterBidding, (request, { actor }) => entries.enter(request, accountOf(actor))),
    route(getMyEntry, ({ showId }, { actor }) => entries.mine(showId, accountOf(actor).accountId)),
    route(listPaddles, ({ showId }, { actor }) => entries.list(showId, actor)),
    route(barBidder, (request, { actor }) => entries.bar(request, actor)),
    route(getAuction, ({ auctionId }, { actor }) => views.get(auctionId, actor)),
    route(listMyBids, ({ showId }, { actor }) => views.listMine(accountOf(actor).accountId, showId ?? null)),
    route(getLedger, ({ auctionId }) => auctions.exportLedger(auctionId)),
    route(getReceiptKeys, async () => auctions.receiptKeys()),
    route(getFairness, ({ showId }) => fairness.get(showId)),
  ]
}
