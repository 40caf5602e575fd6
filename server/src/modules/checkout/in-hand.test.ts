import { expect, it } from 'vitest'
import { createInHand } from './in-hand.ts'
import { inHandMax, inHandMaxMs, payingPatienceMs } from './limits.ts'

function atTime() {
  let nowMs = 0
  const inHand = createInHand(() => nowMs)
  let number = 0
  return {
    inHand,
    pass: (ms: number) => {
      nowMs += ms
    },
    begin: (count: number) => {
      for (let i = 0; i < count; i += 1) inHand.begin(`checkout-${number++}`)
    },
    end: (from: number, count: number) => {
      for (let i = 0; i < count; i += 1) inHand.end(`checkout-${from + i}`)
    },
  }
}

it('[CH10] lets everybody in while few are in hand, and nobody when more are than may be', () => {
  const { inHand, begin, end } = atTime()
  begin(inHandMax)
  expect(inHand.waitMs()).toBe(0)
  begin(1)
  expect(inHand.waitMs()).toBe(1_100)
  end(0, 1)
  expect(inHand.waitMs()).toBe(0)
})

it('[CH10] lets more in where many end within the patience of a buyer', () => {
  const { inHand, begin, end, pass } = atTime()
  begin(3_000)
  pass(1_000)
  end(0, 1_000)
  expect(inHand.waitMs()).toBe(0)
  begin(1_000)
  expect(inHand.waitMs()).toBe(0)
  begin(500)
  expect(inHand.waitMs()).toBe(1_500)
  begin(50_000)
  expect(inHand.waitMs()).toBe(payingPatienceMs)
})

it('[CH10] forgets what did not come to be a checkout, which is no end', () => {
  const { inHand, begin, pass } = atTime()
  begin(inHandMax + 1)
  inHand.drop('checkout-0')
  pass(1_000)
  expect(inHand.waitMs()).toBe(0)
  begin(1)
  expect(inHand.waitMs()).toBe(1_100)
})

it('[CH10] counts an end once, none of another process, and forgets what nobody told of', () => {
  const { inHand, begin, end, pass } = atTime()
  begin(inHandMax + 1)
  end(1_000_000, 500)
  expect(inHand.waitMs()).toBe(1_100)
  pass(inHandMaxMs)
  expect(inHand.waitMs()).toBe(0)
})
