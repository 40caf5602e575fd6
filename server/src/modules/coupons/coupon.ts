import type {
  Coupon,
  CouponDiscount,
  CouponId,
  CreatorId,
  Currency,
  couponMismatches,
  Money,
  OperationId,
  OwnCoupon,
  ProductId,
  ShowId,
} from '@livelot/client/contracts'
import { shareOf } from '#kernel/money'

/** A coupon as it is kept; its terms never change after it was made. */
export interface CouponRecord extends Omit<Coupon, 'discount'> {
  readonly creatorId: CreatorId
  readonly percent: number | null
  readonly capMinor: number | null
  readonly amountMinor: number | null
  readonly redemptionsMax: number
  readonly redemptionCount: number
  readonly announcedAtMs: number | null
  readonly endedAtMs: number | null
  readonly createdAtMs: number
  /** Ended early, or its time is over by Postgres' clock. */
  readonly isOver: boolean
}

export interface NewCoupon {
  readonly couponId: CouponId
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly code: string
  readonly discount: CouponDiscount
  readonly currency: Currency
  readonly minimumItemsMinor: number
  readonly appliesToFlashSales: boolean
  readonly redemptionsMax: number
  readonly validMinutes: number
  readonly operationId: OperationId
  readonly requestHash: Buffer
}

/** What somebody wants to use a coupon for. */
export interface Purchase {
  readonly showId: ShowId | null
  readonly productId: ProductId
  readonly isFlashSale: boolean
  readonly items: Money
}

const basisPointsPerPercent = 100

export type Mismatch = (typeof couponMismatches)[number]

/**
 * What a coupon takes off items of this price: a percentage is rounded half up and capped. One minor unit of the items
 * always stays, because an order of nothing is not a charge.
 */
export function discountOf(discount: CouponDiscount, itemsMinor: number): number {
  const wantedMinor =
    discount.kind === 'amount'
      ? discount.amountMinor
      : Math.min(
          shareOf(itemsMinor, discount.percent * basisPointsPerPercent),
          discount.capMinor ?? Number.MAX_SAFE_INTEGER,
        )
  return Math.max(0, Math.min(wantedMinor, itemsMinor - 1))
}

/** Why a coupon takes nothing off a purchase that it was not made for; null where it was. */
export function mismatchOf(record: CouponRecord, purchase: Purchase, shelf: readonly ProductId[]): Mismatch | null {
  if (record.showId !== purchase.showId) return 'other-show'
  if (!shelf.includes(purchase.productId)) return 'not-on-shelf'
  if (purchase.isFlashSale && !record.appliesToFlashSales) return 'flash-sale'
  return record.currency === purchase.items.currency ? null : 'currency'
}

export function toCoupon(record: CouponRecord): Coupon {
  const { couponId, showId, code, currency, minimumItemsMinor, appliesToFlashSales, validUntilMs } = record
  const discount = discountTermsOf(record)
  return { couponId, showId, code, discount, currency, minimumItemsMinor, appliesToFlashSales, validUntilMs }
}

export function toOwnCoupon(record: CouponRecord): OwnCoupon {
  const { redemptionsMax, redemptionCount, announcedAtMs, endedAtMs, createdAtMs } = record
  return { coupon: toCoupon(record), redemptionsMax, redemptionCount, announcedAtMs, endedAtMs, createdAtMs }
}

export function discountTermsOf({ percent, capMinor, amountMinor }: CouponRecord): CouponDiscount {
  return percent === null
    ? { kind: 'amount', amountMinor: amountMinor as number }
    : { kind: 'percent', percent, capMinor }
}

/** The field of the show's state that belongs to one coupon. */
export const couponField = (coupon: Coupon) => ({ [`coupon:${coupon.couponId}`]: JSON.stringify(coupon) })
/** An empty field is no coupon. */
export const endedCouponField = (couponId: CouponId) => ({ [`coupon:${couponId}`]: '' })
