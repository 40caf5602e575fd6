import type { Money } from '@livelot/client/contracts'

const formatters = new Map<string, Intl.NumberFormat>()

function formatterFor(currency: string): Intl.NumberFormat {
  const known = formatters.get(currency)
  if (known) return known
  const made = new Intl.NumberFormat('en-US', { style: 'currency', currency })
  formatters.set(currency, made)
  return made
}

/** "$48.60". Minor units become major ones only here, for the eye. */
export function formatMoney({ amountMinor, currency }: Money): string {
  const formatter = formatterFor(currency)
  const digits = formatter.resolvedOptions().maximumFractionDigits ?? 2
  return formatter.format(amountMinor / 10 ** digits)
}
