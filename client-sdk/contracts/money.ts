import { z } from 'zod'

export const Currency = z.enum(['USD', 'EUR', 'GBP', 'CNY', 'JPY']).meta({ description: 'ISO 4217 code.' })
export type Currency = z.infer<typeof Currency>

/** Integer minor units (cents; yen have none). Far below 2^53, so that sums stay exact in JavaScript and Lua. */
export const AmountMinor = z
  .int()
  .min(0)
  .max(1_000_000_000_000)
  .meta({ description: 'Amount in minor units of the currency.' })

export const Money = z.strictObject({ amountMinor: AmountMinor, currency: Currency })
export type Money = z.infer<typeof Money>
