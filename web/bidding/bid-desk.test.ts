import { LivelotError, NetworkError } from '@livelot/client'
import type { BidAnswer } from '@livelot/client/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BidDesk, type WantedBid } from './bid-desk.ts'
import { canEnter, refusedOf } from './refusals.ts'

const wanted = { auctionId: 'one', kind: 'bid', amountMinor: 2_400, currency: 'USD', isSure: false } as const

/** A door whose answers the test gives when it likes. */
function newDesk() {
  const sent: WantedBid[] = []
  const answers: { resolve: (answer: Partial<BidAnswer>) => void; reject: (error: unknown) => void }[] = []
  const desk = new BidDesk((bid) => {
    sent.push(bid)
    return new Promise<BidAnswer>((resolve, reject) => {
      answers.push({ resolve: (answer) => resolve(answer as BidAnswer), reject })
    })
  })
  const settled = (phase: string) => expect.poll(() => desk.getState().phase).toBe(phase)
  return { desk, sent, answers, settled }
}

describe('the bid of a page', () => {
  it('is sent once, however often it is tapped before the answer', async () => {
    const { desk, sent, answers, settled } = newDesk()
    desk.place(wanted)
    desk.place(wanted)
    expect([sent.length, desk.getState().phase]).toEqual([1, 'sending'])
    answers[0]?.resolve({ answer: 'outbid' })
    await settled('accepted')
    expect(desk.getState()).toMatchObject({ answer: 'outbid', bid: { amountMinor: 2_400 } })
  })

  it('whose answer was lost is asked for under the same id, and is no other bid', async () => {
    const { desk, sent, answers, settled } = newDesk()
    desk.place(wanted)
    answers[0]?.reject(new LivelotError({ code: 'client.bid_unknown', cause: new NetworkError('client.timeout') }))
    await settled('unknown')
    desk.again()
    answers[1]?.resolve({ answer: 'leading' })
    await settled('accepted')
    expect(sent[1]?.operationId).toBe(sent[0]?.operationId)
    desk.place(wanted)
    expect(sent[2]?.operationId).not.toBe(sent[0]?.operationId)
  })

  it('far above the price is another bid once it was confirmed', async () => {
    const { desk, sent, answers, settled } = newDesk()
    desk.place({ ...wanted, amountMinor: 90_000 })
    answers[0]?.reject(new LivelotError({ code: 'bid.far_above_price' }))
    await settled('refused')
    desk.confirm()
    expect(sent.map(({ isSure, amountMinor }) => [isSure, amountMinor])).toEqual([
      [false, 90_000],
      [true, 90_000],
    ])
    expect(sent[1]?.operationId).not.toBe(sent[0]?.operationId)
  })

  it('that is on its way is not dismissed', () => {
    const { desk } = newDesk()
    desk.place(wanted)
    desk.dismiss()
    expect(desk.getState().phase).toBe('sending')
  })

  describe('with a slow answer', () => {
    beforeEach(() => vi.useFakeTimers())
    afterEach(() => vi.useRealTimers())

    it('says so, and not a moment before', async () => {
      const { desk, answers } = newDesk()
      desk.place(wanted)
      await vi.advanceTimersByTimeAsync(1_499)
      expect(desk.getState()).toMatchObject({ phase: 'sending', isSlow: false })
      await vi.advanceTimersByTimeAsync(1)
      expect(desk.getState()).toMatchObject({ phase: 'sending', isSlow: true })
      answers[0]?.resolve({ answer: 'leading' })
      await vi.advanceTimersByTimeAsync(5_000)
      expect(desk.getState().phase).toBe('accepted')
    })
  })
})

describe('a refused bid', () => {
  const refusal = (code: ConstructorParameters<typeof LivelotError>[0]['code'], details = {}) =>
    refusedOf(new LivelotError({ code, details }), 'USD')

  it.each([
    ['bid.too_low', { nextMinimumMinor: 2_600 }, 'The price moved on. The next bid is $26.', 'none'],
    ['bid.over_limit', { limitLeftMinor: 1_450 }, 'Above your own limit: $14.50 of it is left.', 'enter'],
    ['bid.own_is_higher', { maximumMinor: 4_000 }, 'You have bid $40 here already.', 'none'],
    ['bid.raise_too_small', { nextMinimumMinor: 4_200 }, 'You lead. Raise your maximum to $42 or more.', 'none'],
    ['bid.far_above_price', {}, 'That is more than ten times the next bid.', 'confirm'],
    ['auction.closed', {}, 'The hammer fell before your bid arrived.', 'none'],
    ['bid.not_eligible', { reason: 'card_missing' }, 'A card is missing: wins are charged to it.', 'enter'],
    ['bid.not_eligible', { reason: 'show_team' }, 'Host and moderators do not bid in their own show.', 'none'],
  ] as const)('%s says why, and what to do', (code, details, sentence, next) => {
    expect(refusal(code, details)).toEqual({ sentence, next })
  })

  it('is told even where its details are in no known form', () => {
    expect(refusal('bid.too_low', { nextMinimumMinor: 'much' })).toEqual({
      sentence: 'The price moved on.',
      next: 'none',
    })
  })

  it('can be mended only where every reason can', () => {
    expect(canEnter(['not_entered', 'card_missing'])).toBe(true)
    expect(canEnter(['not_entered', 'own_lot'])).toBe(false)
  })
})
