import type { Checkout, CheckoutFailure, CheckoutState, Currency } from '@livelot/client/contracts'
import type { z } from 'zod'
import type { PaymentOutcome } from '#modules/payments'

export type Failure = z.infer<typeof CheckoutFailure>

/** As stored. `canceling`: decided to fail, and the provider has yet to confirm that it holds no money. */
export type StoredState = CheckoutState | 'canceling'

/** From → to; a step that is not here is a fault. Staying is always allowed. */
export const steps: Readonly<Record<StoredState, readonly StoredState[]>> = {
  created: ['authorising', 'failed'],
  // Back to created: the provider certainly did nothing. To paid: it took the money although we had not asked yet.
  authorising: ['created', 'needs_action', 'authorised', 'capturing', 'canceling', 'paid', 'failed'],
  needs_action: ['authorising', 'authorised', 'capturing', 'canceling', 'paid', 'failed'],
  authorised: ['capturing', 'canceling', 'paid', 'failed'],
  capturing: ['paid', 'canceling', 'failed'],
  canceling: ['paid', 'failed'],
  paid: [],
  failed: [],
}

export const mayBecome = (from: StoredState, to: StoredState): boolean => from === to || steps[from].includes(to)

/** What a turn does next. `cancel`: decide to fail, then `release`: let the money go. `watch`: see that nothing of a failed checkout comes true late. */
export type Action = 'authorise' | 'look' | 'capture' | 'cancel' | 'release' | 'fail-late' | 'watch' | 'none'

/** What to do with a checkout that stands so. `isLate`: the time to pay is over. */
export function actionOf(state: StoredState, isLate: boolean): Action {
  switch (state) {
    case 'created':
      // Nothing was sent yet, so nobody has to be asked.
      return isLate ? 'fail-late' : 'authorise'
    case 'authorising':
      return isLate ? 'cancel' : 'authorise'
    case 'needs_action':
    case 'authorised':
      return isLate ? 'cancel' : 'look'
    case 'capturing':
      return 'capture'
    case 'canceling':
      return 'release'
    case 'failed':
      return 'watch'
    case 'paid':
      return 'none'
  }
}

/** Where an outcome leads. `begin-capture` is decided once more by the database, under the row's lock and its clock. */
export type Verdict =
  | { readonly kind: 'begin-capture'; readonly intentRef: string }
  | { readonly kind: 'paid'; readonly intentRef: string; readonly amountMinor: number; readonly currency: Currency }
  | { readonly kind: 'fail'; readonly failure: Failure }
  /** To fail, once the provider has let the money go. */
  | { readonly kind: 'cancel'; readonly failure: Failure }
  | {
      readonly kind: 'wait'
      readonly state: StoredState
      readonly actionUrl: string | null
      readonly isUncertain: boolean
    }

/** Decides from what the provider answered. Pure: the same facts give the same verdict in every process. */
export function verdictOf(
  action: 'authorise' | 'look' | 'capture' | 'release',
  outcome: PaymentOutcome,
  at: { readonly state: StoredState; readonly isFirstSend: boolean; readonly failure: Failure | null },
): Verdict {
  switch (outcome.kind) {
    case 'captured': {
      const { intentRef, amount } = outcome
      return { kind: 'paid', intentRef, amountMinor: amount.amountMinor, currency: amount.currency }
    }
    case 'authorised':
      return action === 'release' || at.state === 'capturing'
        ? wait(at.state)
        : { kind: 'begin-capture', intentRef: outcome.intentRef }
    case 'needs-action':
      return action === 'release' || action === 'capture'
        ? wait(at.state)
        : { kind: 'wait', state: 'needs_action', actionUrl: outcome.url, isUncertain: false }
    case 'pending':
      return wait(at.state === 'needs_action' ? 'authorising' : at.state)
    case 'declined':
      return { kind: 'fail', failure: at.failure ?? outcome.code }
    case 'canceled':
      return { kind: 'fail', failure: at.failure ?? (action === 'capture' ? 'provider_error' : 'time_over') }
    case 'refused':
      // A "no" to the first command means that nothing is held; after that only letting go proves it.
      if (action === 'release') return { ...wait(at.state), isUncertain: true }
      return at.isFirstSend && action === 'authorise'
        ? { kind: 'fail', failure: 'provider_error' }
        : { kind: 'cancel', failure: at.failure ?? 'provider_error' }
    case 'unavailable':
      // Nothing happened for certain: the checkout is where it was before the first command.
      return at.isFirstSend && action === 'authorise' ? wait('created') : wait(at.state)
    case 'none':
    case 'unknown':
      return { ...wait(at.state), isUncertain: true }
  }
}

const wait = (state: StoredState) => ({ kind: 'wait', state, actionUrl: null, isUncertain: false }) as const

/** What a checkout shows to its buyer. While money is being let go, the outcome is not certain yet. */
export function shownState(state: StoredState): CheckoutState {
  return state === 'canceling' ? 'authorising' : state
}

/** True where nothing more comes without the buyer: final, or the bank's step. */
export function isSettled(checkout: Checkout): boolean {
  return checkout.state === 'paid' || checkout.state === 'failed' || checkout.state === 'needs_action'
}
