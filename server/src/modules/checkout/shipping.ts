import type { Currency } from '@livelot/client/contracts'
import type { ShippingCalculator } from './price.ts'

const europeanUnion = `AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE`.split(' ')

/** Where parcels are sent, as zones seen from where a currency's goods are kept. */
const home: Readonly<Record<Currency, readonly string[]>> = {
  USD: ['US'],
  EUR: europeanUnion,
  GBP: ['GB'],
  CNY: ['CN'],
  JPY: ['JP'],
}
const near: Readonly<Record<Currency, readonly string[]>> = {
  USD: ['CA', 'MX'],
  EUR: ['GB', 'NO', 'CH', 'IS', 'LI'],
  GBP: [...europeanUnion, 'NO', 'CH', 'IS'],
  CNY: ['HK', 'MO', 'TW', 'JP', 'KR', 'SG'],
  JPY: ['CN', 'HK', 'KR', 'TW', 'SG'],
}
const reached = new Set([
  ...europeanUnion,
  ...'US CA MX GB NO CH IS LI CN HK MO TW JP KR SG AU NZ AE SA IL TR IN MY TH VN PH ID BR CL CO ZA'.split(' '),
])

interface Tariff {
  readonly baseMinor: number
  /** For each started half kilogram beyond the first. */
  readonly stepMinor: number
}
const zoneTariffs = { home: 0, near: 1, far: 2 } as const
/** Flat tariffs a currency: home, near, far. Guess at common parcel prices; a carrier's tariff replaces them. */
const tariffs: Readonly<Record<Currency, readonly [Tariff, Tariff, Tariff]>> = {
  USD: tariff([499, 100], [1_299, 350], [1_999, 600]),
  EUR: tariff([490, 90], [1_190, 300], [1_890, 550]),
  GBP: tariff([399, 80], [1_090, 300], [1_690, 500]),
  CNY: tariff([1_000, 300], [4_500, 1_500], [9_900, 3_500]),
  JPY: tariff([600, 150], [1_800, 500], [2_800, 900]),
}

function tariff(...rates: readonly (readonly [number, number])[]): [Tariff, Tariff, Tariff] {
  const [homeRate, nearRate, farRate] = rates.map(([baseMinor, stepMinor]) => ({ baseMinor, stepMinor }))
  return [homeRate, nearRate, farRate] as [Tariff, Tariff, Tariff]
}

const stepGrams = 500
/** Heavier parcels need a carrier's own offer. */
const weightGramsMax = 30_000

/** Delivery by country and weight. Whole steps, so nothing is rounded. */
export const shippingByWeight: ShippingCalculator = (goods, { country }) => {
  const grams = goods.weightGrams * goods.units
  if (!reached.has(country) || grams > weightGramsMax) return null
  const { currency } = goods.unitPrice
  const zone = home[currency].includes(country) ? 'home' : near[currency].includes(country) ? 'near' : 'far'
  const { baseMinor, stepMinor } = tariffs[currency][zoneTariffs[zone]] as Tariff
  return baseMinor + stepMinor * Math.max(0, Math.ceil(grams / stepGrams) - 1)
}
