import { announceCoupon, createCoupon, endCoupon, listCoupons } from '../../contracts/index.ts'
import type { Caller } from '../wire/caller.ts'
import { bind } from './bind.ts'

/** Coupons of one's own shows. Whoever buys gives the code to `checkout.quote` and `checkout.start`. */
export function couponsGroup(caller: Caller) {
  return {
    create: bind(caller, createCoupon),
    /** Repeats: the room is told once. */
    announce: bind(caller, announceCoupon),
    /** Repeats: it stays ended. */
    end: bind(caller, endCoupon),
    list: bind(caller, listCoupons),
  }
}
