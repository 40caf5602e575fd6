import { describe, expect, it } from 'vitest'
import { actionOf, isSettled, mayBecome, type StoredState, shownState, steps, verdictOf } from './checkout.ts'

const at = (state: StoredState, special: object = {}) => ({ state, isFirstSend: false, failure: null, ...special })
const captured = { kind: 'captured', intentRef: 'pi_1', amount: { amountMinor: 5, currency: 'USD' } } as const

describe('actionOf', () => {
  it('[CH7] asks for money only while the time to pay runs', () => {
    const states = Object.keys(steps) as StoredState[]
    expect(states.map((state) => [state, actionOf(state, false), actionOf(state, true)])).toEqual([
      ['created', 'authorise', 'fail-late'],
      ['authorising', 'authorise', 'cancel'],
      ['needs_action', 'look', 'cancel'],
      ['authorised', 'look', 'cancel'],
      // Once capturing was written, the decision stands: the money may have been taken.
      ['capturing', 'capture', 'capture'],
      ['canceling', 'release', 'release'],
      ['paid', 'none', 'none'],
      ['failed', 'watch', 'watch'],
    ])
  })
})

describe('verdictOf', () => {
  it('[CH4] records money that was taken, from wherever it is found', () => {
    for (const state of ['authorising', 'needs_action', 'capturing', 'canceling'] as const) {
      const verdict = verdictOf(state === 'canceling' ? 'release' : 'look', captured, at(state))
      expect(verdict).toEqual({ kind: 'paid', intentRef: 'pi_1', amountMinor: 5, currency: 'USD' })
      expect(mayBecome(state, 'paid')).toBe(true)
    }
  })

  it('[CH6] never fails while money may be held', () => {
    const unknown = { kind: 'unknown' } as const
    expect(verdictOf('authorise', unknown, at('authorising'))).toEqual({
      kind: 'wait',
      state: 'authorising',
      actionUrl: null,
      isUncertain: true,
    })
    expect(
      verdictOf('release', { kind: 'refused', code: 'x' }, at('canceling', { failure: 'time_over' })),
    ).toMatchObject({
      kind: 'wait',
      state: 'canceling',
    })
    expect(verdictOf('authorise', { kind: 'refused', code: 'x' }, at('authorising'))).toEqual({
      kind: 'cancel',
      failure: 'provider_error',
    })
    const first = at('authorising', { isFirstSend: true })
    expect(verdictOf('authorise', { kind: 'refused', code: 'x' }, first)).toEqual({
      kind: 'fail',
      failure: 'provider_error',
    })
    expect(verdictOf('authorise', { kind: 'unavailable' }, first)).toMatchObject({ kind: 'wait', state: 'created' })
    expect(verdictOf('authorise', { kind: 'unavailable' }, at('authorising'))).toMatchObject({ state: 'authorising' })
  })

  it('[CH6] keeps the reason that was decided first', () => {
    const canceling = at('canceling', { failure: 'time_over' })
    expect(verdictOf('release', { kind: 'canceled' }, canceling)).toEqual({ kind: 'fail', failure: 'time_over' })
    expect(verdictOf('capture', { kind: 'canceled' }, at('capturing'))).toEqual({
      kind: 'fail',
      failure: 'provider_error',
    })
    expect(verdictOf('look', { kind: 'declined', code: 'insufficient_funds' }, at('needs_action'))).toEqual({
      kind: 'fail',
      failure: 'insufficient_funds',
    })
  })
})

describe('what is shown', () => {
  it('[CH9] calls nothing final that may turn out otherwise', () => {
    expect(shownState('canceling')).toBe('authorising')
    const checkout = { state: 'needs_action' } as Parameters<typeof isSettled>[0]
    expect(isSettled(checkout)).toBe(true)
    expect(isSettled({ ...checkout, state: 'capturing' })).toBe(false)
  })
})
