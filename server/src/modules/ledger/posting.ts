import type { Currency } from '@livelot/client/contracts'
import { assertThat } from '#kernel/errors'
import { shareOf } from '#kernel/money'

/** A debit (positive) or a credit (negative) of one account, in minor units. */
export interface LedgerLine {
  readonly account: string
  readonly amountMinor: number
}

/** One business fact in money. `kind` and `reference` name it, so that it is posted once. */
export interface LedgerTransaction {
  readonly kind: 'sale'
  readonly reference: string
  readonly currency: Currency
  readonly lines: readonly LedgerLine[]
}

export const accounts = {
  /** What the payment provider owes the platform. */
  clearing: (provider: string) => `provider/${provider}/clearing`,
  /** What the platform owes a brand. */
  brandPayable: (brandId: string) => `brand/${brandId}/payable`,
  platformFees: 'platform/fees',
  /** Tax owed to the states, charged on top or contained in prices. */
  taxPayable: 'tax/payable',
  shippingCollected: 'shipping/collected',
} as const

/** What a captured order is made of. total = items - discount + shipping + tax + fees. */
export interface Sale {
  readonly orderId: string
  readonly brandId: string
  readonly provider: string
  readonly currency: Currency
  readonly itemsMinor: number
  /** What a coupon took off the items. */
  readonly discountMinor: number
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly feesMinor: number
  readonly totalMinor: number
  /** Tax contained in the items' and the shipping price, where law wants prices with tax. */
  readonly taxInItemsMinor: number
  readonly taxInShippingMinor: number
}

/**
 * The posting of a sale: the provider owes us the total; of it the brand gets its items less the platform's fee, the
 * states their tax, and the carrier's share is kept apart. The fee is a share of what the buyer paid for the items,
 * rounded half up; the brand gets the rest, so that nothing is lost by rounding, and bears what a coupon took off.
 */
export function saleTransaction(sale: Sale, platformFeeBasisPoints: number): LedgerTransaction {
  const paidItemsMinor = sale.itemsMinor - sale.discountMinor
  const platformFeeMinor = shareOf(paidItemsMinor, platformFeeBasisPoints)
  const credits: LedgerLine[] = [
    {
      account: accounts.brandPayable(sale.brandId),
      amountMinor: paidItemsMinor - platformFeeMinor - sale.taxInItemsMinor,
    },
    { account: accounts.platformFees, amountMinor: platformFeeMinor + sale.feesMinor },
    {
      account: accounts.taxPayable,
      amountMinor: sale.taxMinor + sale.taxInItemsMinor + sale.taxInShippingMinor,
    },
    { account: accounts.shippingCollected, amountMinor: sale.shippingMinor - sale.taxInShippingMinor },
  ]
  const lines = [
    { account: accounts.clearing(sale.provider), amountMinor: sale.totalMinor },
    ...credits.filter((line) => line.amountMinor !== 0).map((line) => ({ ...line, amountMinor: -line.amountMinor })),
  ]
  assertThat(
    lines.reduce((sum, line) => sum + line.amountMinor, 0) === 0,
    'the parts of a sale add up to what was captured',
  )
  return { kind: 'sale', reference: sale.orderId, currency: sale.currency, lines }
}
