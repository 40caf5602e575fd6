import { createCoupon } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { couponDraftOf, minorOf, newCouponForm } from './coupon-form.ts'

const form = { ...newCouponForm, code: ' spring10 ' }
const ids = {
  showId: '018f0000-0000-7000-8000-000000000001',
  operationId: '018f0000-0000-7000-8000-000000000002',
}

describe('couponDraftOf', () => {
  it('makes what the server takes', () => {
    const made = couponDraftOf({ ...form, cap: '5.5', minimum: '20', appliesToFlashSales: 'yes' }, 'USD')
    expect(made).toEqual({
      ok: true,
      draft: {
        code: 'SPRING10',
        discount: { kind: 'percent', percent: 10, capMinor: 550 },
        currency: 'USD',
        minimumItemsMinor: 2_000,
        appliesToFlashSales: true,
        redemptionsMax: 100,
        validMinutes: 240,
      },
    })
    if (made.ok) expect(createCoupon.request.safeParse({ ...made.draft, ...ids }).success).toBe(true)
    const amount = couponDraftOf({ ...form, kind: 'amount', amount: '500' }, 'JPY')
    expect(amount.ok && amount.draft.discount).toEqual({ kind: 'amount', amountMinor: 500 })
  })

  it('says what is missing, field by field', () => {
    const empty = { ...form, code: 'abc', percent: '91', cap: 'x', minimum: '0', redemptions: '0' }
    const checked = couponDraftOf(empty, 'USD')
    expect(checked.ok ? [] : Object.keys(checked.problems)).toEqual([
      'code',
      'percent',
      'cap',
      'minimum',
      'redemptions',
    ])
    const amount = couponDraftOf({ ...form, kind: 'amount', percent: '' }, 'USD')
    expect(amount.ok ? [] : Object.keys(amount.problems)).toEqual(['amount'])
  })
})

describe('minorOf', () => {
  it('reads sums by their digits', () => {
    const read = (text: string) => minorOf(text, 'EUR')
    expect(['5', '5.5', '5,50', ' 12345.67 ', '0', '5.555', '-1', ''].map(read)).toEqual([
      500,
      550,
      550,
      1_234_567,
      null,
      null,
      null,
      null,
    ])
    expect(minorOf('5.5', 'JPY')).toBeNull()
  })
})
