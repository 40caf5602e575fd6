import type { ChatLine } from '@livelot/client/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Batcher, type ChatBatch, thin } from './batcher.ts'

const line = (text: string, badge: ChatLine['badge'] = 'none') =>
  ({ chatLineId: text, accountId: 'a', name: 'n', text, badge, mentions: [], atMs: 1 }) as unknown as ChatLine
const texts = (lines: readonly ChatLine[]) => lines.map(({ text }) => text)

describe('thinning', () => {
  it('keeps host and moderators, then the newest, in their order', () => {
    const lines = [line('1', 'host'), line('2'), line('3', 'moderator'), line('4'), line('5')]
    const { kept, cut } = thin(lines, 3)
    expect({ kept: texts(kept), cut }).toEqual({ kept: ['1', '3', '5'], cut: 2 })
    expect(texts(thin(lines, 1).kept)).toEqual(['3'])
    expect(thin(lines, 5)).toEqual({ kept: lines, cut: 0 })
  })
})

describe('batches', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const start = (linesMax = 2) => {
    const batches: ChatBatch[] = []
    const flush = (batch: ChatBatch) => void batches.push(batch)
    const batcher = new Batcher({ everyMs: () => 100, linesMax: () => linesMax, flush })
    const add = (...lines: ChatLine[]) => batcher.add({ lines, cut: 0, removed: [] })
    return { batches, batcher, add }
  }

  it('leave at once in a quiet room and every tenth of a second in a busy one', () => {
    const { batches, add } = start()
    add(line('1'))
    vi.advanceTimersByTime(1)
    expect(batches.length).toBe(1)
    add(line('2'))
    vi.advanceTimersByTime(98)
    expect(batches.length).toBe(1)
    vi.advanceTimersByTime(2)
    expect(batches.map(({ lines }) => texts(lines))).toEqual([['1'], ['2']])
  })

  it('count every line that was left out, held back or not', () => {
    const { batches, add } = start()
    for (let i = 0; i < 100; i++) add(line(String(i)))
    vi.advanceTimersByTime(200)
    const shown = batches.flatMap(({ lines }) => lines).length
    expect(shown + batches.reduce((sum, { cut }) => sum + cut, 0)).toBe(100)
    expect(texts(batches.at(-1)?.lines ?? [])).toEqual(['98', '99'])
  })

  it('drop a line that was taken back before it left, and tell the removal all the same', () => {
    const { batches, batcher, add } = start()
    const rude = line('rude')
    add(rude, line('fine'))
    batcher.add({ lines: [], cut: 0, removed: [rude.chatLineId] })
    vi.advanceTimersByTime(1)
    expect(batches).toEqual([{ lines: [line('fine')], cut: 0, removed: [rude.chatLineId] }])
  })
})
