import { createRehearsal, type RehearsalOptions } from '@livelot/client'
import { type AuctionFigures, AuctionFigures as Figures } from '@livelot/client/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { english } from './ledgers.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_790_000_000_000 }))
afterEach(() => void vi.useRealTimers())

const increments = [{ fromMinor: 0, stepMinor: 100 }]
const options = (over: Record<string, unknown>, seed: number, told: AuctionFigures[]): RehearsalOptions => ({
  auction: { startPriceMinor: 1_000, terms: english(over) as RehearsalOptions['auction']['terms'], increments },
  bidders: 5,
  seed,
  onFigures: (figures) => told.push(figures),
})

/** Runs to the end of all timers; the clock moves with them. */
function rehearse(over: Record<string, unknown>, seed: number): AuctionFigures[] {
  const told: AuctionFigures[] = []
  createRehearsal(options(over, seed, told))
  vi.runAllTimers()
  return told
}

const seeds = Array.from({ length: 40 }, (_, index) => 100 + index)

describe('a rehearsal', () => {
  it.each(seeds)('tells figures as a room would, to one close (seed %i)', (seed) => {
    const told = rehearse({ reserveMinor: seed % 2 ? 1_500 : null, buyNowMinor: seed % 3 ? null : 2_500 }, seed)
    for (const figures of told) expect(Figures.parse(figures)).toEqual(figures)
    const seqs = told.map(({ ledgerSeq }) => ledgerSeq)
    expect(new Set(seqs).size).toBe(seqs.length)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(told.map(({ state }) => state)).toEqual([...told.slice(1).map(() => 'running'), 'closed'])
    expect(told.map(({ priceMinor }) => priceMinor)).toEqual(
      told.map(({ priceMinor }) => priceMinor).toSorted((a, b) => a - b),
    )
    const last = told.at(-1)
    if (last?.outcome === 'sold') expect(Date.now()).toBe(last.endsAtMs)
    const due = told.every(({ leader }) => leader === null) ? 'unsold' : expect.stringMatching(/^(sold|bought|unsold)$/)
    expect(last?.outcome).toEqual(due)
  })

  it('has all kinds of ends among its seeds, overtime too', () => {
    const ends = seeds.flatMap((seed) => rehearse({ reserveMinor: 1_500, buyNowMinor: 2_500 }, seed).slice(-1))
    expect(new Set(ends.map(({ outcome }) => outcome))).toEqual(new Set(['sold', 'bought', 'unsold']))
    expect(ends.some(({ extensions }) => extensions > 0)).toBe(true)
  })

  it('is the same auction for the same seed, and another for another', () => {
    vi.setSystemTime(0)
    const first = rehearse({}, 1)
    vi.setSystemTime(0)
    expect(rehearse({}, 1)).toEqual(first)
    vi.setSystemTime(0)
    expect(rehearse({}, 2)).not.toEqual(first)
  })

  it('is taken once where it is Dutch', () => {
    const told: AuctionFigures[] = []
    const terms = { type: 'dutch' as const, floorMinor: 400, stepMinor: 100, stepSeconds: 2 }
    createRehearsal({ ...options({}, 3, told), auction: { startPriceMinor: 1_000, terms, increments } })
    vi.runAllTimers()
    expect(told).toHaveLength(2)
    expect(told.at(-1)).toMatchObject({ state: 'closed', outcome: 'bought', bidCount: 1, ledgerSeq: 3 })
  })

  it('is over without a word when it is stopped', () => {
    const told: AuctionFigures[] = []
    const { stop, figures } = createRehearsal({ ...options({}, 1, told), bidders: ['Zoe', 'Yan'] })
    vi.advanceTimersByTime(12_000)
    const heard = told.length
    expect(heard).toBeGreaterThan(1)
    expect(['Zoe', 'Yan']).toContain(figures().leader?.name)
    stop()
    stop()
    vi.runAllTimers()
    expect([told.length, vi.getTimerCount()]).toEqual([heard, 0])
  })

  it('ends alone where nobody bids', () => {
    const told: AuctionFigures[] = []
    createRehearsal({ ...options({}, 1, told), bidders: 0 })
    vi.runAllTimers()
    expect(told.map(({ state, outcome }) => [state, outcome])).toEqual([
      ['running', null],
      ['closed', 'unsold'],
    ])
  })
})
