import { createHash } from 'node:crypto'
import type { z } from 'zod'
import {
  type AuthoriseRequest,
  type AuthoriseResult,
  authoriseResultOf,
  OutcomeUnknown,
  type PaymentIntent,
  type PaymentProvider,
  ProviderRefused,
  ProviderUnavailable,
} from '../../modules/payments/provider.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { JsonCaller, type JsonCallerOptions } from './json-caller.ts'
import { createWebhookReader } from './sandbox-webhook.ts'
import { WireCustomer, WireIntent, WireList, WirePaymentMethod, WireProblem, WireRefund } from './sandbox-wire.ts'

export type SandboxProviderOptions = {
  /** Where the API process reaches the provider. */
  readonly baseUrl: string
  /** Where browsers reach the provider's pages. */
  readonly publicUrl: string
  readonly apiKey: string
  /** The first is the current one; further ones are still accepted while secrets are changed. */
  readonly webhookSecrets: readonly string[]
  readonly timeoutMs?: number
  readonly connectionsMax?: number
  readonly onCall?: JsonCallerOptions['onCall']
}
export type SandboxPaymentProvider = PaymentProvider & { close(): void; readonly isBreakerOpen: () => boolean }

/** Short, because a buyer waits and a lock may be held: an unknown outcome is looked up later. */
const defaultTimeoutMs = 3_000
const defaultConnectionsMax = 64
const breakerLimits = { windowCalls: 20, failureShareMax: 0.6, openMs: 2_000 }
/** The provider did not start on the request: it was too busy. */
const notStarted = new Set([408, 429])

/** The payment port over the HTTP interface of the sandbox provider. */
export function createSandboxProvider(options: SandboxProviderOptions): SandboxPaymentProvider {
  const breaker = new CircuitBreaker(breakerLimits)
  const caller = new JsonCaller({
    baseUrl: options.baseUrl,
    bearer: options.apiKey,
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    connectionsMax: options.connectionsMax ?? defaultConnectionsMax,
    breaker,
    ...(options.onCall ? { onCall: options.onCall } : {}),
  })
  const publicUrl = new URL(options.publicUrl).origin
  const calls: Calls = {
    command: (path, idempotencyKey, body, schema) => sendCommand(caller, path, idempotencyKey, body, schema),
    question: (path, schema, method = 'GET') => askQuestion(caller, method, path, schema),
  }
  return {
    name: 'sandbox',
    close: () => caller.close(),
    isBreakerOpen: () => breaker.isOpen,
    cardForm: () => ({
      provider: 'sandbox',
      cardFormUrl: `${publicUrl}/hosted/card`,
      tokenUrl: `${publicUrl}/v1/tokens`,
    }),
    parseWebhook: createWebhookReader(options.webhookSecrets),
    ...cardMethods(calls),
    ...intentMethods(calls),
    ...refundMethods(calls),
  }
}

type Calls = {
  readonly command: <T>(path: string, idempotencyKey: string, body: unknown, schema: z.ZodType<T>) => Promise<T>
  readonly question: <T>(path: string, schema: z.ZodType<T>, method?: 'GET' | 'DELETE') => Promise<T | null>
}

function cardMethods({
  command,
  question,
}: Calls): Pick<PaymentProvider, 'createCustomer' | 'attachCard' | 'detachCard' | 'listCards'> {
  return {
    createCustomer: async ({ buyerId }) => {
      const made = await command('/v1/customers', `customer:${buyerId}`, { reference: buyerId }, WireCustomer)
      return { customerRef: made.id }
    },
    attachCard: ({ customerRef, cardToken }) => {
      const body = { customer: customerRef, token: cardToken }
      // Tokens come from browsers: their hash fits into a header whatever they look like.
      const key = `attach:${createHash('sha256').update(cardToken).digest('hex')}`
      return command('/v1/payment_methods', key, body, WirePaymentMethod)
    },
    detachCard: async ({ paymentMethodRef }) => {
      await question(`/v1/payment_methods/${idInPath(paymentMethodRef)}`, WirePaymentMethod, 'DELETE')
    },
    listCards: async (customerRef) => {
      const list = await question(`/v1/payment_methods?customer=${encodeURIComponent(customerRef)}`, WireList)
      return (list?.data ?? []).map((one) => readAnswer(WirePaymentMethod, one))
    },
  }
}

type IntentMethods = 'authorise' | 'getIntent' | 'listIntentsByCheckout' | 'findIntentByCheckout' | 'capture' | 'cancel'

function intentMethods({ command, question }: Calls): Pick<PaymentProvider, IntentMethods> {
  const pathOf = (intentRef: string) => `/v1/payment_intents/${idInPath(intentRef)}`
  const listIntentsByCheckout = async (checkoutId: string): Promise<PaymentIntent[]> => {
    const list = await question(`/v1/payment_intents?checkoutId=${encodeURIComponent(checkoutId)}`, WireList)
    return (list?.data ?? []).map((one) => readAnswer(WireIntent, one))
  }
  return {
    authorise: async (request) => toResult(request, await command(...authoriseCall(request))),
    getIntent: async (intentRef) => question(pathOf(intentRef), WireIntent),
    listIntentsByCheckout,
    findIntentByCheckout: async (checkoutId) => {
      const intents = await listIntentsByCheckout(checkoutId)
      return intents.find(holdsMoney) ?? intents.find(isOpen) ?? intents[0] ?? null
    },
    capture: async ({ idempotencyKey, intentRef, amount }) => {
      const body = { amountMinor: amount.amountMinor }
      return command(`${pathOf(intentRef)}/capture`, idempotencyKey, body, WireIntent)
    },
    cancel: async ({ idempotencyKey, intentRef }) => {
      try {
        return await command(`${pathOf(intentRef)}/cancel`, idempotencyKey, {}, WireIntent)
      } catch (refusal) {
        const isOver = refusal instanceof ProviderRefused && isLetGo(refusal.intentStatus)
        const intent = isOver ? await question(pathOf(intentRef), WireIntent) : null
        if (intent) return intent
        throw refusal
      }
    },
  }
}

