import type { WaitingView } from '@livelot/client'
import { describe, expect, it } from 'vitest'
import { waitingNews, waitingWords } from './waiting-words.ts'

const room = {
  flashSaleId: 'sale' as never,
  state: 'admitting',
  endReason: null,
  seed: null,
  earlyCount: 1_235,
  waitingCount: 1_200,
  calledCount: 35,
} as const
const view = (over: Partial<WaitingView> = {}): WaitingView => ({
  flashSaleId: 'sale',
  stage: 'waiting',
  room,
  before: 340,
  isEstimate: false,
  untilMs: null,
  unitsLeft: 12,
  unitsHeld: 8,
  draw: 'hidden',
  error: null,
  ...over,
})
const said = (over: Partial<WaitingView>) => Object.values(waitingWords(view(over))).join(' | ')

describe('what a person in line is told', () => {
  it('counts who is before, and what there is left', () => {
    expect(said({})).toBe('340 people before you | 12 left for those who are called.')
    expect(said({ before: 1, unitsLeft: 0 })).toBe(
      '1 person before you | None is free. 8 are held by others and may come back.',
    )
    expect(said({ before: 0, unitsLeft: 0, unitsHeld: 1 })).toBe(
      'You are next | None is free. 1 is held by others and may come back.',
    )
  })

  it('says what is a guess, and nothing that is not known', () => {
    expect(said({ stage: 'early', before: 900, isEstimate: true })).toMatch(/^About 900 people before you/)
    expect(said({ stage: 'early', before: null, room: { ...room, state: 'gathering' } })).toBe(
      'You are in the draw | With 1,234 others so far. Your place is drawn when the sale opens.',
    )
  })

  it('tells a sell-out from a sale that was called off', () => {
    const ended = { ...room, state: 'ended' } as const
    expect(said({ stage: 'ended', room: { ...ended, endReason: 'sold-out' } })).toMatch(
      /^Sold out \| Every unit is paid for/,
    )
    expect(said({ stage: 'ended', room: { ...ended, endReason: 'closed' } })).toMatch(/^The sale is over/)
  })
})

describe('what is read aloud', () => {
  it('is each new stage, and the place at a few marks only', () => {
    expect(waitingNews(null, view())).toBe('340 people before you. 12 left for those who are called.')
    expect(waitingNews(view(), view({ before: 120 }))).toBe('')
    expect(waitingNews(view({ before: 120 }), view({ before: 99 }))).toBe('99 people before you')
    expect(waitingNews(view({ before: 2 }), view({ before: 0 }))).toBe('You are next')
    expect(waitingNews(view({ before: 0 }), view({ stage: 'called', before: null }))).toBe(
      'It is your turn. A unit is free. Buy before the time is over.',
    )
    expect(waitingNews(view(), view({ stage: 'joining' }))).toBe('')
  })
})
