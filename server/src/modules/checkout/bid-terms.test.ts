import { allInMinor, type BidTerms, type Currency } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { emptyParcel, shippingInParcel } from './parcel.ts'
import { buyerFeesMinor, priceOf } from './price.ts'
import { shippingByWeight } from './shipping.ts'
import { simpleTax, taxRates } from './tax.ts'

const countries = ['US', 'CA', 'DE', 'FI', 'CH', 'GB', 'JP', 'CN', 'AU', 'BR']
const regions = [null, 'TX', 'CA', 'California', 'NJ', 'MO', 'MN', 'AK', 'nowhere']
const currencies: Currency[] = ['USD', 'EUR', 'GBP', 'CNY', 'JPY']
const hammers = [1, 2, 7, 8, 99, 100, 101, 1_033, 12_345, 99_999, 1_234_567, 87_654_321, 999_999_999, 1_000_000_000]

describe('what a bid costs all-in', () => {
  it('[SE7] is what checkout charges, to the unit, wherever it is sent', () => {
    let compared = 0
    for (const currency of currencies)
      for (const country of countries)
        for (const region of regions)
          for (let hammer of hammers) {
            // A fixed walk through the amounts beside the round ones.
            hammer = Math.min(1_000_000_000, hammer + ((compared * 7_919) % 101))
            const destination = { country, region }
            const unitPrice = { amountMinor: hammer, currency }
            const weightGrams = (compared * 37) % 2_600
            const goods = { productName: '', variantName: '', pictureUrl: '', units: 1, unitPrice, weightGrams }
            const shipping = shippingInParcel(goods, destination, emptyParcel, shippingByWeight)
            const charged = priceOf(goods, destination, { shipping: shippingByWeight, tax: simpleTax })
            if (!shipping || !charged) throw new Error('these countries are delivered to')
            const rates = taxRates(destination)
            const terms: Omit<BidTerms, 'currency' | 'country'> = {
              shippingMinor: shipping.shippingMinor,
              shippingNote: shipping.note,
              itemsTaxMillipercent: rates.items,
              shippingTaxMillipercent: rates.shipping,
              isTaxIncluded: rates.isIncluded,
              feesMinor: buyerFeesMinor,
            }
            expect([currency, country, region, hammer, allInMinor(hammer, terms)]).toEqual([
              ...[currency, country, region, hammer],
              charged.totalMinor,
            ])
            compared += 1
          }
    expect(compared).toBe(6_300)
  })
})

describe('delivery in a parcel', () => {
  const goods = (weightGrams: number) => ({
    ...{ productName: '', variantName: '', pictureUrl: '', units: 1, weightGrams },
    unitPrice: { amountMinor: 1, currency: 'USD' as const },
  })
  const home = { country: 'US', region: null }

  it('[SE6] costs the same together, in whatever order the things are won', () => {
    const weights = [400, 1_200, 40, 2_600, 499, 1, 900]
    for (let turn = 0; turn < weights.length; turn += 1) {
      const order = [...weights.slice(turn), ...weights.slice(0, turn)]
      let parcel = emptyParcel
      for (const grams of order) {
        const added = shippingInParcel(goods(grams), home, parcel, shippingByWeight)
        if (!added) throw new Error('it is delivered')
        const { shippingMinor } = added
        parcel = {
          orders: parcel.orders + 1,
          grams: parcel.grams + grams,
          shippingMinor: parcel.shippingMinor + shippingMinor,
        }
      }
      expect(parcel.shippingMinor).toBe(shippingByWeight(goods(parcel.grams), home))
    }
  })
  it('[SE6] never costs more than a parcel of its own, whatever became of those before', () => {
    const unpaid = { orders: 1, grams: 40, shippingMinor: 0 }
    expect(shippingInParcel(goods(480), home, unpaid, shippingByWeight)).toEqual({ shippingMinor: 499, note: 'added' })
  })
})
