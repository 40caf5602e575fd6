import { type BankDeclineCode, type TestCard, testCardByName } from './cards.ts'
import type { CommitCommand, Desk, Reply } from './command.ts'
import { type EventType, type Intent, type IntentStatus, newId, type PaymentMethod } from './objects.ts'
import { Problem } from './problems.ts'
import type { AnswerChallenge, CaptureIntent, CreateIntent } from './schemas.ts'

const eventOf: Readonly<Record<IntentStatus, EventType | undefined>> = {
  requires_action: 'payment_intent.requires_action',
  processing: undefined,
  requires_capture: 'payment_intent.authorised',
  succeeded: 'payment_intent.succeeded',
  failed: 'payment_intent.failed',
  canceled: 'payment_intent.canceled',
}

/** requires_action and processing → requires_capture | failed; requires_capture → succeeded; each of them → canceled. */
const openStates: readonly IntentStatus[] = ['requires_action', 'processing', 'requires_capture']

export function testCardOf(desk: Desk, intent: Intent): TestCard {
  const method = desk.bank.paymentMethods.get(intent.paymentMethod)
  if (!method) throw new Error(`Intent ${intent.id} has no payment method`)
  return testCardByName(method.testCard)
}

/** Creates and confirms in one step: afterwards the amount is on hold, refused, or waits for the buyer or the bank. */
export function createIntent(desk: Desk, input: CreateIntent, commit: CommitCommand, now: Date): Reply {
  const { bank } = desk
  if (!bank.customers.has(input.customer)) throw new Problem('customer_unknown')
  const method = bank.paymentMethods.get(input.paymentMethod)
  if (!method || method.customer !== input.customer || method.detachedAt !== null) {
    throw new Problem('payment_method_unknown')
  }
  const card = testCardByName(method.testCard)
  const fresh = newIntent(input, method, now)
  const object = decided(desk, card, fresh, now)
  const step = { kind: 'intent.created', at: fresh.createdAt, object, event: eventOf[object.status] }
  return commit(step, card.faults.authorise)
}

export function captureIntent(desk: Desk, id: string, input: CaptureIntent, commit: CommitCommand, now: Date): Reply {
  const intent = desk.bank.intents.get(id)
  if (!intent) throw new Problem('intent_unknown')
  if (intent.status === 'canceled' && intent.cancellationReason === 'expired') {
    throw new Problem('authorisation_expired', { intentStatus: intent.status })
  }
  if (intent.status !== 'requires_capture') throw new Problem('intent_state', { intentStatus: intent.status })
  if (intent.captureBefore === null || Date.parse(intent.captureBefore) <= now.getTime()) {
    throw new Problem('authorisation_expired', { intentStatus: intent.status })
  }
  if (input.amountMinor > intent.amountMinor) throw new Problem('amount_too_large')
  const object: Intent = { ...intent, status: 'succeeded', capturedMinor: input.amountMinor, captureBefore: null }
  const step = { kind: 'intent.captured', at: now.toISOString(), object, event: eventOf.succeeded }
  return commit(step, testCardOf(desk, intent).faults.capture)
}

export function cancelIntent(desk: Desk, id: string, commit: CommitCommand, now: Date): Reply {
  const intent = desk.bank.intents.get(id)
  if (!intent) throw new Problem('intent_unknown')
  if (!openStates.includes(intent.status)) throw new Problem('intent_state', { intentStatus: intent.status })
  const object = canceled(intent, 'requested')
  return commit({ kind: 'intent.canceled', at: now.toISOString(), object, event: eventOf.canceled })
}

/** The buyer's answer on the bank's page. Repeats: an intent that is past the challenge is given back as it stands. */
export function answerChallenge(desk: Desk, id: string, input: AnswerChallenge): Intent {
  const intent = desk.bank.intents.get(id)
  if (!intent) throw new Problem('not_found')
  if (intent.status !== 'requires_action') return intent
  const now = new Date()
  const { decision } = testCardOf(desk, intent)
  const isApproved = decision.kind === 'challenge' && decision.approved === 'authorise'
  if (input.outcome === 'fail') return move(desk, 'intent.failed', failed(intent, 'authentication_failed'), now)
  if (!isApproved) return move(desk, 'intent.failed', failed(intent, 'generic_decline'), now)
  return move(desk, 'intent.authorised', authorised(desk, testCardOf(desk, intent), intent, now), now)
}

/** What happens to an intent whose time in its state is over. */
export function passDeadline(desk: Desk, intent: Intent): void {
  const now = new Date()
  switch (intent.status) {
    case 'requires_action':
      move(desk, 'intent.failed', failed(intent, 'authentication_timeout'), now)
      return
    case 'processing':
      move(desk, 'intent.authorised', authorised(desk, testCardOf(desk, intent), intent, now), now)
      return
    case 'requires_capture':
      move(desk, 'intent.canceled', canceled(intent, 'expired'), now)
      return
    default:
      return
  }
}

export function listIntents(desk: Desk, checkoutId: string, limit: number): Intent[] {
  const ids = desk.bank.intentsOfCheckout.get(checkoutId) ?? []
  const newestFirst = ids.slice(-limit).reverse()
  return newestFirst.map((id) => desk.bank.intents.get(id)).filter((intent) => intent !== undefined)
}

function move(desk: Desk, kind: string, object: Intent, now: Date): Intent {
  desk.bank.commit({ kind, at: now.toISOString(), object, event: eventOf[object.status] })
  return object
}

function newIntent(input: CreateIntent, method: PaymentMethod, now: Date): Intent {
  return {
    id: newId('payment_intent'),
    object: 'payment_intent',
    status: 'processing',
    amountMinor: input.amountMinor,
    capturedMinor: 0,
    refundedMinor: 0,
    currency: input.currency,
    customer: input.customer,
    paymentMethod: method.id,
    card: { brand: method.card.brand, last4: method.card.last4 },
    captureMethod: 'manual',
    metadata: input.metadata,
    nextAction: null,
    declineCode: null,
    cancellationReason: null,
    createdAt: now.toISOString(),
    actionBefore: null,
    processingUntil: null,
    captureBefore: null,
  }
}

function decided(desk: Desk, card: TestCard, intent: Intent, now: Date): Intent {
  const { decision } = card
  switch (decision.kind) {
    case 'approve':
      return authorised(desk, card, intent, now)
    case 'decline':
      return failed(intent, decision.code)
    case 'process':
      return { ...intent, processingUntil: later(now, desk.config.processingMs) }
    case 'challenge':
      return {
        ...intent,
        status: 'requires_action',
        nextAction: { type: 'redirect', url: `${desk.publicUrl()}/hosted/challenge/${intent.id}` },
        actionBefore: later(now, desk.config.challengeMs),
      }
  }
}

function authorised(desk: Desk, card: TestCard, intent: Intent, now: Date): Intent {
  const holdMs = card.shortHold ? desk.config.shortAuthorisationMs : desk.config.authorisationMs
  return { ...settledStep(intent), status: 'requires_capture', captureBefore: later(now, holdMs) }
}

function failed(intent: Intent, declineCode: BankDeclineCode): Intent {
  return { ...settledStep(intent), status: 'failed', declineCode }
}

function canceled(intent: Intent, cancellationReason: 'requested' | 'expired'): Intent {
  return { ...settledStep(intent), status: 'canceled', cancellationReason, captureBefore: null }
}

function settledStep(intent: Intent): Intent {
  return { ...intent, nextAction: null, actionBefore: null, processingUntil: null }
}

function later(now: Date, waitMs: number): string {
  return new Date(now.getTime() + waitMs).toISOString()
}
