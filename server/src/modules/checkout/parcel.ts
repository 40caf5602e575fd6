import type { Destination, Goods, ShippingCalculator } from './price.ts'

/** What one buyer won before and has in the same parcel: orders that are paid or may yet be. */
export interface Parcel {
  readonly orders: number
  readonly grams: number
  readonly shippingMinor: number
}

export const emptyParcel: Parcel = { orders: 0, grams: 0, shippingMinor: 0 }

export interface ParcelShipping {
  readonly shippingMinor: number
  readonly note: 'first' | 'added' | 'together'
}

/**
 * What delivery of one more thing in a parcel costs: the price of the heavier parcel less what was charged for it
 * before, and never more than a parcel of its own. What is too heavy together goes in a parcel of its own.
 * Null where nobody delivers.
 */
export function shippingInParcel(
  goods: Goods,
  destination: Destination,
  parcel: Parcel,
  shipping: ShippingCalculator,
): ParcelShipping | null {
  const aloneMinor = shipping(goods, destination)
  if (aloneMinor === null) return null
  const weightGrams = parcel.grams + goods.weightGrams * goods.units
  const wholeMinor = parcel.orders > 0 ? shipping({ ...goods, units: 1, weightGrams }, destination) : null
  if (wholeMinor === null) return { shippingMinor: aloneMinor, note: 'first' }
  const shippingMinor = Math.min(aloneMinor, Math.max(0, wholeMinor - parcel.shippingMinor))
  return { shippingMinor, note: shippingMinor > 0 ? 'added' : 'together' }
}
