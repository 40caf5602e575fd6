import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { invariants } from './checker.ts'

const list = readFileSync(new URL('../../docs/invariants.md', import.meta.url), 'utf8')

it('is what server/docs/invariants.md says, rule by rule', () => {
  const told = [...list.matchAll(/^\| (I\d+) +\| (.+?) +\| .+ \|$/gm)].map(([, id, rule]) => `${id} ${rule}`)
  const looked = invariants.map(({ id, rule, isCheap }) => `${id} ${rule}${isCheap ? ' (nightly)' : ''}`)
  expect(told).toEqual(looked)
})

it('names each rule once', () => {
  const names = invariants.map(({ id, rule }) => `${id} ${rule}`)
  expect(new Set(names).size).toBe(names.length)
})
