import type { Address, CheckoutItem, Money, Quote } from '@livelot/client/contracts'
import { assertThat } from '#kernel/errors'
import { money } from '#kernel/money'

/** What is bought, at which price. */
export interface Goods {
  readonly productName: string
  readonly variantName: string
  readonly pictureUrl: string
  readonly units: number
  readonly unitPrice: Money
  readonly weightGrams: number
}

export interface Destination {
  readonly country: string
  /** State or province, where taxes depend on it and it is known. */
  readonly region: string | null
}

/** Where guests are thought to live. */
export const defaultCountry = 'US'

export function destinationOf(address: Address): Destination {
  return { country: address.country, region: address.region ?? null }
}

/** Price of delivery in minor units of the goods' currency; null where nobody delivers. */
export type ShippingCalculator = (goods: Goods, destination: Destination) => number | null

export interface Tax {
  /** Charged on top. */
  readonly addedMinor: number
  /** Contained in the prices, where law wants prices with tax. */
  readonly inItemsMinor: number
  readonly inShippingMinor: number
  readonly isIncluded: boolean
}
export type TaxCalculator = (base: { itemsMinor: number; shippingMinor: number }, destination: Destination) => Tax

export interface Price {
  readonly itemsMinor: number
  /** What a coupon takes off the items. */
  readonly discountMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly feesMinor: number
  readonly totalMinor: number
  readonly taxInItemsMinor: number
  readonly taxInShippingMinor: number
  readonly isTaxIncluded: boolean
}

/** Buyers pay no fee of the platform's; the brand's share bears it. */
export const buyerFeesMinor = 0

/**
 * The all-in price: items less the coupon, delivery, tax, fees. Whole minor units throughout; each tax is rounded once,
 * half up, on the sum it is due on, which is what is left after the coupon. Null where nobody delivers.
 */
export function priceOf(
  goods: Goods,
  destination: Destination,
  by: { readonly shipping: ShippingCalculator; readonly tax: TaxCalculator },
  discountMinor = 0,
): Price | null {
  const shippingMinor = by.shipping(goods, destination)
  if (shippingMinor === null) return null
  const itemsMinor = itemsMinorOf(goods)
  const paidItemsMinor = itemsMinor - discountMinor
  assertThat(paidItemsMinor > 0, 'a discount leaves something of the items')
  const tax = by.tax({ itemsMinor: paidItemsMinor, shippingMinor }, destination)
  const totalMinor = paidItemsMinor + shippingMinor + tax.addedMinor + buyerFeesMinor
  assertThat(Number.isSafeInteger(totalMinor), 'a price is a safe integer')
  return {
    itemsMinor,
    discountMinor,
    shippingMinor,
    taxMinor: tax.addedMinor,
    feesMinor: buyerFeesMinor,
    totalMinor,
    taxInItemsMinor: tax.inItemsMinor,
    taxInShippingMinor: tax.inShippingMinor,
    isTaxIncluded: tax.isIncluded,
  }
}

/** What the items cost before anything is taken off. */
export const itemsMinorOf = ({ units, unitPrice }: Goods): number => unitPrice.amountMinor * units

export function quoteOf(goods: Goods, price: Price, destination: Destination): Quote {
  const { currency } = goods.unitPrice
  return {
    productName: goods.productName,
    variantName: goods.variantName,
    pictureUrl: goods.pictureUrl,
    units: goods.units,
    unitPrice: goods.unitPrice,
    items: money(price.itemsMinor, currency),
    discount: money(price.discountMinor, currency),
    shipping: money(price.shippingMinor, currency),
    tax: money(price.taxMinor, currency),
    fees: money(price.feesMinor, currency),
    total: money(price.totalMinor, currency),
    country: destination.country,
    taxIncluded: price.isTaxIncluded,
  }
}

/** What identifies a purchase wish, so that an operation id cannot be used for another one. */
export function wishText(wish: {
  item: CheckoutItem
  cardId: string
  expectedTotal: Money
  address: unknown
  couponCode?: string
}): string {
  const { item, cardId, expectedTotal, address, couponCode } = wish
  const bought =
    item.kind === 'hold'
      ? ['hold', item.flashSaleId, item.holdId]
      : ['variant', item.variantId, item.units, item.showId ?? null]
  const parts = [bought, cardId, expectedTotal.amountMinor, expectedTotal.currency, address ?? null]
  return JSON.stringify(couponCode === undefined ? parts : [...parts, couponCode])
}
