import {
  barBidder,
  changeLot,
  createLot,
  enterBidding,
  getBidTerms,
  getFairness,
  getLedger,
  getMyEntry,
  getReceiptKeys,
  listLots,
  listMyBids,
  listMyPreBids,
  listMyWins,
  listPaddles,
  listSettlements,
  moveLot,
  payWin,
  placePreBid,
  removeLot,
  startAuction,
} from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import { bind } from './bind.ts'

/** The queue of a show: what its host prepares and runs. */
export function lotsGroup(caller: Caller) {
  return {
    list: bind(caller, listLots),
    /** Repeats: with the same operation id it gives the same lot. */
    create: bind(caller, createLot),
    change: bind(caller, changeLot),
    move: bind(caller, moveLot),
    remove: bind(caller, removeLot),
    /** Repeats: with the same operation id it gives the same auction. */
    start: bind(caller, startAuction),
  }
}

/** What goes with bidding. Bids themselves are placed in the room: `room.auction(id).bid(…)`. */
export function biddingGroup(caller: Caller) {
  return {
    enter: bind(caller, enterBidding),
    myEntry: bind(caller, getMyEntry),
    /** Repeats: with the same operation id it gives the same pre-bid. */
    placePreBid: bind(caller, placePreBid),
    myPreBids: bind(caller, listMyPreBids),
    myBids: bind(caller, listMyBids),
    paddles: bind(caller, listPaddles),
    bar: bind(caller, barBidder),
    fairness: bind(caller, getFairness),
    ledger: bind(caller, getLedger),
    receiptKeys: bind(caller, getReceiptKeys),
  }
}

/** What follows the hammer: what a win costs, and its payment. */
export function settlementsGroup(caller: Caller) {
  return {
    listMyWins: bind(caller, listMyWins),
    /** What has become of each won lot of a show. */
    list: bind(caller, listSettlements),
    /** Pays a win whose saved card was not charged. Repeats: with the same operation id it gives the same try. */
    payWin: bind(caller, payWin),
    /** What comes on top of a bid for this caller; `allInMinor` of the contracts adds it up. */
    bidTerms: bind(caller, getBidTerms),
  }
}
