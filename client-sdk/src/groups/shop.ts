import {
  closeFlashSale,
  createFlashSale,
  getFlashSale,
  getPaymentConfig,
  getProduct,
  getWaitingRoom,
  joinWaitingRoom,
  joinWaitlist,
  leaveWaitingRoom,
  listBrands,
  listCards,
  listMyHolds,
  listProducts,
  releaseHold,
  removeCard,
  reserve,
  saveCard,
} from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import { bind } from './bind.ts'

export function productsGroup(caller: Caller) {
  return { list: bind(caller, listProducts), get: bind(caller, getProduct), brands: bind(caller, listBrands) }
}

export function flashSalesGroup(caller: Caller) {
  return {
    create: bind(caller, createFlashSale),
    close: bind(caller, closeFlashSale),
    get: bind(caller, getFlashSale),
    /** Repeats: with the same operation id it gives the same hold. */
    reserve: bind(caller, reserve),
    release: bind(caller, releaseHold),
    joinWaitlist: bind(caller, joinWaitlist),
    myHolds: bind(caller, listMyHolds),
  }
}

/** The lines of sales that are sold by turns. In a room, `room.waiting(flashSaleId)` keeps the own place up to date. */
export function waitingRoomsGroup(caller: Caller) {
  return {
    /** Repeats: an account has one place, and every call answers it. */
    join: bind(caller, joinWaitingRoom),
    leave: bind(caller, leaveWaitingRoom),
    get: bind(caller, getWaitingRoom),
  }
}

export function cardsGroup(caller: Caller) {
  return {
    /** Where the provider's card form is; card numbers never pass through this client's server. */
    config: bind(caller, getPaymentConfig),
    list: bind(caller, listCards),
    save: bind(caller, saveCard),
    remove: bind(caller, removeCard),
  }
}
