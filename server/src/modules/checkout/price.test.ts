import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Goods, priceOf, quoteOf } from './price.ts'
import { shippingByWeight } from './shipping.ts'
import { simpleTax } from './tax.ts'

const goods: Goods = {
  productName: 'Lamp',
  variantName: 'Brass',
  pictureUrl: '/lamp.webp',
  units: 2,
  unitPrice: { amountMinor: 4_999, currency: 'USD' },
  weightGrams: 600,
}
const by = { shipping: shippingByWeight, tax: simpleTax }

describe('priceOf', () => {
  it('[CH1] adds sales tax on top by state, on delivery where the state taxes it', () => {
    // 2 × 600 g are three started half kilograms: 4.99 + 2 × 1.00.
    expect(priceOf(goods, { country: 'US', region: 'CA' }, by)).toEqual({
      itemsMinor: 9_998,
      discountMinor: 0,
      shippingMinor: 699,
      taxMinor: 725,
      feesMinor: 0,
      totalMinor: 11_422,
      taxInItemsMinor: 0,
      taxInShippingMinor: 0,
      isTaxIncluded: false,
    })
    expect(priceOf(goods, { country: 'US', region: 'Texas' }, by)).toMatchObject({ taxMinor: 669, totalMinor: 11_366 })
    expect(priceOf(goods, { country: 'US', region: 'OR' }, by)).toMatchObject({ taxMinor: 0, totalMinor: 10_697 })
    expect(priceOf(goods, { country: 'US', region: null }, by)).toMatchObject({ taxMinor: 0, totalMinor: 10_697 })
  })

  it('[CH1] contains value-added tax where law wants prices with tax', () => {
    const euro: Goods = { ...goods, units: 1, unitPrice: { amountMinor: 4_999, currency: 'EUR' } }
    expect(priceOf(euro, { country: 'DE', region: null }, by)).toEqual({
      itemsMinor: 4_999,
      discountMinor: 0,
      shippingMinor: 580,
      taxMinor: 0,
      feesMinor: 0,
      totalMinor: 5_579,
      taxInItemsMinor: 798,
      taxInShippingMinor: 93,
      isTaxIncluded: true,
    })
    expect(priceOf(euro, { country: 'GB', region: null }, by)).toMatchObject({
      shippingMinor: 1_490,
      totalMinor: 6_489,
    })
    expect(priceOf(euro, { country: 'US', region: 'NY' }, by)).toMatchObject({ shippingMinor: 2_440, taxMinor: 298 })
  })

  it('[CH2] says no where nobody delivers', () => {
    expect(priceOf(goods, { country: 'AQ', region: null }, by)).toBeNull()
    expect(priceOf({ ...goods, weightGrams: 15_001 }, { country: 'US', region: null }, by)).toBeNull()
  })

  it('[CH1] always shows a total that is the sum of its parts', () => {
    const countries = ['US', 'DE', 'GB', 'JP', 'CN', 'CA', 'BR']
    const currencies = ['USD', 'EUR', 'GBP', 'CNY', 'JPY'] as const
    fc.assert(
      fc.property(
        fc.record({
          amountMinor: fc.integer({ min: 1, max: 1_000_000_000 }),
          currency: fc.constantFrom(...currencies),
          units: fc.integer({ min: 1, max: 20 }),
          weightGrams: fc.integer({ min: 1, max: 1_500 }),
          country: fc.constantFrom(...countries),
          offPart: fc.integer({ min: 0, max: 99 }),
          region: fc.constantFrom(null, 'CA', 'TX', 'New York', 'XX', 'constructor'),
        }),
        ({ amountMinor, currency, units, weightGrams, country, region, offPart }) => {
          const one = { ...goods, units, weightGrams, unitPrice: { amountMinor, currency } }
          const discountMinor = Math.floor((amountMinor * units * offPart) / 100)
          const price = priceOf(one, { country, region }, by, discountMinor)
          if (!price) throw new Error('every listed country is reached')
          const quote = quoteOf(one, price, { country, region })
          const { items, discount, shipping, tax, fees, total } = quote
          expect(discount.amountMinor).toBe(discountMinor)
          expect(total.amountMinor).toBe(
            items.amountMinor - discountMinor + shipping.amountMinor + tax.amountMinor + fees.amountMinor,
          )
          expect(Object.values(price).every((part) => typeof part === 'boolean' || Number.isSafeInteger(part))).toBe(
            true,
          )
          expect(price.taxInItemsMinor).toBeLessThanOrEqual(price.itemsMinor - discountMinor)
          expect(price.isTaxIncluded ? price.taxMinor : price.taxInItemsMinor).toBe(0)
        },
      ),
      { seed: 20261122, numRuns: 500 },
    )
  })
})
