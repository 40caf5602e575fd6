import type { z } from 'zod'
import { type CommitCommand, type Desk, type Reply, runCommand } from './command.ts'
import type { HostedPages } from './hosted.ts'
import { answerChallenge, cancelIntent, captureIntent, createIntent, listIntents } from './intents.ts'
import { attachPaymentMethod, createCustomer, createToken, detachPaymentMethod, listPaymentMethods } from './methods.ts'
import { Problem } from './problems.ts'
import { createRefund, listRefunds, simulateDispute } from './refunds.ts'
import * as schemas from './schemas.ts'
import type { Route, RouteRequest } from './server.ts'

type Execute<T> = (input: T, commit: CommitCommand, now: Date, id: string) => Reply

/** Every address of the sandbox. */
export function createRoutes(desk: Desk, pages: HostedPages, queuedWebhooks: () => number): Route[] {
  return [
    ...commandRoutes(desk),
    ...questionRoutes(desk),
    ...browserRoutes(desk),
    ...hostedRoutes(desk, pages),
    journalRoute(desk),
    {
      method: 'DELETE',
      path: '/v1/payment_methods/:id',
      access: 'secret',
      handle: (request) => detachPaymentMethod(desk, idOf(request)),
    },
    {
      method: 'GET',
      path: '/healthz',
      access: 'page',
      handle: () => ({ status: 200, body: JSON.stringify({ status: 'ok', queuedWebhooks: queuedWebhooks() }) }),
    },
  ]
}

function commandRoutes(desk: Desk): Route[] {
  const command = <T>(path: string, schema: z.ZodType<T>, execute: Execute<T>): Route => ({
    method: 'POST',
    path,
    access: 'secret',
    handle: (request) => {
      const input = parse(schema, bodyOf(request))
      const [id = ''] = request.params
      const scope = path.replace(':id', id)
      return runCommand(desk, { key: keyOf(request), scope, input }, (commit, now) => execute(input, commit, now, id))
    },
  })
  return [
    command('/v1/customers', schemas.CreateCustomer, createCustomer),
    command('/v1/payment_methods', schemas.AttachPaymentMethod, (input, commit, now) =>
      attachPaymentMethod(desk, input, commit, now),
    ),
    command('/v1/payment_intents', schemas.CreateIntent, (input, commit, now) =>
      createIntent(desk, input, commit, now),
    ),
    command('/v1/payment_intents/:id/capture', schemas.CaptureIntent, (input, commit, now, id) =>
      captureIntent(desk, id, input, commit, now),
    ),
    command('/v1/payment_intents/:id/cancel', schemas.CancelIntent, (_input, commit, now, id) =>
      cancelIntent(desk, id, commit, now),
    ),
    command('/v1/refunds', schemas.CreateRefund, (input, commit, now) => createRefund(desk, input, commit, now)),
    command('/v1/disputes/simulate', schemas.SimulateDispute, (input, commit, now) =>
      simulateDispute(desk, input, commit, now),
    ),
  ]
}

function questionRoutes(desk: Desk): Route[] {
  const { bank } = desk
  const question = (path: string, read: (request: RouteRequest) => unknown): Route => ({
    method: 'GET',
    path,
    access: 'secret',
    handle: (request) => ({ status: 200, body: JSON.stringify(read(request)) }),
  })
  return [
    question('/v1/customers/:id', (request) => found(bank.customers.get(idOf(request)))),
    question('/v1/payment_methods', (request) => {
      const { customer, limit } = parse(schemas.MethodQuery, queryOf(request))
      return { data: listPaymentMethods(desk, customer, limit) }
    }),
    question('/v1/payment_intents', (request) => {
      const { checkoutId, limit } = parse(schemas.IntentQuery, queryOf(request))
      return { data: listIntents(desk, checkoutId, limit) }
    }),
    question('/v1/payment_intents/:id', (request) => found(bank.intents.get(idOf(request)))),
    question('/v1/refunds', (request) => {
      const { paymentIntent, limit } = parse(schemas.RefundQuery, queryOf(request))
      return { data: listRefunds(desk, paymentIntent, limit) }
    }),
    question('/v1/refunds/:id', (request) => found(bank.refunds.get(idOf(request)))),
    question('/v1/events', (request) => {
      const { limit } = parse(schemas.EventQuery, queryOf(request))
      return { data: [...bank.recentEvents.values()].slice(-limit).reverse() }
    }),
    question('/v1/events/:id', (request) => found(bank.recentEvents.get(idOf(request)))),
  ]
}

function journalRoute({ bank }: Desk): Route {
  return {
    method: 'GET',
    path: '/v1/journal',
    access: 'secret',
    handle: async (request) => {
      const { after, limit } = parse(schemas.JournalQuery, queryOf(request))
      const lines = await bank.journalEntries(after, limit)
      return { status: 200, body: `{"entries":[${lines.join(',')}],"next":${after + lines.length}}` }
    },
  }
}

function browserRoutes(desk: Desk): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/tokens',
      access: 'browser',
      handle: (request) => createToken(desk, parse(schemas.CreateToken, bodyOf(request))),
    },
    {
      method: 'POST',
      path: '/hosted/challenge/:id',
      access: 'browser',
      handle: (request) => {
        const input = parse(schemas.AnswerChallenge, bodyOf(request))
        const { id, status } = answerChallenge(desk, idOf(request), input)
        return { status: 200, body: JSON.stringify({ intent: id, status }) }
      },
    },
  ]
}

function hostedRoutes(desk: Desk, pages: HostedPages): Route[] {
  return [
    {
      method: 'GET',
      path: '/hosted/card',
      access: 'page',
      handle: (request) => pages.card(request.query),
    },
    {
      method: 'GET',
      path: '/hosted/challenge/:id',
      access: 'page',
      handle: (request) => pages.challenge(desk.bank.intents.get(idOf(request)), request.query),
    },
    ...pages.assets.map(
      (asset): Route => ({ method: 'GET', path: asset.path, access: 'page', handle: () => asset.reply }),
    ),
  ]
}

function idOf(request: RouteRequest): string {
  return request.params[0] ?? ''
}

function found<T>(object: T | undefined): T {
  if (object === undefined) throw new Problem('not_found')
  return object
}

function keyOf(request: RouteRequest): string {
  const parsed = schemas.idempotencyKey.safeParse(request.headers['idempotency-key'])
  if (!parsed.success) throw new Problem('idempotency_key_missing')
  return parsed.data
}

function bodyOf(request: RouteRequest): unknown {
  if (request.body === '') return {}
  try {
    return JSON.parse(request.body)
  } catch {
    throw new Problem('malformed_json')
  }
}

function queryOf(request: RouteRequest): Record<string, string> {
  return Object.fromEntries(request.query)
}

/** Reads input by its schema. The problem names fields of ours and never repeats what was sent. */
function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.join('.'),
    says: issue.code === 'unrecognized_keys' ? 'has a field that is not known' : issue.message,
  }))
  throw new Problem('invalid_request', { issues: issues.slice(0, 10) })
}
