import type { Currency, Money } from '@livelot/client/contracts'
import { assertThat } from './errors.ts'

export function money(amountMinor: number, currency: Currency): Money {
  assertThat(Number.isSafeInteger(amountMinor) && amountMinor >= 0, 'an amount is a safe integer of minor units')
  return { amountMinor, currency }
}

/**
 * Share of an amount in basis points (1/100 %), rounded half up to whole minor units.
 * The product stays exact: amounts are at most 1e12 and shares at most 1e4, so it is below 2^54 only as a BigInt.
 */
export function shareOf(amountMinor: number, basisPoints: number): number {
  assertThat(Number.isSafeInteger(amountMinor) && Number.isSafeInteger(basisPoints), 'integers only')
  return Number((BigInt(amountMinor) * BigInt(basisPoints) + 5_000n) / 10_000n)
}
