import type { AuctionTerms } from '@livelot/client/contracts'
import fc from 'fast-check'
import { english } from './gate-for-tests.ts'
import type { ModelTerms } from './gate-model.ts'

// What may happen in a random history of two auctions of a show. For tests only.

const people = 4
// The first owns the brand of the first lot; the one beyond the last has never entered.
const person = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: people - 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, people) },
)
const lot = fc.nat({ max: 1 })
const amount = fc.constantFrom(
  ...([
    'least-1',
    'least',
    'least+1',
    'max-1',
    'max',
    'max+1',
    'raise-1',
    'raise',
    'ten',
    'ten+1',
    'reserve-1',
    'reserve',
    'some',
  ] as const),
)
const time = fc.oneof(
  { weight: 60, arbitrary: fc.nat({ max: 1_200 }).map((ms) => ({ from: 'now' as const, ms })) },
  {
    weight: 12,
    arbitrary: fc.constantFrom(-10_001, -10_000, -9_999, -5_000, -1).map((ms) => ({ from: 'end' as const, ms })),
  },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 10_000, 10_001).map((ms) => ({ from: 'end' as const, ms })) },
)
const bidStep = fc.record({
  do: fc.constant('bid' as const),
  lot,
  person,
  amount,
  some: fc.integer({ min: 1, max: 150 }),
  kind: fc.constantFrom('max' as const, 'max' as const, 'bid' as const),
  isSure: fc.boolean(),
  time,
})
export const step = fc.oneof(
  { weight: 16, arbitrary: bidStep },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('again' as const),
      lot,
      bid: fc.nat({ max: 9 }),
      change: fc.constantFrom('none' as const, 'none' as const, 'amount' as const, 'person' as const, 'kind' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('buy' as const), lot, person, more: fc.constantFrom(-1, 0, 0, 5), time }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tick' as const), lot, time }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('bar' as const),
      person,
      isBarred: fc.constantFrom(true, false, false),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      person,
      limit: fc.option(fc.integer({ min: 10, max: 300 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), lot, withDesk: fc.boolean() }) },
)
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

const englishLot = fc.record({
  type: fc.constant('english' as const),
  startPrice: fc.integer({ min: 1, max: 30 }),
  increments: fc.constantFrom(
    [[0, 1]] as const,
    [
      [0, 1],
      [20, 5],
      [60, 10],
    ] as const,
    [
      [0, 7],
      [40, 3],
    ] as const,
  ),
  extension: fc.constantFrom(0, 5, 7, 10, 15),
  overtime: fc.constantFrom(null, null, 5, 20),
  reserve: fc.option(fc.integer({ min: 1, max: 80 })),
  isReserveShown: fc.boolean(),
  buyNow: fc.option(fc.integer({ min: 20, max: 120 })),
  preBids: fc.array(fc.record({ person, amount: fc.integer({ min: 1, max: 90 }) }), { maxLength: 4 }),
})
const dutchLot = fc.record({
  type: fc.constant('dutch' as const),
  startPrice: fc.integer({ min: 20, max: 90 }),
  floor: fc.integer({ min: 1, max: 19 }),
  step: fc.integer({ min: 1, max: 40 }),
  stepSeconds: fc.integer({ min: 1, max: 5 }),
})
export const anyLot = fc.oneof({ weight: 8, arbitrary: englishLot }, { weight: 1, arbitrary: dutchLot })
export type AnyLot = typeof anyLot extends fc.Arbitrary<infer S> ? S : never
export const limits = fc.array(fc.option(fc.integer({ min: 20, max: 300 }), { freq: 2 }), {
  minLength: people,
  maxLength: people,
})

export const wantOf = (one: AnyLot, brand: string): ModelTerms =>
  one.type === 'dutch'
    ? {
        startPrice: one.startPrice,
        increments: [[0, 1]],
        lastsMs: (Math.ceil((one.startPrice - one.floor) / one.step) + 1) * one.stepSeconds * 1_000,
        extensionMs: 0,
        overtimeMs: null,
        reserve: null,
        isReserveShown: true,
        buyNow: null,
        dutch: { floor: one.floor, step: one.step, stepMs: one.stepSeconds * 1_000 },
        brand,
      }
    : {
        startPrice: one.startPrice,
        increments: one.increments,
        lastsMs: 30_000,
        extensionMs: one.extension * 1_000,
        overtimeMs: one.extension === 0 || one.overtime === null ? null : one.overtime * 1_000,
        reserve: one.reserve,
        isReserveShown: one.isReserveShown,
        buyNow: one.buyNow,
        dutch: null,
        brand,
      }
export const termsOf = (one: AnyLot): AuctionTerms =>
  one.type === 'dutch'
    ? { type: 'dutch', floorMinor: one.floor, stepMinor: one.step, stepSeconds: one.stepSeconds }
    : english({
        closing:
          one.extension === 0
            ? { kind: 'sudden-death' }
            : { kind: 'soft', extensionSeconds: one.extension as 5 | 7 | 10 | 15, overtimeSecondsMax: one.overtime },
        reserveMinor: one.reserve,
        isReserveShown: one.isReserveShown,
        buyNowMinor: one.buyNow,
        preBidsAllowed: true,
      })
