import { LivelotError } from '@livelot/client'
import type { couponMismatches } from '@livelot/client/contracts'
import { Money } from '@livelot/client/contracts'
import { sentenceOf } from '../data/sentences.ts'
import { formatMoney } from '../parts/money.ts'

const mismatches: Record<(typeof couponMismatches)[number], string> = {
  'outside-show': 'This coupon counts in its show only.',
  'other-show': 'This coupon is for another show.',
  'not-on-shelf': 'This coupon is not for this product.',
  'flash-sale': 'This coupon is not for flash prices.',
  currency: 'This coupon is for another currency.',
}

export function isCouponRefusal(error: unknown): error is LivelotError {
  return error instanceof LivelotError && error.code.startsWith('coupon.')
}

/** Why a coupon takes nothing off, as exactly as the server said it. */
export function couponSentence(error: unknown): string {
  // A code of the wrong form is not asked for at all.
  if (!isCouponRefusal(error)) return 'A code has 4 to 15 letters and digits.'
  const { reason, minimum } = error.details
  if (error.code === 'coupon.not_for_this' && typeof reason === 'string' && Object.hasOwn(mismatches, reason))
    return mismatches[reason as keyof typeof mismatches]
  const least = Money.safeParse(minimum)
  if (error.code === 'coupon.below_minimum' && least.success)
    return `This coupon counts from ${formatMoney(least.data)} of items.`
  return sentenceOf(error)
}
