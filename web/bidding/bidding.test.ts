import type { Auction } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { amountText, formatBid, parseAmountMinor, stepsAbove } from './amounts.ts'
import { auctionOnStage, isFarAbove, nextDropAtMs, priceAt, resultsBeside } from './bidding.ts'

type Change = { auctionId?: string; figures?: Partial<Auction['figures']>; terms?: object; startPriceMinor?: number }

const auction = ({ figures, ...change }: Change) =>
  ({
    auctionId: 'one',
    startPriceMinor: 1_000,
    startedAtMs: 10_000,
    terms: { type: 'english' },
    ...change,
    figures: { state: 'running', priceMinor: 2_400, leader: null, endsAtMs: 60_000, outcome: null, ...figures },
  }) as Auction

const dutch = { type: 'dutch', floorMinor: 700, stepMinor: 100, stepSeconds: 5 }

describe('the price', () => {
  it('of a Dutch auction falls by the clock, to its floor and not below', () => {
    const falling = auction({ terms: dutch })
    expect([9_000, 10_000, 14_999, 15_000, 29_999, 99_000].map((now) => priceAt(falling, now))).toEqual([
      1_000, 1_000, 1_000, 900, 700, 700,
    ])
    expect([10_000, 14_999, 15_000, 99_000].map((now) => nextDropAtMs(falling, now))).toEqual([
      15_000,
      15_000,
      20_000,
      null,
    ])
  })

  it('of any other is what the server told, at every moment', () => {
    expect(priceAt(auction({}), 55_000)).toBe(2_400)
    expect(nextDropAtMs(auction({}), 55_000)).toBeNull()
  })

  it('is far away from ten times the next bid on, and not at it', () => {
    expect([isFarAbove(25_000, 2_500), isFarAbove(25_001, 2_500)]).toEqual([false, true])
  })
})

describe('the auction on the stage', () => {
  const first = auction({ auctionId: 'first', figures: { endsAtMs: 50_000 } })
  const second = auction({ auctionId: 'second', figures: { endsAtMs: 90_000 } })
  const over = auction({ auctionId: 'over', figures: { state: 'closed', endsAtMs: 40_000 } })

  it('is the first to end, or the one that was chosen', () => {
    expect(auctionOnStage([second, over, first], null, 45_000)?.auctionId).toBe('first')
    expect(auctionOnStage([second, over, first], 'second', 45_000)?.auctionId).toBe('second')
    expect(auctionOnStage([second, over, first], 'over', 45_000)?.auctionId).toBe('first')
  })

  it('is the latest result for a while, then none', () => {
    expect(auctionOnStage([over], null, 84_999)?.auctionId).toBe('over')
    expect(auctionOnStage([over], null, 85_000)).toBeNull()
  })
})

describe('results beside the stage', () => {
  const closed = (auctionId: string, endsAtMs: number) => auction({ auctionId, figures: { state: 'closed', endsAtMs } })
  const all = [closed('one', 30_000), closed('two', 40_000), closed('three', 50_000), auction({ auctionId: 'runs' })]
  const idsOf = (stagedId: string | null, nowMs: number) =>
    resultsBeside(all, stagedId, nowMs).map(({ auctionId }) => auctionId)

  it('are the latest that another lot has taken from the stage, each for its time', () => {
    expect(idsOf('runs', 51_000)).toEqual(['three', 'two'])
    expect(idsOf('three', 51_000)).toEqual(['two', 'one'])
    expect(idsOf('runs', 84_999)).toEqual(['three', 'two'])
    expect(idsOf('runs', 85_000)).toEqual(['three'])
    expect(idsOf('runs', 95_000)).toEqual([])
  })
})

describe('amounts', () => {
  it.each([
    ['24', 'USD', 2_400],
    ['$24.5', 'USD', 2_450],
    ['1,200.05', 'USD', 120_005],
    ['1,200', 'USD', 120_000],
    ['24,50', 'EUR', 2_450],
    ['4800', 'JPY', 4_800],
    ['48.5', 'JPY', null],
    ['24.555', 'USD', null],
    ['-5', 'USD', null],
    ['', 'USD', null],
  ] as const)('%s in %s', (text, currency, minor) => {
    expect(parseAmountMinor(text, currency)).toBe(minor)
  })

  it('leave out cents that are none', () => {
    expect(formatBid({ amountMinor: 2_400, currency: 'USD' })).toBe('$24')
    expect(formatBid({ amountMinor: 2_450, currency: 'USD' })).toBe('$24.50')
    expect([amountText(2_400, 'USD'), amountText(2_450, 'USD'), amountText(4_800, 'JPY')]).toEqual([
      '24',
      '24.50',
      '4800',
    ])
  })

  it('climb by the table, which has larger steps further up', () => {
    const table = [
      { fromMinor: 0, stepMinor: 100 },
      { fromMinor: 3_000, stepMinor: 200 },
    ]
    expect([0, 1, 2, 3].map((steps) => stepsAbove(2_900, table, steps))).toEqual([2_900, 3_000, 3_200, 3_400])
  })
})
