import { describe, expect, test } from 'vitest'
import { WorkerBudget } from '../src/admission.ts'
import { iceServersFor } from '../src/ice-servers.ts'
import { mediaLimits } from '../src/limits.ts'
import { Outbox } from '../src/outbox.ts'
import { placePublisher, placeViewer } from '../src/placement.ts'

const worker = (name: string, state: 'open' | 'soft' | 'closed', load: number, hosting = false) => ({
  name,
  state,
  load,
  hosting,
})

describe('a viewer goes', () => {
  test.each([
    ['to the show’s own worker', [worker('a', 'open', 0.1), worker('b', 'open', 0.5, true)], 'b'],
    ['to the less loaded of the show’s', [worker('a', 'open', 0.4, true), worker('b', 'open', 0.3, true)], 'b'],
    [
      'to a further worker when the show’s are past soft',
      [worker('a', 'soft', 0.9, true), worker('b', 'open', 0)],
      'b',
    ],
    ['to the show’s own when all are past soft', [worker('a', 'soft', 0.9, true), worker('b', 'soft', 0.8)], 'a'],
    ['to any other that is not closed', [worker('a', 'closed', 1, true), worker('b', 'soft', 0.8)], 'b'],
    ['nowhere when all are closed', [worker('a', 'closed', 1, true), worker('b', 'closed', 1)], undefined],
    ['nowhere when there is none', [], undefined],
  ])('%s', (_name, candidates, expected) => {
    expect(placeViewer(candidates)?.name).toBe(expected)
  })
})

describe('a creator goes', () => {
  test.each([
    ['to the least loaded worker', [worker('a', 'open', 0.5), worker('b', 'open', 0.2)], 'b'],
    ['to a worker of the show, even past soft', [worker('a', 'soft', 0.9, true), worker('b', 'open', 0)], 'a'],
    ['elsewhere when the show’s are closed', [worker('a', 'closed', 1, true), worker('b', 'open', 0)], 'b'],
    ['nowhere when all are closed', [worker('a', 'closed', 1, true)], undefined],
  ])('%s', (_name, candidates, expected) => {
    expect(placePublisher(candidates)?.name).toBe(expected)
  })
})

describe('a worker’s budget', () => {
  test('goes from open over soft to closed with the CPU', () => {
    const budget = new WorkerBudget(mediaLimits, () => 0)
    const settle = (percent: number): void => {
      for (let sample = 0; sample < 40; sample += 1) budget.sampled(percent)
    }
    expect(budget.state).toBe('open')
    settle(71)
    expect(budget.state).toBe('soft')
    settle(81)
    expect(budget.state).toBe('closed')
    settle(10)
    expect(budget.state).toBe('open')
    expect(budget.load).toBeCloseTo(10 / 80)
  })

  test('counts viewers and packets, and those who joined since the last sample', () => {
    const budget = new WorkerBudget(mediaLimits, () => 0)
    for (let viewer = 0; viewer < 200; viewer += 1) budget.viewerAdded()
    expect(budget.state).toBe('closed')
    budget.sampled(0)
    expect(budget.state).toBe('open')
    budget.flowAdded(51_000)
    expect(budget.state).toBe('soft')
    budget.flowAdded(19_000)
    expect(budget.state).toBe('closed')
    budget.flowRemoved(70_000)
    for (let viewer = 0; viewer < 300; viewer += 1) budget.viewerAdded()
    budget.sampled(0)
    expect(budget.state).toBe('closed')
    for (let viewer = 0; viewer < 499; viewer += 1) budget.viewerRemoved()
    expect(budget.state).toBe('open')
  })

  test('gives joins from a bucket that refills with time', () => {
    let nowMs = 0
    const budget = new WorkerBudget({ ...mediaLimits, joinsPerSecond: 10, joinBurst: 2 }, () => nowMs)
    expect([budget.takeJoin(), budget.takeJoin()]).toEqual([{ taken: true }, { taken: true }])
    expect(budget.takeJoin()).toEqual({ taken: false, retryAfterMs: 200 })
    expect(budget.takeJoin()).toEqual({ taken: false, retryAfterMs: 300 })
    nowMs = 100
    expect(budget.takeJoin()).toEqual({ taken: true })
    nowMs = 60_000
    expect([budget.takeJoin(), budget.takeJoin(), budget.takeJoin().taken]).toEqual([
      { taken: true },
      { taken: true },
      false,
    ])
  })
})

describe('TURN credentials', () => {
  test('are made as coturn checks them', () => {
    const turn = { urls: ['turn:turn.example:3478'], secret: 'north' }
    expect(iceServersFor(turn, 'peer', 1_700_000_000_000)).toEqual([
      {
        urls: ['turn:turn.example:3478'],
        username: '1700003600:peer',
        credential: 'tZxtQi1OIHXrplVgy5ets8RxlPo=',
      },
    ])
    expect(iceServersFor(undefined, 'peer', 0)).toEqual([])
  })
})

describe('an outbox', () => {
  test('knows what it can still tell', () => {
    const outbox = new Outbox('peer', 2)
    expect([outbox.canReplay(0), outbox.canReplay(1)]).toEqual([true, false])
    for (let told = 0; told < 3; told += 1) outbox.tell('producer-lost', { graceMs: told })
    expect([0, 1, 2, 3, 4].map((seq) => outbox.canReplay(seq))).toEqual([false, true, true, true, false])
    const sent: unknown[] = []
    outbox.attach({ congested: false, send: (event, data) => void sent.push([event, data]) }, 2)
    expect(sent).toEqual([['producer-lost', { peerId: 'peer', seq: 3, graceMs: 2 }]])
  })

  test('leaves hints out when its owner is congested, and never events', () => {
    const outbox = new Outbox('peer', 8)
    const sent: string[] = []
    const owner = { congested: true, send: (event: string) => void sent.push(event) }
    outbox.attach(owner, 0)
    outbox.hint('producer-quality', { producerId: 'p', score: 3 })
    outbox.tell('producer-lost', { graceMs: 0 })
    owner.congested = false
    outbox.hint('producer-quality', { producerId: 'p', score: 4 })
    expect(sent).toEqual(['producer-lost', 'producer-quality'])
  })
})
