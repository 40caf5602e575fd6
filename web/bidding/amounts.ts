import type { Currency, IncrementStep, Money } from '@livelot/client/contracts'
import { incrementAt } from '@livelot/client/contracts'

const formatters = new Map<string, Intl.NumberFormat>()

function formatterFor(currency: string): Intl.NumberFormat {
  const known = formatters.get(currency)
  if (known) return known
  const made = new Intl.NumberFormat('en-US', { style: 'currency', currency, trailingZeroDisplay: 'stripIfInteger' })
  formatters.set(currency, made)
  return made
}

/** 2 for dollars, 0 for yen. */
function digitsOf(currency: string): number {
  return formatterFor(currency).resolvedOptions().maximumFractionDigits ?? 2
}

/** "$24", "$24.50": bids are mostly round, and a button has little room. */
export function formatBid({ amountMinor, currency }: Money): string {
  return formatterFor(currency).format(amountMinor / 10 ** digitsOf(currency))
}

/** What a person typed, in minor units. Read by digits, because floats do not add up; null where it is no amount. */
export function parseAmountMinor(text: string, currency: Currency): number | null {
  const digits = digitsOf(currency)
  const match = /^\s*[$€£¥]?\s*(\d{1,8})(?:[.,](\d{1,2}))?\s*$/.exec(
    text.replaceAll(/(?<=\d)[,\s](?=\d{3}(\D|$))/g, ''),
  )
  const fraction = match?.[2] ?? ''
  if (!match || fraction.length > digits) return null
  return Number(match[1]) * 10 ** digits + Number(fraction.padEnd(digits, '0') || 0)
}

/** "24.50" as it stands in a box, without a sign of the currency. */
export function amountText(amountMinor: number, currency: Currency): string {
  const digits = digitsOf(currency)
  const major = amountMinor / 10 ** digits
  return Number.isInteger(major) ? String(major) : major.toFixed(digits)
}

/** The least amount, and so many steps of the table above it: what a thumb chooses from. */
export function stepsAbove(fromMinor: number, increments: readonly IncrementStep[], steps: number): number {
  let amountMinor = fromMinor
  for (let step = 0; step < steps; step += 1) amountMinor += incrementAt(amountMinor, increments)
  return amountMinor
}
