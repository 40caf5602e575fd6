import type { Auction, Lot } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { blockOf, newsOf, paymentOf, startHindrance } from './block-state.ts'
import { withLots } from './lot-queue.ts'
import { totalsOf } from './results-total.ts'

const lot = (number: number, part: Partial<Lot> = {}) =>
  ({ lotId: `lot-${number}`, number, position: number, state: 'prepared', auctionId: null, ...part }) as Lot
const auction = (number: number, figures: Partial<Auction['figures']> = {}, durationSeconds = 30) =>
  ({
    auctionId: `run-${number}`,
    lotNumber: number,
    title: 'Kettle',
    currency: 'USD',
    startedAtMs: number * 1_000,
    terms: { type: 'english', durationSeconds },
    figures: {
      state: 'running',
      priceMinor: 1_000,
      leader: null,
      bidCount: 0,
      extensions: 0,
      outcome: null,
      ...figures,
    },
  }) as Auction
const mia = { number: 12, name: 'Mia' }
const facts = { chosenLotId: null }

describe('what stands on the block', () => {
  it('is the lot that runs, never one that runs for hours beside the show', () => {
    const long = auction(3, {}, 7_200)
    const block = blockOf({ ...facts, lots: [lot(4)], auctions: [auction(2), long] })
    expect([block.running?.auctionId, block.beside, block.next?.number]).toEqual(['run-2', [long], 4])
    expect(blockOf({ ...facts, lots: [], auctions: [long] }).running).toBeNull()
  })

  it('has the first prepared lot as the next, or the one that was chosen while it may run', () => {
    const lots = [lot(1, { state: 'sold' }), lot(2, { state: 'unsold' }), lot(3), lot(4)]
    const next = (chosenLotId: string | null) => blockOf({ lots, auctions: [], chosenLotId }).next?.number
    expect([next(null), next('lot-2'), next('lot-4'), next('lot-1'), next('gone')]).toEqual([3, 2, 4, 3, 3])
  })

  it('knows a sold lot that nobody paid, told or not', () => {
    const sold = auction(1, { state: 'closed', outcome: 'sold' })
    const of = (state: Lot['state']) => lot(1, { state, auctionId: sold.auctionId })
    expect(paymentOf(of('sold'), sold, undefined)).toBeUndefined()
    expect(paymentOf(of('sold'), sold, 'paid')).toBe('paid')
    expect(paymentOf(of('unsold'), sold, undefined)).toBe('not_sold')
    expect(paymentOf(lot(1, { state: 'unsold' }), sold, 'paid')).toBe('paid')
    expect(paymentOf(of('unsold'), auction(1, { state: 'closed', outcome: 'unsold' }), undefined)).toBeUndefined()
  })

  it('says why the next lot has to wait', () => {
    const waiting = blockOf({ ...facts, lots: [lot(1)], auctions: [] })
    expect(startHindrance(waiting, 'live', false)).toBeNull()
    expect(startHindrance(waiting, 'scheduled', true)).toBeNull()
    expect(startHindrance(waiting, 'scheduled', false)).toBe('Lots start once you are live.')
    expect(startHindrance(waiting, 'ended', false)).toBe('The show has ended.')
    expect(startHindrance(blockOf({ ...facts, lots: [], auctions: [] }), 'live', false)).toBe('No lot is waiting.')
    expect(startHindrance(blockOf({ ...facts, lots: [lot(2)], auctions: [auction(1)] }), 'live', false)).toBe(
      'Lot 1 is on the block.',
    )
  })
})

describe('what a screen reader is told', () => {
  const first = auction(1)
  const led = auction(1, { leader: mia, bidCount: 1 })
  it.each<[string | null, Auction | undefined, Auction]>([
    ['Lot 1, Kettle, is running from $10', undefined, first],
    ['Mia leads at $10, 1 bid', first, led],
    [
      'Mia leads at $12, 2 bids, time extended',
      led,
      auction(1, { leader: mia, bidCount: 2, priceMinor: 1_200, extensions: 1 }),
    ],
    [null, led, led],
    [
      'Lot 1 sold to Mia, paddle 12, for $12',
      led,
      auction(1, { state: 'closed', outcome: 'sold', leader: mia, priceMinor: 1_200, bidCount: 2 }),
    ],
    [
      'Lot 1 bought by Mia, paddle 12, for $50',
      led,
      auction(1, { state: 'closed', outcome: 'bought', leader: mia, priceMinor: 5_000 }),
    ],
    ['Lot 1 did not sell: no bids', first, auction(1, { state: 'closed', outcome: 'unsold' })],
    [
      'Lot 1 did not sell: the reserve was not met',
      led,
      auction(1, { state: 'closed', outcome: 'unsold', bidCount: 1 }),
    ],
  ])('%s', (words, before, now) => {
    expect(newsOf(before, now)).toBe(words)
  })
})

describe('the queue and its totals', () => {
  it('folds news of lots in, in their order', () => {
    const before = [lot(1), lot(2), lot(3)]
    const moved = lot(3, { position: 0 })
    expect(withLots(before, [moved], ['lot-2']).map((one) => one.number)).toEqual([3, 1])
  })

  it('counts what was sold, by currency, and not what was never paid', () => {
    const sold = (number: number, priceMinor: number, payment?: 'not_sold') => ({
      lot: lot(number, { state: 'sold' }),
      auction: auction(number, { state: 'closed', outcome: 'sold', priceMinor }),
      payment,
    })
    const unsold = { lot: lot(9, { state: 'unsold' }), auction: null, payment: undefined }
    expect(totalsOf([sold(1, 1_250), sold(2, 4_800), sold(3, 9_000, 'not_sold'), unsold])).toEqual({
      sold: 2,
      unsold: 2,
      hammer: [{ currency: 'USD', amountMinor: 6_050 }],
    })
  })
})
