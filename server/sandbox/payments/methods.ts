import { createHmac } from 'node:crypto'
import { testCardByNumber } from './cards.ts'
import type { CommitCommand, Desk, Reply } from './command.ts'
import { type CardDetails, type CardToken, type Customer, newId, type PaymentMethod } from './objects.ts'
import { Problem } from './problems.ts'
import type { AttachPaymentMethod, CreateCustomer, CreateToken } from './schemas.ts'

const tokenTtlMs = 10 * 60_000

export function createCustomer(input: CreateCustomer, commit: CommitCommand, now: Date): Reply {
  const at = now.toISOString()
  const object: Customer = { id: newId('customer'), object: 'customer', reference: input.reference, createdAt: at }
  return commit({ kind: 'customer.created', at, object })
}

/** Swaps a test number for a one-time token. The number itself is neither kept nor repeated. */
export function createToken(desk: Desk, input: CreateToken): Reply {
  const now = new Date()
  const number = input.number.replaceAll(/[ -]/g, '')
  const known = testCardByNumber(number)
  if (!known) throw new Problem('card_not_a_test_card')
  if (input.expYear * 12 + input.expMonth < now.getUTCFullYear() * 12 + now.getUTCMonth() + 1) {
    throw new Problem('card_out_of_date')
  }
  if (desk.bank.tokensFull(now.getTime())) throw new Problem('too_many_tokens')
  const card: CardDetails = {
    brand: known.brand,
    last4: number.slice(-4),
    expMonth: input.expMonth,
    expYear: input.expYear,
    fingerprint: createHmac('sha256', desk.config.apiKey).update(number).digest('hex').slice(0, 16),
  }
  const object: CardToken = {
    id: newId('token'),
    object: 'token',
    card,
    testCard: known.name,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + tokenTtlMs).toISOString(),
  }
  return { status: 200, body: desk.bank.commit({ kind: 'token.created', at: object.createdAt, object }) }
}

export function attachPaymentMethod(desk: Desk, input: AttachPaymentMethod, commit: CommitCommand, now: Date): Reply {
  const { bank } = desk
  const token = bank.tokens.get(input.token)
  if (!token || Date.parse(token.expiresAt) <= now.getTime()) throw new Problem('token_unknown')
  if (!bank.customers.has(input.customer)) throw new Problem('customer_unknown')
  const at = now.toISOString()
  const object: PaymentMethod = {
    id: newId('payment_method'),
    object: 'payment_method',
    customer: input.customer,
    card: token.card,
    testCard: token.testCard,
    createdAt: at,
    detachedAt: null,
  }
  return commit({ kind: 'payment_method.attached', at, object, consumedToken: token.id })
}

/** Repeats: a method that is detached already is a success. */
export function detachPaymentMethod(desk: Desk, id: string): Reply {
  const method = desk.bank.paymentMethods.get(id)
  if (!method) throw new Problem('not_found')
  if (method.detachedAt !== null) return { status: 200, body: JSON.stringify(method) }
  const at = new Date().toISOString()
  const object: PaymentMethod = { ...method, detachedAt: at }
  return { status: 200, body: desk.bank.commit({ kind: 'payment_method.detached', at, object }) }
}

export function listPaymentMethods(desk: Desk, customer: string, limit: number): PaymentMethod[] {
  const ids = desk.bank.methodsOfCustomer.get(customer) ?? []
  return ids
    .map((id) => desk.bank.paymentMethods.get(id))
    .filter((method) => method !== undefined && method.detachedAt === null)
    .slice(-limit)
    .reverse() as PaymentMethod[]
}
