import { expect, it } from 'vitest'
import { newId } from './ids.ts'
import { money, shareOf } from './money.ts'

it('makes ids that are UUIDs of version 7, unique, and in the order in which they were made', () => {
  const ids = Array.from({ length: 1_000 }, () => newId())
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(1_000)
  expect([...ids].sort()).toEqual(ids)
  const timeOf = (id: string) => Number.parseInt(id.replace('-', '').slice(0, 12), 16)
  expect(Math.abs(timeOf(newId()) - Date.now())).toBeLessThan(1_000)
})

it.each([
  [1_000, 600, 60],
  [25, 600, 2],
  [24, 600, 1],
  [1_000_000_000_000, 9_999, 999_900_000_000],
  [0, 600, 0],
])('takes the share of %i at %i basis points, half up: %i', (amount, share, expected) => {
  expect(shareOf(amount, share)).toBe(expected)
})

it('refuses amounts that are no whole minor units', () => {
  for (const amount of [0.5, -1, Number.NaN, 2 ** 53]) expect(() => money(amount, 'USD')).toThrow('safe integer')
})
