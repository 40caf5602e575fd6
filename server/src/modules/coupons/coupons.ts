import type { Database } from '#infra/postgres/pool'
import type { Route } from '#kernel/route'
import { couponRoutes } from './http.ts'
import type { CouponShows } from './needs.ts'
import { createRedeeming } from './redeeming.ts'
import { createCouponService } from './service.ts'

export interface CouponsOptions {
  readonly database: Database
  readonly shows: CouponShows
}

/** The module put together: verbs of creators, and redeeming as checkout needs it. */
export function createCoupons(options: CouponsOptions) {
  const service = createCouponService(options)
  return { service, redeeming: createRedeeming(options), routes: (): Route[] => couponRoutes(service) }
}

export type Coupons = ReturnType<typeof createCoupons>
