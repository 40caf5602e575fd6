import { describe, expect, it } from 'vitest'
import { type Sale, saleTransaction } from './posting.ts'

const brandId = '018f0000-0000-7000-8000-000000000001'
const sale: Sale = {
  orderId: '018f0000-0000-7000-8000-000000000002',
  brandId,
  provider: 'sandbox',
  currency: 'USD',
  itemsMinor: 4_999,
  discountMinor: 0,
  shippingMinor: 599,
  taxMinor: 362,
  feesMinor: 0,
  totalMinor: 5_960,
  taxInItemsMinor: 0,
  taxInShippingMinor: 0,
}

describe('saleTransaction', () => {
  it('[LE5] splits a sale with tax on top', () => {
    expect(saleTransaction(sale, 600).lines).toEqual([
      { account: 'provider/sandbox/clearing', amountMinor: 5_960 },
      { account: `brand/${brandId}/payable`, amountMinor: -4_699 },
      { account: 'platform/fees', amountMinor: -300 },
      { account: 'tax/payable', amountMinor: -362 },
      { account: 'shipping/collected', amountMinor: -599 },
    ])
  })

  it('[LE5] takes tax contained in prices out of the brand’s and the carrier’s share', () => {
    const included = { ...sale, taxMinor: 0, totalMinor: 5_598, taxInItemsMinor: 798, taxInShippingMinor: 96 }
    expect(saleTransaction(included, 600).lines).toEqual([
      { account: 'provider/sandbox/clearing', amountMinor: 5_598 },
      { account: `brand/${brandId}/payable`, amountMinor: -3_901 },
      { account: 'platform/fees', amountMinor: -300 },
      { account: 'tax/payable', amountMinor: -894 },
      { account: 'shipping/collected', amountMinor: -503 },
    ])
  })

  it('[LE5] lets the brand bear a coupon, and takes the fee of what was paid', () => {
    const reduced = { ...sale, discountMinor: 1_000, totalMinor: 4_960 }
    expect(saleTransaction(reduced, 600).lines).toEqual([
      { account: 'provider/sandbox/clearing', amountMinor: 4_960 },
      { account: `brand/${brandId}/payable`, amountMinor: -3_759 },
      { account: 'platform/fees', amountMinor: -240 },
      { account: 'tax/payable', amountMinor: -362 },
      { account: 'shipping/collected', amountMinor: -599 },
    ])
  })

  it('[LE5] leaves out empty lines', () => {
    const plain = { ...sale, shippingMinor: 0, taxMinor: 0, totalMinor: 4_999 }
    expect(saleTransaction(plain, 0).lines).toEqual([
      { account: 'provider/sandbox/clearing', amountMinor: 4_999 },
      { account: `brand/${brandId}/payable`, amountMinor: -4_999 },
    ])
  })

  it('[LE1] refuses parts that do not add up to the total', () => {
    expect(() => saleTransaction({ ...sale, totalMinor: 5_961 }, 600)).toThrow('add up')
  })
})
