import type { CommitCommand, Desk, Reply } from './command.ts'
import { testCardOf } from './intents.ts'
import { type Dispute, newId, type Refund } from './objects.ts'
import { Problem } from './problems.ts'
import type { CreateRefund, SimulateDispute } from './schemas.ts'

export function createRefund(desk: Desk, input: CreateRefund, commit: CommitCommand, now: Date): Reply {
  const intent = desk.bank.intents.get(input.paymentIntent)
  if (!intent) throw new Problem('intent_unknown')
  if (intent.status !== 'succeeded') throw new Problem('intent_state', { intentStatus: intent.status })
  if (input.amountMinor > intent.capturedMinor - intent.refundedMinor) throw new Problem('amount_too_large')
  const at = now.toISOString()
  const object: Refund = {
    id: newId('refund'),
    object: 'refund',
    status: 'succeeded',
    paymentIntent: intent.id,
    amountMinor: input.amountMinor,
    currency: intent.currency,
    metadata: input.metadata,
    createdAt: at,
  }
  const step = { kind: 'refund.created', at, object, event: 'refund.succeeded' } as const
  return commit(step, testCardOf(desk, intent).faults.refund)
}

/** Does what a cardholder would do at the bank: contest the whole captured amount. */
export function simulateDispute(desk: Desk, input: SimulateDispute, commit: CommitCommand, now: Date): Reply {
  const intent = desk.bank.intents.get(input.paymentIntent)
  if (!intent) throw new Problem('intent_unknown')
  if (intent.status !== 'succeeded') throw new Problem('intent_state', { intentStatus: intent.status })
  const at = now.toISOString()
  const object: Dispute = {
    id: newId('dispute'),
    object: 'dispute',
    status: 'needs_response',
    paymentIntent: intent.id,
    amountMinor: intent.capturedMinor,
    currency: intent.currency,
    reason: input.reason,
    createdAt: at,
  }
  return commit({ kind: 'dispute.opened', at, object, event: 'dispute.opened' })
}

export function listRefunds(desk: Desk, intentId: string, limit: number): Refund[] {
  const ids = desk.bank.refundsOfIntent.get(intentId) ?? []
  const newestFirst = ids.slice(-limit).reverse()
  return newestFirst.map((id) => desk.bank.refunds.get(id)).filter((refund) => refund !== undefined)
}
