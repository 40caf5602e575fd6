export { type Coupons, type CouponsOptions, createCoupons } from './coupons.ts'
export type { AppliedCoupon, CouponRedeeming } from './redeeming.ts'
