import type { Destination, TaxCalculator } from './price.ts'

/** Rates are thousandths of a percent (7.25 % = 7250), so that every real rate is a whole number. */
const rateUnit = 100_000n

/**
 * State sales tax without local additions, and whether delivery is taxed with the goods. A simple table for states with
 * the most people; a tax service replaces it. Source: the states' revenue departments, general rates as known in 2025.
 */
const usStates: Readonly<
  Record<string, { readonly name: string; readonly rate: number; readonly onShipping: boolean }>
> = {
  CA: { name: 'california', rate: 7_250, onShipping: false },
  TX: { name: 'texas', rate: 6_250, onShipping: true },
  FL: { name: 'florida', rate: 6_000, onShipping: false },
  NY: { name: 'new york', rate: 4_000, onShipping: true },
  PA: { name: 'pennsylvania', rate: 6_000, onShipping: true },
  IL: { name: 'illinois', rate: 6_250, onShipping: false },
  OH: { name: 'ohio', rate: 5_750, onShipping: true },
  GA: { name: 'georgia', rate: 4_000, onShipping: true },
  NC: { name: 'north carolina', rate: 4_750, onShipping: true },
  MI: { name: 'michigan', rate: 6_000, onShipping: true },
  NJ: { name: 'new jersey', rate: 6_625, onShipping: true },
  VA: { name: 'virginia', rate: 4_300, onShipping: false },
  WA: { name: 'washington', rate: 6_500, onShipping: true },
  AZ: { name: 'arizona', rate: 5_600, onShipping: false },
  TN: { name: 'tennessee', rate: 7_000, onShipping: true },
  MA: { name: 'massachusetts', rate: 6_250, onShipping: false },
  IN: { name: 'indiana', rate: 7_000, onShipping: true },
  MD: { name: 'maryland', rate: 6_000, onShipping: false },
  MO: { name: 'missouri', rate: 4_225, onShipping: false },
  WI: { name: 'wisconsin', rate: 5_000, onShipping: true },
  CO: { name: 'colorado', rate: 2_900, onShipping: false },
  MN: { name: 'minnesota', rate: 6_875, onShipping: true },
}
const stateByName = new Map(Object.entries(usStates).map(([code, state]) => [state.name, code]))

/** Value-added tax contained in prices: standard rates, as known in 2025. Source: taxation-customs.ec.europa.eu, gov.uk. */
const includedRates: Readonly<Record<string, number>> = {
  AT: 20_000,
  BE: 21_000,
  BG: 20_000,
  HR: 25_000,
  CY: 19_000,
  CZ: 21_000,
  DK: 25_000,
  EE: 24_000,
  FI: 25_500,
  FR: 20_000,
  DE: 19_000,
  GR: 24_000,
  HU: 27_000,
  IE: 23_000,
  IT: 22_000,
  LV: 21_000,
  LT: 21_000,
  LU: 17_000,
  MT: 18_000,
  NL: 21_000,
  PL: 23_000,
  PT: 23_000,
  RO: 21_000,
  SK: 23_000,
  SI: 22_000,
  ES: 21_000,
  SE: 25_000,
  GB: 20_000,
  NO: 25_000,
  CH: 8_100,
  IS: 24_000,
  LI: 8_100,
  JP: 10_000,
  CN: 13_000,
  KR: 10_000,
  AU: 10_000,
  NZ: 15_000,
}

/** Rates on the goods and on their delivery, in thousandths of a percent. */
export interface TaxRates {
  readonly items: number
  readonly shipping: number
  /** Contained in the prices, where law wants it so; else on top. */
  readonly isIncluded: boolean
}

/** Sales tax on top for the states of the US, value-added tax within the prices where law wants it so, else none. */
export function taxRates({ country, region }: Destination): TaxRates {
  const included = includedRates[country]
  if (included !== undefined) return { items: included, shipping: included, isIncluded: true }
  const state = country === 'US' && region !== null ? usStates[stateCode(region)] : undefined
  return { items: state?.rate ?? 0, shipping: state?.onShipping ? state.rate : 0, isIncluded: false }
}

export const simpleTax: TaxCalculator = ({ itemsMinor, shippingMinor }, destination) => {
  const { items, shipping, isIncluded } = taxRates(destination)
  if (isIncluded)
    return {
      addedMinor: 0,
      inItemsMinor: containedIn(itemsMinor, items),
      inShippingMinor: containedIn(shippingMinor, shipping),
      isIncluded,
    }
  const baseMinor = itemsMinor + (shipping > 0 ? shippingMinor : 0)
  return { addedMinor: shareHalfUp(baseMinor, items), inItemsMinor: 0, inShippingMinor: 0, isIncluded }
}

function stateCode(region: string): string {
  const text = region.trim()
  return stateByName.get(text.toLowerCase()) ?? text.toUpperCase()
}

/** Share of an amount, rounded half up. In BigInt, because amount times rate may pass 2^53. */
function shareHalfUp(amountMinor: number, rate: number): number {
  return Number((BigInt(amountMinor) * BigInt(rate) * 2n + rateUnit) / (rateUnit * 2n))
}

/** The tax that a price with tax contains: price × rate / (1 + rate), rounded half up. */
function containedIn(amountMinor: number, rate: number): number {
  const whole = rateUnit + BigInt(rate)
  return Number((BigInt(amountMinor) * BigInt(rate) * 2n + whole) / (whole * 2n))
}
