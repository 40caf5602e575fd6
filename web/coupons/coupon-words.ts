import type { Coupon } from '@livelot/client/contracts'
import { formatMoney } from '../parts/money.ts'

type Terms = Pick<Coupon, 'discount' | 'currency' | 'minimumItemsMinor' | 'appliesToFlashSales'>

/** "15% off, at most $5.00", or "$5.00 off". */
export function offWords({ discount, currency }: Pick<Terms, 'discount' | 'currency'>): string {
  if (discount.kind === 'amount') return `${formatMoney({ amountMinor: discount.amountMinor, currency })} off`
  const { percent, capMinor } = discount
  return capMinor === null
    ? `${percent}% off`
    : `${percent}% off, at most ${formatMoney({ amountMinor: capMinor, currency })}`
}

/** What it is for, where it is not for everything in the show. */
export function conditionWords({ currency, minimumItemsMinor, appliesToFlashSales }: Terms): string {
  const minimum =
    minimumItemsMinor > 0 ? `from ${formatMoney({ amountMinor: minimumItemsMinor, currency })} of items` : ''
  return [minimum, appliesToFlashSales ? 'flash sales too' : ''].filter(Boolean).join(', ')
}
