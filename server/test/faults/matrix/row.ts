import type { Moment } from './moments.ts'
import type { Stage, StageOptions } from './stage.ts'

/** What a row saw at one moment; that everything held is the absence of an error. */
export interface Outcome {
  /** From the fault, or from its end where nothing can work before, to the next command that is served. */
  readonly recoverySeconds: number | null
  /** A few words for the table: what was struck and what was counted. */
  readonly detail: string
}

/** One row of the fault matrix: a fault, and the moments at which it strikes. */
export interface FaultRow {
  /** As in the matrix. */
  readonly number: number
  readonly name: string
  readonly moments: readonly Moment[]
  /** The moments that `npm test` runs; the others run in `npm run test:faults`. */
  readonly short: readonly Moment[]
  /** A platform that is set up otherwise; rows with the same options share one. */
  readonly stage?: StageOptions
  /** Null where this machine can do it, else why not. */
  probe(): Promise<string | null>
  /**
   * Trades, strikes and waits until the fault has shown its effect. The runner heals, waits for quiet and checks all
   * invariants afterwards; only what must hold beyond them is thrown here, as an error that says what is broken.
   */
  run(stage: Stage, moment: Moment, seed: number): Promise<Outcome>
}

/** For rows that need nothing of the machine. */
export const everywhere = async (): Promise<null> => null

/** Refuses what must not be, in words for the table. */
export function must(condition: unknown, broken: string): asserts condition {
  if (!condition) throw new Error(broken)
}
