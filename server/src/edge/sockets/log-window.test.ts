import type { ShowId } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { compact, type LoggedEvent, LogWindow, toFrame } from './log-window.ts'

const event = (seq: number, type = 'show:product-pinned', data: unknown = {}, epoch = 'e'): LoggedEvent => ({
  epoch,
  seq,
  atMs: seq,
  type,
  version: 1,
  data,
})
const stock = (seq: number, flashSaleId: string) => event(seq, 'flash-sale:stock-changed', { flashSaleId })

describe('the window on a log', () => {
  it('takes events in order and says what is wrong with others', () => {
    const window = new LogWindow(10)
    window.reset('e', 5, [event(4), event(5)])
    expect([event(5), event(7), event(6, 'x', {}, 'f'), event(6)].map((one) => window.push(one))).toEqual([
      'known',
      'gap',
      'other-epoch',
      'next',
    ])
    expect({ last: window.lastSeq, told: window.toldSeq }).toEqual({ last: 6, told: 5 })
  })

  it('hands out what was not told, once', () => {
    const window = new LogWindow(10)
    window.reset('e', 0, [])
    for (let seq = 1; seq <= 3; seq++) window.push(event(seq))
    expect(window.takeUntold()).toEqual({ afterSeq: 0, events: [event(1), event(2), event(3)] })
    expect(window.takeUntold()).toBeNull()
  })

  it('covers what it holds, also after it has let go of the oldest', () => {
    const window = new LogWindow(4)
    window.reset('e', 0, [])
    expect([window.covers(0), window.covers(1)]).toEqual([true, false])
    for (let seq = 1; seq <= 9; seq++) window.push(event(seq))
    expect([window.covers(9), window.covers(5), window.covers(4), window.covers(10)]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(window.between(6, 8).map(({ seq }) => seq)).toEqual([7, 8])
    expect(window.between(9, 9)).toEqual([])
  })

  it('resumes only places of its epoch, and only so many events', () => {
    const window = new LogWindow(100)
    window.reset('e', 0, [])
    for (let seq = 1; seq <= 50; seq++) window.push(seq % 2 ? event(seq) : stock(seq, 's'))
    expect(window.canResume({ epoch: 'e', seq: 10 }, 21)).toBe(true)
    expect(window.canResume({ epoch: 'e', seq: 10 }, 20)).toBe(false)
    expect(window.canResume({ epoch: 'f', seq: 10 }, 100)).toBe(false)
    expect(window.canResume({ epoch: 'e', seq: 51 }, 100)).toBe(false)
  })

  it('tells what was missed anew as soon as there is more, another place or another epoch', () => {
    const window = new LogWindow(100)
    window.reset('e', 0, [])
    window.push(event(1))
    window.push(event(2))
    const seqs = (afterSeq: number) => window.missedAfter(afterSeq).map(({ seq }) => seq)
    expect([seqs(0), seqs(0), seqs(1)]).toEqual([[1, 2], [1, 2], [2]])
    window.push(event(3))
    expect(seqs(1)).toEqual([2, 3])
    window.reset('f', 3, [{ ...event(3), epoch: 'f', data: 'other' }])
    expect(window.missedAfter(2)).toMatchObject([{ seq: 3, data: 'other' }])
  })
})

describe('frames', () => {
  it('leave out replaced stock figures of each sale and nothing else', () => {
    const events = [stock(1, 'a'), event(2), stock(3, 'b'), stock(4, 'a'), event(5)]
    expect(compact(events).map(({ seq }) => seq)).toEqual([2, 3, 4, 5])
  })

  it('leave out replaced counts of a giveaway, and none of its other events', () => {
    const count = (seq: number) => event(seq, 'giveaway:entries-changed', { giveawayId: 'g' })
    const events = [
      event(1, 'giveaway:opened', { giveaway: {} }),
      count(2),
      count(3),
      event(4, 'giveaway:closed', { giveawayId: 'g' }),
    ]
    expect(compact(events).map(({ seq }) => seq)).toEqual([1, 3, 4])
  })

  it('cover their span whether or not events were left out', () => {
    const span = { showId: 's' as ShowId, epoch: 'e', afterSeq: 0, toSeq: 2, events: [stock(1, 'a'), stock(2, 'a')] }
    expect(toFrame(span, 77)).toEqual({
      showId: 's',
      epoch: 'e',
      fromSeq: 1,
      toSeq: 2,
      nowMs: 77,
      events: [{ seq: 2, atMs: 2, type: 'flash-sale:stock-changed', version: 1, data: { flashSaleId: 'a' } }],
    })
  })
})
