import { createHash } from 'node:crypto'
import type { AccountId, FlashSaleId } from '@livelot/client/contracts'
import { waitingRoomDrawEnd } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { drawPlace, newDraw } from './draw.ts'

const saleId = '0192f0c1-0000-7000-8000-000000000001' as FlashSaleId
const seedOf = (number: number) => createHash('sha256').update(`seed ${number}`).digest()
const accountOf = (number: number) => `0192f0c1-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as AccountId

it('[WR2] commits to a seed by its hash, and gives an account the same place each time', () => {
  const { seed, seedCommitment } = newDraw()
  expect(createHash('sha256').update(seed).digest('hex')).toBe(seedCommitment)
  const place = drawPlace(seed, saleId, accountOf(1))
  expect(drawPlace(seed, saleId, accountOf(1))).toBe(place)
  expect(place).toBeGreaterThanOrEqual(0)
  expect(place).toBeLessThan(waitingRoomDrawEnd)
  expect(drawPlace(newDraw().seed, saleId, accountOf(1))).not.toBe(place)
  // Worked out by hand from the documented steps; another implementation must come to the same.
  expect(drawPlace(seedOf(1), saleId, accountOf(1))).toBe(236_550_123_628_105)
})

it('[WR2] favours nobody for having come first: no tenth of equal people wins more than 1.3 times another', () => {
  const [people, units, draws] = [250, 100, 60]
  const wins = Array<number>(10).fill(0)
  for (let draw = 0; draw < draws; draw += 1) {
    const seed = seedOf(draw)
    const order = Array.from({ length: people }, (_, arrival) => ({
      arrival,
      place: drawPlace(seed, saleId, accountOf(arrival)),
    })).sort((one, two) => one.place - two.place)
    for (const { arrival } of order.slice(0, units)) {
      const tenth = Math.floor((arrival * 10) / people)
      wins[tenth] = (wins[tenth] ?? 0) + 1
    }
  }
  expect(wins.reduce((sum, one) => sum + one, 0)).toBe(units * draws)
  expect(Math.max(...wins) / Math.min(...wins)).toBeLessThan(1.3)
})
