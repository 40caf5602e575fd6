import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discountOf } from './coupon.ts'

const percent = (share: number, capMinor: number | null = null) =>
  ({ kind: 'percent', percent: share, capMinor }) as const
const amount = (amountMinor: number) => ({ kind: 'amount', amountMinor }) as const

describe('discountOf', () => {
  it('[CP3] rounds a percentage half up, once, on the sum of the items', () => {
    expect(discountOf(percent(10), 2_000)).toBe(200)
    expect(discountOf(percent(15), 1_990)).toBe(299) // 298.5
    expect(discountOf(percent(15), 1_989)).toBe(298) // 298.35
    expect(discountOf(percent(1), 50)).toBe(1) // 0.5
    expect(discountOf(percent(1), 49)).toBe(0)
    expect(discountOf(percent(90), 10_000_000)).toBe(9_000_000)
  })

  it('[CP3] takes no more than the cap', () => {
    expect(discountOf(percent(50, 500), 999)).toBe(500) // 499.5
    expect(discountOf(percent(50, 500), 998)).toBe(499)
    expect(discountOf(percent(50, 500), 100_000)).toBe(500)
  })

  it('[CP4] leaves one minor unit of the items, whatever it would take off', () => {
    expect(discountOf(amount(500), 2_000)).toBe(500)
    expect(discountOf(amount(500), 501)).toBe(500)
    expect(discountOf(amount(500), 500)).toBe(499)
    expect(discountOf(amount(500), 2)).toBe(1)
    expect(discountOf(amount(500), 1)).toBe(0)
  })

  it('[CP3] [CP4] takes off whole minor units, between nothing and all but one', () => {
    const terms = fc.oneof(
      fc.record({
        kind: fc.constant('percent' as const),
        percent: fc.integer({ min: 1, max: 90 }),
        capMinor: fc.option(fc.integer({ min: 1, max: 10_000_000 })),
      }),
      fc.record({ kind: fc.constant('amount' as const), amountMinor: fc.integer({ min: 1, max: 10_000_000 }) }),
    )
    fc.assert(
      fc.property(terms, fc.integer({ min: 1, max: 1_000_000_000_000 }), (discount, itemsMinor) => {
        const off = discountOf(discount, itemsMinor)
        expect(Number.isSafeInteger(off)).toBe(true)
        expect(off).toBeGreaterThanOrEqual(0)
        expect(off).toBeLessThan(itemsMinor)
        if (discount.kind === 'percent' && discount.capMinor === null && itemsMinor > 100)
          expect(Math.abs(off * 100 - itemsMinor * discount.percent)).toBeLessThanOrEqual(50)
      }),
      { seed: 20261122, numRuns: 1_000 },
    )
  })
})
