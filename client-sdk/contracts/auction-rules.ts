import type { Currency } from './money.ts'

/**
 * Limits and figures of auctions that studio, API, scripts and database share.
 * Source: market-facts section 4 (Whatnot, eBay, District, TikTok tables), read 2026-11-22.
 */
export const auctionLimits = {
  durationPresetsSeconds: [10, 15, 20, 30, 60],
  durationSecondsMin: 10,
  durationSecondsMax: 86_400,
  /** An accepted bid in these last seconds moves the end. */
  softCloseWindowSeconds: 10,
  extensionSeconds: [5, 7, 10, 15],
  overtimeSecondsMax: 3_600,
  priceMinorMax: 1_000_000_000,
  /** A bid above so many times the least one asks once more. */
  farAboveFactor: 10,
  lotsPerShowMax: 300,
  /** Where the platform says nothing else. Guess: nobody follows more than three auctions beside each other. */
  lotsAtOnceMax: 3,
  incrementStepsMax: 20,
  dutchStepSecondsMin: 1,
  dutchStepSecondsMax: 60,
} as const

/** From `fromMinor` on, the next bid is at least `stepMinor` higher. Rises by `fromMinor`; the first begins at 0. */
export interface IncrementStep {
  readonly fromMinor: number
  readonly stepMinor: number
}

const inDollars: readonly IncrementStep[] = [
  { fromMinor: 0, stepMinor: 100 },
  { fromMinor: 3_000, stepMinor: 200 },
  { fromMinor: 5_000, stepMinor: 300 },
  { fromMinor: 10_000, stepMinor: 500 },
  { fromMinor: 30_000, stepMinor: 1_000 },
  { fromMinor: 100_000, stepMinor: 2_000 },
  { fromMinor: 200_000, stepMinor: 5_000 },
]
const scaled = (factor: number): readonly IncrementStep[] =>
  inDollars.map(({ fromMinor, stepMinor }) => ({ fromMinor: fromMinor * factor, stepMinor: stepMinor * factor }))

/** Yuan at ten to the dollar; a yen, which has no smaller unit, stands for a cent. */
export const incrementTables: Readonly<Record<Currency, readonly IncrementStep[]>> = {
  USD: inDollars,
  EUR: inDollars,
  GBP: inDollars,
  CNY: scaled(10),
  JPY: inDollars,
}

/** How much higher than `priceMinor` the next bid must be. */
export function incrementAt(priceMinor: number, table: readonly IncrementStep[]): number {
  let stepMinor = table[0]?.stepMinor ?? 1
  for (const step of table) if (priceMinor >= step.fromMinor) stepMinor = step.stepMinor
  return stepMinor
}

/** The least maximum to which who has bid `maximumMinor` may raise it. */
export function leastRaiseOf(maximumMinor: number, table: readonly IncrementStep[]): number {
  return maximumMinor + incrementAt(maximumMinor, table)
}

/** Price of a Dutch auction at a moment of the server's clock. */
export function dutchPriceAt(
  dutch: { readonly floorMinor: number; readonly stepMinor: number; readonly stepSeconds: number },
  start: { readonly priceMinor: number; readonly atMs: number },
  nowMs: number,
): number {
  const steps = Math.max(0, Math.floor((nowMs - start.atMs) / (dutch.stepSeconds * 1_000)))
  return Math.max(dutch.floorMinor, start.priceMinor - steps * dutch.stepMinor)
}
