import type { Coupon, ShowLogEvent } from '@livelot/client/contracts'
import { CouponCode } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { emptyRoom, withLogEvent, withSnapshot } from '../src/room/state.ts'
import { snapshot } from './samples.ts'

const couponOf = (digit: number) =>
  ({
    couponId: `00000000-0000-7000-8000-00000000008${digit}`,
    showId: '00000000-0000-7000-8000-000000000072',
    code: `SPRING${digit}`,
    discount: { kind: 'percent', percent: 10, capMinor: null },
    currency: 'EUR',
    minimumItemsMinor: 0,
    appliesToFlashSales: false,
    validUntilMs: 60_001,
  }) as unknown as Coupon
const [one, two] = [couponOf(1), couponOf(2)]
const event = (type: string, data: object) => ({ seq: 1, atMs: 1, version: 1, type, data }) as unknown as ShowLogEvent
const announced = (coupon: Coupon) => event('coupon:announced', { coupon })
const ended = ({ couponId }: Coupon) => event('coupon:ended', { couponId })

describe('the coupons of a room', () => {
  it('come by announcement or snapshot, each once, and go when they are ended', () => {
    const steps: (readonly Coupon[])[] = []
    let state = withSnapshot(emptyRoom, snapshot({ coupons: [one] }))
    for (const next of [announced(two), announced(one), ended(two), ended(two), ended(one)]) {
      state = withLogEvent(state, next)
      steps.push(state.coupons)
    }
    expect(steps).toEqual([[one, two], [two, one], [one], [one], []])
  })
})

describe('a code', () => {
  it('is taken as people type it', () => {
    const read = (text: string) => CouponCode.safeParse(text).data ?? null
    expect([' spring10 ', 'ABCD', 'A1B2C3D4E5F6G7H', 'ABC', 'A1B2C3D4E5F6G7HI', 'SPRING-10', 'ÄÖÜÄ'].map(read)).toEqual(
      ['SPRING10', 'ABCD', 'A1B2C3D4E5F6G7H', null, null, null, null],
    )
  })
})
