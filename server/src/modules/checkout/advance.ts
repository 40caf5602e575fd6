import { setTimeout } from 'node:timers/promises'
import type { CheckoutId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import { between } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import type { PaymentEvent, PaymentOutcome, PaymentsService } from '#modules/payments'
import { actionOf, type Failure, mayBecome, type StoredState, type Verdict, verdictOf } from './checkout.ts'
import type { Claims } from './claims.ts'
import { eventLookAgainMs, eventLooksMax, lookAgainMs, sendWithinMs, watchEveryMs, watchMs } from './limits.ts'
import type { Coupons } from './needs.ts'
import { createPaidRecorder } from './paid.ts'
import type { CheckoutStore, Turn } from './store.pg.ts'
import { type CheckoutViews, viewOf } from './view-store.pg.ts'
import type { Waiting } from './waiting.ts'

export interface AdvanceParts {
  readonly database: Database
  readonly store: CheckoutStore
  readonly views: CheckoutViews
  readonly payments: Pick<PaymentsService, 'authorise' | 'capture' | 'look' | 'release' | 'recordCaptureValues'>
  readonly claims: Claims
  readonly coupons: Pick<Coupons, 'giveBack'>
  readonly waiting: Waiting
  readonly log: Log
  /** An order was paid or refunded: the show's board changed. */
  readonly boardChanged: (showId: string) => void
  /** The checkout of a won lot moved. */
  readonly winMoved: (checkoutId: CheckoutId) => void
}

/** Who asked for the advance, for the log only: all are served alike. */
export type Why = 'client' | 'webhook' | 'job' | 'sweep'

/** Where the turn stands while it acts. */
interface Standing {
  state: StoredState
  failure: Failure | null
  /** The authorised intent, when this turn has heard of it itself; then the capture was certainly not sent yet. */
  intentRef: string | null
  leaseFromMs: number
}

/**
 * The one way a checkout moves: client, webhook, job and sweep all come here. The row is locked only while a turn is
 * taken or an answer is recorded, never while the provider is asked. A turn is a fencing token with a lease: nobody
 * else acts until the lease is over, and an answer that comes home after a newer turn was taken is not recorded; what
 * it did at the provider is found there by the newer turn, because the keys are the same.
 */
export function createAdvance(parts: AdvanceParts) {
  const { database, store, payments, claims, coupons, waiting, log } = parts

  const tell = (turn: Turn, state: StoredState, extra: { actionUrl?: string | null; failure?: Failure | null }) => {
    const row = { ...turn, state, actionUrl: extra.actionUrl ?? null, failure: extra.failure ?? null }
    waiting.tell(turn.accountId, viewOf(row as Parameters<typeof viewOf>[0]))
    if (turn.auctionId) parts.winMoved(turn.checkoutId as CheckoutId)
  }

  const recordPaid = createPaidRecorder(parts)

  const settlePaid = async (turn: Turn, verdict: Extract<Verdict, { kind: 'paid' }>): Promise<void> => {
    const amount = { amountMinor: verdict.amountMinor, currency: verdict.currency }
    assertThat(
      amount.amountMinor === turn.totalMinor && amount.currency === turn.currency,
      'the captured amount is the order’s total',
    )
    if (!(await recordPaid({ turn, intentRef: verdict.intentRef }))) return
    tell(turn, 'paid', {})
    if (turn.showId) parts.boardChanged(turn.showId)
  }

  const settleFailed = async (turn: Turn, failure: Failure): Promise<void> => {
    const watch = { everyMs: watchEveryMs, forMs: watchMs }
    const isMine = await between('checkout.failed.recording', 'checkout.failed.recorded', () =>
      database.transaction(async (tx) => {
        if (!(await store.settleFailed(tx, turn, failure, watch))) return false
        await claims.release(tx, turn)
        if (turn.couponId) await coupons.giveBack(tx, turn.checkoutId)
        return true
      }),
    )
    if (!isMine) return
    tell(turn, 'failed', { failure })
  }

  const endTurn = async (turn: Turn, verdict: Extract<Verdict, { kind: 'wait' }>): Promise<void> => {
    const isMine = await store.endTurn(turn, { ...verdict, lookInMs: lookAgainMs(turn.turn) })
    if (isMine && verdict.state === 'needs_action' && turn.state !== 'needs_action')
      tell(turn, 'needs_action', { actionUrl: verdict.actionUrl })
  }

  /** A failed checkout whose last command had no answer: whatever of it came true since is let go. */
  const watch = async (turn: Turn): Promise<void> => {
    const outcome = await payments.release(turn.checkoutId)
    if (outcome.kind === 'captured')
      log.error({ checkoutId: turn.checkoutId }, 'money was taken for a failed checkout: refund it by hand')
    const at = { state: turn.state, actionUrl: null, isUncertain: false, lookInMs: watchEveryMs }
    await store.endTurn(turn, at)
  }

  const ask = (turn: Turn, at: Standing, action: ProviderAction): Promise<PaymentOutcome> => {
    switch (action) {
      case 'authorise':
        return payments.authorise({ ...turn, amount: totalOf(turn) }, turn.isFirstSend)
      case 'look':
        return payments.look(turn.checkoutId)
      case 'capture': {
        const known = { intentRef: at.intentRef, isFirst: at.intentRef !== null }
        return payments.capture({ ...turn, total: totalOf(turn) }, known)
      }
      case 'release':
        return payments.release(turn.checkoutId)
    }
  }

  /** Acts until the turn waits for somebody else or the checkout is final. */
  const act = async (turn: Turn, at: Standing, first: ProviderAction): Promise<void> => {
    let action: ProviderAction | null = first
    while (action !== null) {
      // A process that was paused may hold a turn that is over: it sends nothing more. Its successor looks first.
      if (performance.now() - at.leaseFromMs > sendWithinMs) return
      const outcome: PaymentOutcome = await ask(turn, at, action)
      const verdict = verdictOf(action, outcome, { ...at, isFirstSend: turn.isFirstSend })
      action = await carryOut(turn, at, verdict)
    }
  }

  /** Records a verdict. Answers what to ask next, null where the turn is over. */
  const carryOut = async (turn: Turn, at: Standing, verdict: Verdict): Promise<ProviderAction | null> => {
    assertThat(
      mayBecome(at.state, targetOf(verdict)),
      `a checkout does not go from ${at.state} to ${targetOf(verdict)}`,
    )
    switch (verdict.kind) {
      case 'begin-capture':
        if (await between('checkout.capture.beginning', 'checkout.capture.begun', () => store.beginCapture(turn))) {
          Object.assign(at, { state: 'capturing', intentRef: verdict.intentRef, leaseFromMs: performance.now() })
          return 'capture'
        }
        return await beginCancel(turn, at, 'time_over')
      case 'cancel':
        return await beginCancel(turn, at, verdict.failure)
      case 'paid':
        await settlePaid(turn, verdict)
        return null
      case 'fail':
        await settleFailed(turn, verdict.failure)
        return null
      case 'wait':
        await endTurn(turn, verdict)
        return null
    }
  }

  const beginCancel = async (turn: Turn, at: Standing, failure: Failure): Promise<'release' | null> => {
    if (!(await store.beginCancel(turn, failure))) return null
    Object.assign(at, { state: 'canceling', failure, leaseFromMs: performance.now() })
    return 'release'
  }

  const takeAndAct = async (turn: Turn): Promise<void> => {
    const { state, failure } = turn
    const at: Standing = { state, failure, intentRef: null, leaseFromMs: performance.now() }
    const action = actionOf(turn.state, turn.isLate)
    if (action === 'none') return
    if (action === 'fail-late') return await settleFailed(turn, 'time_over')
    if (action === 'watch') return await watch(turn)
    const first = action === 'cancel' ? await beginCancel(turn, at, 'time_over') : action
    if (first) await act(turn, at, first)
  }

  /** Moves the checkout on as far as it goes now. Repeats: a final one, or one in another's hands, is left alone. */
  const advance = async (checkoutId: string, why: Why): Promise<void> => {
    const turn = await store.takeTurn(checkoutId)
    if (!turn) return
    try {
      await takeAndAct(turn)
    } catch (error) {
      log.warn({ err: error, checkoutId, why, state: turn.state }, 'an advance broke off; it will be taken up again')
      await store.dropTurn(turn, lookAgainMs(0)).catch(() => {
        log.debug({ checkoutId }, 'the turn stays until its lease is over')
      })
      throw error
    }
  }

  /** Looks at the payment that an event is about, where that can change anything. */
  const paymentTold = async (event: Exclude<PaymentEvent, { type: 'refunded' | 'disputed' }>): Promise<void> => {
    const { checkoutId } = event.intent
    for (let look = 1; look <= eventLooksMax; look += 1) {
      const standing = await parts.views.standing(checkoutId)
      if (!standing || standing.state === 'created') return
      if (standing.state === 'needs_action' && event.type === 'needs-action') return
      if (!standing.isLeased) {
        if (standing.isOpen || standing.isWatched) await advance(checkoutId, 'webhook')
        return
      }
      // Whoever waits for a command's answer learns the same from it. Whoever only looks may have looked too early.
      if (standing.state !== 'needs_action') return
      await setTimeout(eventLookAgainMs)
    }
  }

  return { advance, paymentTold }
}

const totalOf = (turn: Turn) => ({ amountMinor: turn.totalMinor, currency: turn.currency })

function targetOf(verdict: Verdict): StoredState {
  switch (verdict.kind) {
    case 'begin-capture':
      return 'capturing'
    case 'cancel':
      return 'canceling'
    case 'paid':
      return 'paid'
    case 'fail':
      return 'failed'
    case 'wait':
      return verdict.state
  }
}

type ProviderAction = 'authorise' | 'look' | 'capture' | 'release'

export type Advance = ReturnType<typeof createAdvance>
