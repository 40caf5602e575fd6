import { describe, expect, it } from 'vitest'
import { ClockJudge, settleMs, type Verdict } from './judge.ts'

const hourMs = 3_600_000
/** A clock that was right at the monotonic moment 0. */
const epochMs = 1_800_000_000_000

/** Looks once every half second from `fromMs` on; each answer takes `tookMs`. */
function lookOn(judge: ClockJudge, fromMs: number, looks: number, offMs: (atMs: number) => number, tookMs = 2) {
  const verdicts: Verdict[] = []
  for (let i = 0; i < looks; i++) {
    const atMs = fromMs + i * 500
    const clockMs = epochMs + atMs + tookMs / 2 + offMs(atMs)
    verdicts.push(judge.look({ clockMs, askedAtMs: atMs, answeredAtMs: atMs + tookMs }))
  }
  return verdicts
}
const all = (verdict: Verdict, count: number) => Array.from({ length: count }, () => verdict)

describe('a clock beside monotonic time', () => {
  it('is steady while it goes on, and its time is known to half of what a look took', () => {
    const judge = new ClockJudge()
    expect(judge.timeAt(0)).toBeNull()
    expect(lookOn(judge, 0, 100, () => 0)).toEqual(all('steady', 100))
    expect(judge.timeAt(60_000)).toBeCloseTo(epochMs + 60_000, -1)
  })

  it.each([
    ['an hour ahead', hourMs],
    ['ten minutes behind', -600_000],
    ['three seconds ahead', 3_000],
  ])('that jumps %s is off until it has stayed there', (_what, jumpMs) => {
    const judge = new ClockJudge()
    lookOn(judge, 0, 10, () => 0)
    const looks = settleMs / 500
    expect(lookOn(judge, 5_000, looks, () => jumpMs)).toEqual(['jumped', ...all('off', looks - 1)])
    expect(judge.jumpMs).toBeCloseTo(jumpMs, 5)
    // What it should say is what it would have said.
    expect(judge.timeAt(50_000)).toBeCloseTo(epochMs + 50_000, -1)
    expect(lookOn(judge, 5_000 + settleMs, 1, () => jumpMs)).toEqual(['settled'])
    judge.settle()
    expect([judge.isSteady, judge.jumpMs]).toEqual([true, 0])
    expect(lookOn(judge, 40_000, 3, () => jumpMs)).toEqual(all('steady', 3))
    expect(judge.timeAt(50_000)).toBeCloseTo(epochMs + 50_000 + jumpMs, -1)
  })

  it('that jumps and comes back is as before', () => {
    const judge = new ClockJudge()
    lookOn(judge, 0, 10, () => 0)
    expect(lookOn(judge, 5_000, 3, () => hourMs)).toEqual(['jumped', 'off', 'off'])
    expect(lookOn(judge, 6_500, 2, () => 0)).toEqual(['back', 'steady'])
  })

  it('that jumps again while it is off must stay anew', () => {
    const judge = new ClockJudge()
    lookOn(judge, 0, 10, () => 0)
    lookOn(judge, 5_000, settleMs / 500, () => hourMs)
    const looks = settleMs / 500
    expect(lookOn(judge, 5_000 + settleMs, looks, () => 2 * hourMs)).toEqual(all('off', looks))
    expect(lookOn(judge, 5_000 + 2 * settleMs, 1, () => 2 * hourMs)).toEqual(['settled'])
  })

  it('that drifts by five seconds a second never settles', () => {
    const judge = new ClockJudge()
    lookOn(judge, 0, 10, () => 0)
    const verdicts = lookOn(judge, 5_000, 200, (atMs) => (atMs - 5_000) * 5)
    expect(verdicts.slice(0, 2)).toEqual(['steady', 'jumped'])
    expect(new Set(verdicts.slice(2))).toEqual(new Set(['off']))
  })

  it('that is slewed by a time server for an hour is followed, and so is the time told', () => {
    const judge = new ClockJudge()
    const slewed = (atMs: number) => atMs * 0.0005
    expect(new Set(lookOn(judge, 0, 7_200, slewed))).toEqual(new Set(['steady']))
    expect(Math.abs((judge.timeAt(hourMs) ?? 0) - (epochMs + hourMs + slewed(hourMs)))).toBeLessThan(20)
  })

  it('that answers late is not blamed for it', () => {
    const judge = new ClockJudge()
    lookOn(judge, 0, 10, () => 0)
    // The process was stopped for a minute between its question and the answer.
    expect(judge.look({ clockMs: epochMs + 6_000, askedAtMs: 5_000, answeredAtMs: 65_000 })).toBe('steady')
    expect(judge.look({ clockMs: epochMs + 65_000, askedAtMs: 5_000, answeredAtMs: 65_001 })).toBe('steady')
    expect(lookOn(judge, 66_000, 3, () => 0)).toEqual(all('steady', 3))
  })
})
