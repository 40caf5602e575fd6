import { z } from 'zod'

/** Milliseconds since 1970 by the server's clock. Clients turn it into their own time with the measured offset. */
export const EpochMs = z
  .int()
  .min(0)
  .max(8_640_000_000_000_000)
  .meta({ description: 'Server time, epoch milliseconds.' })
export type EpochMs = z.infer<typeof EpochMs>
