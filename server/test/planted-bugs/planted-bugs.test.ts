import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { plantedBugs } from './bugs.ts'
import { plantedBugsPage } from './list.ts'
import { planted } from './work-copy.ts'

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')

describe('planted bugs', () => {
  it.each(plantedBugs)('can be planted: $what', (bug) => {
    expect(planted(read(bug.file), bug)).not.toBe(read(bug.file))
  })

  it.each(plantedBugs)('have their test: $what', ({ caughtBy }) => {
    const isNamed = read(caughtBy.file).includes(caughtBy.test)
    // Some tests have the names of operations.
    expect(isNamed || caughtBy.test.includes(':')).toBe(true)
  })

  it('are listed on their page', () => {
    expect(read('server/docs/planted-bugs.md')).toBe(plantedBugsPage())
  })
})
