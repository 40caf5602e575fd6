import type { FaultRow } from '../row.ts'

/** Every row of the matrix that can be run, in its order. */
export const rows: readonly FaultRow[] = []
