import { z } from 'zod'
import { CouponId, OperationId, ShowId } from './ids.ts'
import { Currency } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { EpochMs } from './time.ts'

/** Limits that studio, API and database share. Code and percent: market-facts, coupons in the room. */
export const couponLimits = {
  codeLengthMin: 4,
  codeLengthMax: 15,
  percentMax: 90,
  redemptionsMax: 100_000,
  redemptionsDefault: 100,
  validMinutesMin: 5,
  /** 30 days. */
  validMinutesMax: 43_200,
  validMinutesDefault: 240,
  /** Coupons of one show, ended ones too: the host reads them all in one list. */
  perShowMax: 50,
} as const

/** People type codes in small letters too, and copy blanks along. */
export const CouponCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9]{4,15}$/)
  .meta({ description: '4 to 15 capitals and digits.' })

/** Far below any sum that loses exactness, and above the price of anything sold in a show. */
const CouponAmountMinor = z.int().min(1).max(10_000_000)

/** What is taken off the items; in minor units of the coupon's currency. */
export const CouponDiscount = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('percent'),
    percent: z.int().min(1).max(couponLimits.percentMax),
    capMinor: CouponAmountMinor.nullable(),
  }),
  z.strictObject({ kind: z.literal('amount'), amountMinor: CouponAmountMinor }),
])
export type CouponDiscount = z.infer<typeof CouponDiscount>

/** A coupon as the room sees it. */
export const Coupon = z.strictObject({
  couponId: CouponId,
  showId: ShowId,
  code: CouponCode,
  discount: CouponDiscount,
  currency: Currency,
  /** The items must cost this much; 0 where there is no minimum. */
  minimumItemsMinor: z.int().min(0),
  appliesToFlashSales: z.boolean(),
  validUntilMs: EpochMs,
})
export type Coupon = z.infer<typeof Coupon>

/** A coupon as its creator sees it. */
export const OwnCoupon = z.strictObject({
  coupon: Coupon,
  redemptionsMax: z.int().min(1),
  /** Paid orders, and those whose payment is under way. */
  redemptionCount: z.int().min(0),
  announcedAtMs: EpochMs.nullable(),
  /** Null while it may be used, as far as its creator has a say. */
  endedAtMs: EpochMs.nullable(),
  createdAtMs: EpochMs,
})
export type OwnCoupon = z.infer<typeof OwnCoupon>

/** Why a coupon takes nothing off this purchase; the `reason` in the details of coupon.not_for_this. */
export const couponMismatches = ['outside-show', 'other-show', 'not-on-shelf', 'flash-sale', 'currency'] as const

// ——— operations ———

export const createCoupon = operation({
  name: 'coupon:create',
  summary: 'Make a coupon for a show of the caller. It can be used at once, by whoever knows the code.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/coupons', status: 201 },
  request: z.strictObject({
    showId: ShowId,
    code: CouponCode,
    discount: CouponDiscount,
    currency: Currency,
    minimumItemsMinor: z.int().min(0).max(10_000_000).default(0),
    appliesToFlashSales: z.boolean().default(false),
    redemptionsMax: z.int().min(1).max(couponLimits.redemptionsMax).default(couponLimits.redemptionsDefault),
    validMinutes: z
      .int()
      .min(couponLimits.validMinutesMin)
      .max(couponLimits.validMinutesMax)
      .default(couponLimits.validMinutesDefault),
    operationId: OperationId,
  }),
  response: OwnCoupon,
  repeatable: true,
  errors: ['show.not_found', 'show.wrong_state', 'coupon.code_taken', 'coupon.too_many', 'idempotency.key_reused'],
})

export const announceCoupon = operation({
  name: 'coupon:announce',
  summary: 'Show a coupon of the caller to the room, while the show is live. A second call changes nothing.',
  access: ['creator'],
  http: { method: 'put', path: '/v1/coupons/{couponId}/announcement' },
  request: z.strictObject({ couponId: CouponId }),
  response: OwnCoupon,
  errors: ['coupon.not_found', 'coupon.ended', 'show.not_live'],
})

export const endCoupon = operation({
  name: 'coupon:end',
  summary: 'End a coupon of the caller early. Orders that have it keep it. A second call changes nothing.',
  access: ['creator'],
  http: { method: 'delete', path: '/v1/coupons/{couponId}' },
  request: z.strictObject({ couponId: CouponId }),
  response: OwnCoupon,
  errors: ['coupon.not_found'],
})

export const listCoupons = operation({
  name: 'coupon:list',
  summary: 'All coupons of a show of the caller with their redemptions, newest first.',
  access: ['creator'],
  http: { method: 'get', path: '/v1/shows/{showId}/coupons' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ items: z.array(OwnCoupon) }),
  errors: ['show.not_found'],
})

// ——— events of the show's log ———

export const couponAnnounced = toldEvent({
  name: 'coupon:announced',
  version: 1,
  summary: 'The host shows a coupon to the room.',
  data: z.strictObject({ coupon: Coupon }),
})

export const couponEnded = toldEvent({
  name: 'coupon:ended',
  version: 1,
  summary: 'An announced coupon was ended early. Its time running out is not told: `validUntilMs` says it.',
  data: z.strictObject({ couponId: CouponId }),
})
