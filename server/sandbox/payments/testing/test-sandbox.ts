import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { testCardByName } from '../cards.ts'
import type { SandboxConfig } from '../config.ts'
import { startPaymentSandbox } from '../sandbox.ts'

export const testApiKey = 'sk_sandbox_for_tests_only'
export const testWebhookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const shopOrigin = 'http://shop.test'

export type JsonAnswer = {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of all shapes and check what they read.
  readonly body: any
}

export async function makeTestDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const directory = await mkdtemp(path.join(tmpdir(), 'livelot-payments-'))
  return { path: directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) }
}

/** Short times, a shop that is not there, and a free port. */
export function testConfig(journalDir: string, special: Partial<SandboxConfig> = {}): SandboxConfig {
  return {
    host: '127.0.0.1',
    port: 0,
    journalDir,
    webhookUrl: 'http://127.0.0.1:9/',
    allowedOrigins: [shopOrigin],
    publicUrl: undefined,
    apiKey: testApiKey,
    webhookSecret: testWebhookSecret,
    logLevel: 'silent',
    webhookConcurrency: 4,
    webhookRetryMs: 20,
    webhookLateMs: 300,
    webhookReorderMs: 200,
    slowMs: 150,
    processingMs: 100,
    authorisationMs: 60_000,
    shortAuthorisationMs: 100,
    challengeMs: 60_000,
    ...special,
  }
}

export type TestSandbox = SandboxClient & AsyncDisposable & { readonly url: string; readonly directory: string }

/** A sandbox in this process, over real HTTP and a real journal, gone with its files when the scope ends. */
export async function startTestSandbox(special: Partial<SandboxConfig> = {}): Promise<TestSandbox> {
  const directory = await makeTestDirectory()
  const config = testConfig(directory.path, special)
  const sandbox = await startPaymentSandbox(config, pino({ level: 'silent' }), () => undefined)
  return {
    ...createSandboxClient(sandbox.url),
    url: sandbox.url,
    directory: config.journalDir,
    [Symbol.asyncDispose]: async () => {
      await sandbox.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}

export type SandboxClient = ReturnType<typeof createSandboxClient>

let lastKey = 0
/** A key that no other call of this test process has. */
export function newKey(): string {
  lastKey++
  return `key-${process.pid}-${lastKey}`
}

/** Speaks to a sandbox as a shop's server does, without the shop's own client. */
export function createSandboxClient(url: string) {
  const send = async (method: string, address: string, init: RequestInit = {}): Promise<JsonAnswer> => {
    const headers = { authorization: `Bearer ${testApiKey}`, ...init.headers }
    const response = await fetch(`${url}${address}`, { ...init, method, headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }
  const get = (address: string) => send('GET', address)
  const post = (address: string, body: unknown, key = newKey(), init: RequestInit = {}) =>
    send('POST', address, {
      ...init,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    })
  const makeToken = async (cardName: string): Promise<string> => {
    const card = { number: testCardByName(cardName).number, expMonth: 12, expYear: 2099, cvc: '123' }
    const answer = await post('/v1/tokens', card)
    return answer.body.id
  }
  const attachCard = async (cardName: string) => {
    const customer: string = (await post('/v1/customers', { reference: 'buyer-1' })).body.id
    const token = await makeToken(cardName)
    const paymentMethod: string = (await post('/v1/payment_methods', { customer, token })).body.id
    return { customer, paymentMethod }
  }
  const intentBody = (
    card: { customer: string; paymentMethod: string },
    checkoutId = 'checkout-1',
    amountMinor = 2_599,
  ) => ({
    amountMinor,
    currency: 'EUR',
    ...card,
    captureMethod: 'manual',
    metadata: { checkoutId, orderId: 'order-1' },
  })
  const createIntent = async (cardName: string, checkoutId?: string): Promise<JsonAnswer> =>
    post('/v1/payment_intents', intentBody(await attachCard(cardName), checkoutId))
  return { send, get, post, makeToken, attachCard, intentBody, createIntent }
}