function refundMethods({ command, question }: Calls): Pick<PaymentProvider, 'refund' | 'findRefund'> {
  return {
    refund: ({ idempotencyKey, intentRef, amount }) => {
      const metadata = { reference: idempotencyKey }
      const body = { paymentIntent: intentRef, amountMinor: amount.amountMinor, metadata }
      return command('/v1/refunds', idempotencyKey, body, WireRefund)
    },
    findRefund: async ({ intentRef, idempotencyKey }) => {
      const list = await question(`/v1/refunds?paymentIntent=${encodeURIComponent(intentRef)}`, WireList)
      const refunds = (list?.data ?? []).map((one) => readAnswer(WireRefund, one))
      return refunds.find((refund) => refund.idempotencyKey === idempotencyKey) ?? null
    },
  }
}

function authoriseCall(request: AuthoriseRequest) {
  const { idempotencyKey, amount, checkoutId, orderId } = request
  const body = {
    ...amount,
    customer: request.customerRef,
    paymentMethod: request.paymentMethodRef,
    captureMethod: 'manual',
    metadata: { checkoutId, orderId, reference: idempotencyKey },
  }
  return ['/v1/payment_intents', idempotencyKey, body, WireIntent] as const
}

function toResult(request: AuthoriseRequest, intent: PaymentIntent): AuthoriseResult {
  const { amountMinor, currency } = intent.amount
  const isOurs =
    amountMinor === request.amount.amountMinor &&
    currency === request.amount.currency &&
    intent.checkoutId === request.checkoutId
  if (!isOurs) throw new OutcomeUnknown('it answered about another payment', request.idempotencyKey)
  const result = authoriseResultOf(intent)
  if (!result) throw new ProviderRefused('intent_state', intent.status)
  return result
}

function holdsMoney(intent: PaymentIntent): boolean {
  return intent.status === 'authorised' || intent.status === 'captured'
}

function isOpen(intent: PaymentIntent): boolean {
  return intent.status === 'pending' || intent.status === 'needs-action'
}

function isLetGo(status: PaymentIntent['status'] | null): boolean {
  return status === 'canceled' || status === 'declined'
}

/** References go into paths, so that one from a damaged row cannot name another address. */
function idInPath(reference: string): string {
  if (!/^\w{1,100}$/.test(reference)) throw new ProviderRefused('malformed reference')
  return reference
}

async function sendCommand<T>(
  caller: JsonCaller,
  path: string,
  idempotencyKey: string,
  body: unknown,
  schema: z.ZodType<T>,
): Promise<T> {
  const outcome = await caller.call({ method: 'POST', path, idempotencyKey, body })
  if (outcome.kind === 'not-sent') throw new ProviderUnavailable(outcome.why, { cause: outcome.cause })
  if (outcome.kind === 'lost') throw new OutcomeUnknown(outcome.why, idempotencyKey, { cause: outcome.cause })
  const { status } = outcome
  if (notStarted.has(status) && !outcome.isRepeat) throw new ProviderUnavailable(`it answered ${status}`)
  if (notStarted.has(status)) throw new OutcomeUnknown(`it answered ${status} to a repeat`, idempotencyKey)
  if (status >= 400 && status < 500) throw refusalOf(status, outcome.body)
  const parsed = status >= 200 && status < 300 ? schema.safeParse(outcome.body) : undefined
  if (parsed?.success) return parsed.data
  const why = parsed ? 'the answer does not have the expected form' : `it answered ${status}`
  throw new OutcomeUnknown(why, idempotencyKey, { cause: parsed?.error })
}

/** Null where the provider has no such object. A DELETE belongs here too: repeating it is safe without a key. */
async function askQuestion<T>(
  caller: JsonCaller,
  method: 'GET' | 'DELETE',
  path: string,
  schema: z.ZodType<T>,
): Promise<T | null> {
  const outcome = await caller.call({ method, path })
  if (outcome.kind !== 'answered') throw new ProviderUnavailable(outcome.why, { cause: outcome.cause })
  const { status, body } = outcome
  if (status === 404) return null
  if (status >= 400 && status < 500 && !notStarted.has(status)) throw refusalOf(status, body)
  if (status < 200 || status >= 300) throw new ProviderUnavailable(`it answered ${status}`)
  return readAnswer(schema, body)
}

function readAnswer<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw new ProviderUnavailable('the answer does not have the expected form', { cause: parsed.error })
}

function refusalOf(status: number, body: unknown): ProviderRefused {
  const problem = WireProblem.safeParse(body)
  return problem.success
    ? new ProviderRefused(problem.data.code, problem.data.intentStatus ?? null)
    : new ProviderRefused(`status ${status}`)
}
