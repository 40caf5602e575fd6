import { countdownTo, LivelotError, newOperationId } from '@livelot/client'
import { describe, expect, it } from 'vitest'
import { judgeFrame } from '../src/room/log.ts'
import { CHAT_LINES_MAX, emptyRoom, withChat, withChatHistory, withLogEvent, withSnapshot } from '../src/room/state.ts'
import { backoffMs, retryDelayMs } from '../src/wire/backoff.ts'
import { chatLine, flashSale, type flashSaleId, snapshot } from './samples.ts'

describe('judging frames', () => {
  const cursor = { epoch: 'e1', seq: 5 }
  it.each([
    ['next', { epoch: 'e1', fromSeq: 6, toSeq: 8 }],
    ['next', { epoch: 'e1', fromSeq: 4, toSeq: 6 }],
    ['known', { epoch: 'e1', fromSeq: 4, toSeq: 5 }],
    ['known', { epoch: 'e1', fromSeq: 6, toSeq: 5 }],
    ['gap', { epoch: 'e1', fromSeq: 7, toSeq: 8 }],
    ['other-epoch', { epoch: 'e2', fromSeq: 6, toSeq: 6 }],
  ])('is %s for %o', (judgement, frame) => {
    expect(judgeFrame(cursor, frame)).toBe(judgement)
  })
})

describe('folding the log', () => {
  const place = { seq: 1, atMs: 1, version: 1 as const }
  const room = withSnapshot(emptyRoom, snapshot())

  it('leaves everything alone that an event does not speak of', () => {
    const next = withLogEvent(room, {
      ...place,
      type: 'flash-sale:stock-changed',
      data: { flashSaleId: flashSale().flashSaleId, remainingUnits: 3, soldUnits: 2 },
    })
    expect(next.sales).toEqual([{ ...room.sales[0], remainingUnits: 3, soldUnits: 2 }])
    expect([next.shelf === room.shelf, next.show === room.show, room.sales[0]?.remainingUnits]).toEqual([
      true,
      true,
      10,
    ])
  })

  it('opens and closes a sale and ends the show', () => {
    const id = flashSale().flashSaleId
    const announced = flashSale({ state: 'scheduled', flashSaleId: id })
    const scheduled = withLogEvent(room, { ...place, type: 'flash-sale:scheduled', data: { sale: announced } })
    const opened = withLogEvent(scheduled, { ...place, type: 'flash-sale:opened', data: { flashSaleId: id } })
    const closed = withLogEvent(opened, {
      ...place,
      type: 'flash-sale:closed',
      data: { flashSaleId: id, remainingUnits: 4, soldUnits: 6 },
    })
    const ended = withLogEvent(closed, { ...place, type: 'show:ended', data: { endedAtMs: 77 } })
    expect([scheduled, opened, closed].map(({ sales }) => sales.map(({ state }) => state))).toEqual([
      ['scheduled'],
      ['open'],
      ['closed'],
    ])
    expect(ended.show).toMatchObject({ state: 'ended', endedAtMs: 77 })
  })

  it('keeps the pinned product as it stands on the shelf', () => {
    const [item] = room.shelf
    if (!item) throw new Error('The sample has a shelf.')
    const pinned = withLogEvent(room, { ...place, type: 'show:product-pinned', data: { productId: item.productId } })
    const cheaper = { ...item, price: { amountMinor: 1, currency: 'EUR' as const } }
    const changed = withLogEvent(pinned, { ...place, type: 'show:shelf-changed', data: { items: [cheaper] } })
    expect([pinned.pinned, changed.pinned]).toEqual([item, cheaper])
  })

  it('does not invent a sale of which only a figure is told', () => {
    const data = { flashSaleId: newOperationId() as typeof flashSaleId, remainingUnits: 1, soldUnits: 1 }
    const next = withLogEvent(room, { ...place, type: 'flash-sale:stock-changed', data: data as never })
    expect(next).toBe(room)
  })
})

describe('chat', () => {
  it('keeps the newest lines only', () => {
    const lines = Array.from({ length: CHAT_LINES_MAX + 5 }, (_, index) => chatLine(`line ${index}`, index))
    const state = withChat(emptyRoom, { lines, cut: 0, removed: [] })
    expect([state.chat.length, state.chat[0]?.text]).toEqual([CHAT_LINES_MAX, 'line 5'])
  })

  it('lets the list of a new join lead and keeps what is older', () => {
    const [old, removed, kept, fresh] = [1, 2, 3, 4].map((atMs) => chatLine(`line ${atMs}`, atMs))
    if (!old || !removed || !kept || !fresh) throw new Error('Four lines were made.')
    const before = withChat(emptyRoom, { lines: [old, removed, kept], cut: 0, removed: [] })
    const after = withChatHistory(before, [{ ...kept, atMs: 2 }, fresh])
    expect(after.chat.map(({ text }) => text)).toEqual(['line 1', 'line 3', 'line 4'])
  })
})

describe('waiting before a retry', () => {
  it('doubles up to its most and takes at least half of it', () => {
    const plan = { baseMs: 100, maxMs: 1_000 }
    expect([0, 1, 2, 5].map((attempt) => backoffMs(attempt, plan, () => 0))).toEqual([50, 100, 200, 500])
    expect([0, 1, 2, 5].map((attempt) => backoffMs(attempt, plan, () => 1))).toEqual([100, 200, 400, 1_000])
  })

  it.each([
    ['never', new LivelotError({ code: 'flash_sale.sold_out' }), true, null],
    ['same, repeatable', new LivelotError({ code: 'client.network' }), true, 75],
    ['same, not repeatable', new LivelotError({ code: 'server.internal' }), false, null],
    ['later, overload', new LivelotError({ code: 'server.busy', status: 503, retryAfterMs: 900 }), false, 900],
    ['later, not yet', new LivelotError({ code: 'flash_sale.not_open', status: 409 }), true, null],
    ['a bug', new TypeError('x'), true, null],
  ])('follows the advice: %s', (_, error, repeatable, waitMs) => {
    expect(retryDelayMs(error, 0, repeatable, () => 0)).toBe(waitMs)
  })
})

describe('countdown', () => {
  it('rounds up to the second and never goes below zero', () => {
    expect(countdownTo(10_000, 9_001)).toEqual({ remainingMs: 999, hours: 0, minutes: 0, seconds: 1, over: false })
    expect(countdownTo(3_725_000, 0)).toMatchObject({ hours: 1, minutes: 2, seconds: 5 })
    expect(countdownTo(10_000, 10_001)).toEqual({ remainingMs: 0, hours: 0, minutes: 0, seconds: 0, over: true })
  })
})
