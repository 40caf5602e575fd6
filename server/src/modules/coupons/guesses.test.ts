import type { AccountId } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { createGuesses } from './guesses.ts'

it('[CP13] lets an account miss ten times, then once in ten seconds, and nobody else waits for it', () => {
  let nowMs = 5_000
  const guesses = createGuesses(() => nowMs)
  const [ada, ben] = [newId<AccountId>(), newId<AccountId>()]
  for (let i = 0; i < 10; i += 1) {
    expect(guesses.waitMs(ada)).toBe(0)
    guesses.missed(ada)
  }
  expect([guesses.waitMs(ada), guesses.waitMs(ben)]).toEqual([10_000, 0])
  nowMs += 9_999
  expect(guesses.waitMs(ada)).toBe(1)
  nowMs += 1
  expect(guesses.waitMs(ada)).toBe(0)
  guesses.missed(ada)
  expect(guesses.waitMs(ada)).toBe(10_000)
})
