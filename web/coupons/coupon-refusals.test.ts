import { LivelotError } from '@livelot/client'
import type { ErrorCode } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { couponSentence } from './coupon-refusals.ts'

const refused = (code: ErrorCode, details?: Record<string, unknown>) =>
  couponSentence(new LivelotError({ code, details }))

it('says why a coupon takes nothing off, and falls back on the words of the server', () => {
  expect(refused('coupon.not_for_this', { reason: 'flash-sale' })).toBe('This coupon is not for flash prices.')
  expect(refused('coupon.not_for_this', { reason: 'toString' })).toBe('This coupon is not for this purchase.')
  expect(refused('coupon.below_minimum', { minimum: { amountMinor: 2_000, currency: 'USD' } })).toBe(
    'This coupon counts from $20.00 of items.',
  )
  expect(refused('coupon.below_minimum', { minimum: 'much' })).toBe('The items cost less than this coupon asks for.')
  expect(refused('request.invalid')).toBe('A code has 4 to 15 letters and digits.')
})
