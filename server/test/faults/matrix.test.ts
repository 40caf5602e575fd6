import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moments } from './matrix/moments.ts'
import { rows } from './matrix/rows/index.ts'
import { type Matrix, openMatrix } from './matrix/runner.ts'

/** The same each time, so that this is steady; `npm run test:faults` takes a fresh one. */
const seed = Number(process.env.FAULT_SEED ?? 1)
/** A platform may have to be started first, and a lease of a dead process runs for 20 s. */
const timeout = 180_000

let matrix: Matrix
beforeAll(() => {
  matrix = openMatrix(seed)
})
afterAll(() => matrix.close(), timeout)

const cases = rows.flatMap((row) => row.short.map((moment) => ({ row, moment, what: `${row.number}${moment}` })))

describe('the short form of the fault matrix', () => {
  it.each(cases)('$what $row.name', { timeout }, async ({ row, moment }) => {
    const result = await matrix.run(row, moment)
    const told = `${moments[moment]}: ${result.detail}`
    if (result.verdict === 'skipped') process.stdout.write(`SKIPPED row ${row.number}, ${told}\n`)
    else expect([result.verdict, told]).toEqual(['held', told])
  })
})
