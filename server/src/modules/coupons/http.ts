import { announceCoupon, createCoupon, endCoupon, listCoupons } from '@livelot/client/contracts'
import { type Route, route } from '#kernel/route'
import type { CouponService } from './service.ts'

export function couponRoutes(service: CouponService): Route[] {
  return [
    route(createCoupon, (request, { actor }) => service.create(request, actor)),
    route(announceCoupon, ({ couponId }, { actor }) => service.announce(couponId, actor)),
    route(endCoupon, ({ couponId }, { actor }) => service.end(couponId, actor)),
    route(listCoupons, ({ showId }, { actor }) => service.list(showId, actor)),
  ]
}
