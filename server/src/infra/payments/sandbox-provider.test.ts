import { expect, test } from 'vitest'
import {
  createSandboxClient,
  startTestSandbox,
  type TestSandbox,
  testApiKey,
  testWebhookSecret,
} from '../../../sandbox/payments/testing/test-sandbox.ts'
import {
  type AuthoriseRequest,
  authoriseResultOf,
  OutcomeUnknown,
  ProviderRefused,
  ProviderUnavailable,
} from '../../modules/payments/provider.ts'
import { createSandboxProvider, type SandboxPaymentProvider } from './sandbox-provider.ts'

type Setting = AsyncDisposable & {
  readonly sandbox: TestSandbox
  readonly provider: SandboxPaymentProvider
  requestFor(card: string, special?: Partial<AuthoriseRequest>): Promise<AuthoriseRequest>
}

const amount = { amountMinor: 4_200, currency: 'USD' } as const

async function startSetting(timeoutMs = 3_000): Promise<Setting> {
  const sandbox = await startTestSandbox()
  const provider = createSandboxProvider({
    baseUrl: sandbox.url,
    publicUrl: 'https://pay.test',
    apiKey: testApiKey,
    webhookSecrets: [testWebhookSecret],
    timeoutMs,
  })
  return {
    sandbox,
    provider,
    requestFor: async (card, special = {}) => {
      const { customerRef } = await provider.createCustomer({ buyerId: 'buyer-1' })
      const { paymentMethodRef } = await provider.attachCard({ customerRef, cardToken: await sandbox.makeToken(card) })
      const ids = { idempotencyKey: 'checkout-1:1', checkoutId: 'checkout-1', orderId: 'order-1' }
      return { ...ids, amount, customerRef, paymentMethodRef, ...special }
    },
    [Symbol.asyncDispose]: async () => {
      provider.close()
      await sandbox[Symbol.asyncDispose]()
    },
  }
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
}

test('authorise, capture and refund', async () => {
  await using setting = await startSetting()
  const { provider } = setting
  const result = await provider.authorise(await setting.requestFor('visa'))
  const intentRef = (result as { intentRef: string }).intentRef
  expect(result).toEqual({ kind: 'authorised', intentRef, captureBefore: expect.any(Date) })
  const held = await provider.getIntent(intentRef)
  expect(held).toEqual({
    intentRef,
    status: 'authorised',
    checkoutId: 'checkout-1',
    orderId: 'order-1',
    amount,
    capturedMinor: 0,
    refundedMinor: 0,
    idempotencyKey: 'checkout-1:1',
    captureBefore: (result as { captureBefore: Date }).captureBefore,
    actionUrl: null,
    declineCode: null,
    createdAt: expect.any(Date),
  })
  const captured = await provider.capture({ idempotencyKey: 'order-1', intentRef, amount })
  expect(captured).toEqual({ ...held, status: 'captured', capturedMinor: 4_200, captureBefore: null })
  const part = { amountMinor: 200, currency: 'USD' } as const
  const refund = await provider.refund({ idempotencyKey: 'refund-1', intentRef, amount: part })
  expect(refund).toMatchObject({ intentRef, amount: part, idempotencyKey: 'refund-1' })
  expect(await provider.findRefund({ intentRef, idempotencyKey: 'refund-1' })).toEqual(refund)
  expect(await provider.findRefund({ intentRef, idempotencyKey: 'refund-2' })).toBeNull()
  expect(await provider.getIntent(intentRef)).toEqual({ ...captured, refundedMinor: 200 })
})

test.each([
  ['declined', 'card_declined'],
  ['insufficient-funds', 'insufficient_funds'],
  ['expired', 'card_expired'],
  ['incorrect-cvc', 'card_declined'],
])('the card %s is declined as %s', async (card, code) => {
  await using setting = await startSetting()
  const result = await setting.provider.authorise(await setting.requestFor(card))
  expect(result).toEqual({ kind: 'declined', code, intentRef: expect.stringMatching(/^pi_/) })
})

test('3-D Secure needs the buyer, then the look-up tells how it ended', async () => {
  await using setting = await startSetting()
  const { provider, sandbox } = setting
  const result = await provider.authorise(await setting.requestFor('challenge'))
  const intentRef = (result as { intentRef: string }).intentRef
  const url = `${sandbox.url}/hosted/challenge/${intentRef}`
  expect(result).toEqual({ kind: 'needs-action', intentRef, url })
  await sandbox.post(`/hosted/challenge/${intentRef}`, { outcome: 'fail' })
  const ended = await provider.findIntentByCheckout('checkout-1')
  expect(ended && authoriseResultOf(ended)).toEqual({ kind: 'declined', code: 'authentication_failed', intentRef })
})

test('a bank that is still thinking is pending', async () => {
  await using setting = await startSetting()
  const result = await setting.provider.authorise(await setting.requestFor('processing'))
  expect(result).toEqual({ kind: 'pending', intentRef: expect.stringMatching(/^pi_/) })
})

test('cards are saved once a token, listed and removed', async () => {
  await using setting = await startSetting()
  const { provider, sandbox } = setting
  const { customerRef } = await provider.createCustomer({ buyerId: 'buyer-1' })
  expect(await provider.createCustomer({ buyerId: 'buyer-1' })).toEqual({ customerRef })
  const cardToken = await sandbox.makeToken('mastercard')
  const card = await provider.attachCard({ customerRef, cardToken })
  expect(card).toEqual({
    paymentMethodRef: expect.stringMatching(/^pm_/),
    brand: 'mastercard',
    last4: '4444',
    expMonth: 12,
    expYear: 2099,
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
  expect(await provider.attachCard({ customerRef, cardToken })).toEqual(card)
  expect(await provider.listCards(customerRef)).toEqual([card])
  await provider.detachCard({ customerRef, paymentMethodRef: card.paymentMethodRef })
  await provider.detachCard({ customerRef, paymentMethodRef: card.paymentMethodRef })
  await provider.detachCard({ customerRef, paymentMethodRef: 'pm_never' })
  expect(await provider.listCards(customerRef)).toEqual([])
  const invented = await errorOf(provider.attachCard({ customerRef, cardToken: 'tok_made_up' }))
  expect(invented).toMatchObject({ name: 'ProviderRefused', code: 'invalid_request' })
})

test('cancel lets the hold go, repeats, and refuses what is captured', async () => {
  await using setting = await startSetting()
  const { provider } = setting
  const request = await setting.requestFor('visa')
  const first = (await provider.authorise(request)) as { intentRef: string }
  const canceled = await provider.cancel({ idempotencyKey: 'cancel-1', intentRef: first.intentRef })
  expect(canceled).toMatchObject({ status: 'canceled', capturedMinor: 0 })
  expect(await provider.cancel({ idempotencyKey: 'cancel-2', intentRef: first.intentRef })).toEqual(canceled)

  const second = (await provider.authorise({ ...request, idempotencyKey: 'checkout-1:2' })) as { intentRef: string }
  await provider.capture({ idempotencyKey: 'order-1', intentRef: second.intentRef, amount })
  const refused = await errorOf(provider.cancel({ idempotencyKey: 'cancel-3', intentRef: second.intentRef }))
  expect(refused).toBeInstanceOf(ProviderRefused)
  expect(refused).toMatchObject({ code: 'intent_state', intentStatus: 'captured' })
  expect(await provider.findIntentByCheckout('checkout-1')).toMatchObject({ intentRef: second.intentRef })
  const all = await provider.listIntentsByCheckout('checkout-1')
  expect(all.map((intent) => [intent.idempotencyKey, intent.status])).toEqual([
    ['checkout-1:2', 'captured'],
    ['checkout-1:1', 'canceled'],
  ])
})

test('content errors are final and typed', async () => {
  await using setting = await startSetting()
  const { provider } = setting
  const request = await setting.requestFor('visa')
  const { intentRef } = (await provider.authorise(request)) as { intentRef: string }
  const more = { amountMinor: 4_201, currency: 'USD' } as const
  const errors = [
    await errorOf(provider.capture({ idempotencyKey: 'order-1', intentRef, amount: more })),
    await errorOf(provider.refund({ idempotencyKey: 'refund-1', intentRef, amount })),
    await errorOf(provider.authorise({ ...request, amount: more })),
    await errorOf(provider.authorise({ ...request, idempotencyKey: 'other', paymentMethodRef: 'pm_wrong' })),
    await errorOf(provider.capture({ idempotencyKey: 'x', intentRef: '../refunds', amount })),
  ]
  expect(errors.map((error) => (error as ProviderRefused).code)).toEqual([
    'amount_too_large',
    'intent_state',
    'idempotency_key_reused',
    'invalid_request',
    'malformed reference',
  ])
  expect(errors.every((error) => error instanceof ProviderRefused)).toBe(true)
  expect(await provider.getIntent('pi_unknown')).toBeNull()
  expect(await provider.findIntentByCheckout('unknown')).toBeNull()
})

test('a wrong API key is a refusal', async () => {
  await using setting = await startSetting()
  const options = { baseUrl: setting.sandbox.url, publicUrl: setting.sandbox.url, webhookSecrets: [testWebhookSecret] }
  const stranger = createSandboxProvider({ ...options, apiKey: 'sk_sandbox_of_somebody' })
  expect(await errorOf(stranger.createCustomer({ buyerId: 'b' }))).toMatchObject({ code: 'unauthorised' })
  stranger.close()
})

test.each([
  ['authorise-no-answer', 'no answer within 250 ms'],
  ['authorise-error', 'it answered 500'],
])('%s: the outcome is unknown, the look-up finds it and one charge follows', async (card, why) => {
  await using setting = await startSetting(250)
  const { provider, sandbox } = setting
  const request = await setting.requestFor(card)
  const lost = await errorOf(provider.authorise(request))
  expect(lost).toBeInstanceOf(OutcomeUnknown)
  expect(lost).toMatchObject({ idempotencyKey: request.idempotencyKey, message: expect.stringContaining(why) })
  const found = await provider.findIntentByCheckout('checkout-1')
  expect(found && authoriseResultOf(found)).toMatchObject({ kind: 'authorised', intentRef: found?.intentRef })
  const intentRef = found?.intentRef ?? ''
  await provider.capture({ idempotencyKey: 'order-1', intentRef, amount })
  const { entries } = (await createSandboxClient(sandbox.url).get('/v1/journal')).body
  const moneySteps = entries.map((entry: { kind: string }) => entry.kind).filter((kind: string) => /intent/.test(kind))
  expect(moneySteps).toEqual(['intent.created', 'intent.captured'])
})

test.each(['capture-error', 'capture-no-answer'])('%s: the look-up shows that the money was taken', async (card) => {
  await using setting = await startSetting(250)
  const { provider } = setting
  const { intentRef } = (await provider.authorise(await setting.requestFor(card))) as { intentRef: string }
  const lost = await errorOf(provider.capture({ idempotencyKey: 'order-1', intentRef, amount }))
  expect(lost).toBeInstanceOf(OutcomeUnknown)
  expect(await provider.getIntent(intentRef)).toMatchObject({ status: 'captured', capturedMinor: 4_200 })
})

test('refund-error: the refund is found by its key', async () => {
  await using setting = await startSetting()
  const { provider } = setting
  const { intentRef } = (await provider.authorise(await setting.requestFor('refund-error'))) as { intentRef: string }
  await provider.capture({ idempotencyKey: 'order-1', intentRef, amount })
  const refund = { idempotencyKey: 'refund-1', intentRef, amount }
  expect(await errorOf(provider.refund(refund))).toBeInstanceOf(OutcomeUnknown)
  expect(await provider.findRefund(refund)).toMatchObject({ idempotencyKey: 'refund-1', amount })
})

test('20 authorisations at once with one key are one intent', async () => {
  await using setting = await startSetting()
  const request = await setting.requestFor('visa')
  const results = await Promise.all(Array.from({ length: 20 }, () => setting.provider.authorise(request)))
  expect(new Set(results.map((result) => result.intentRef)).size).toBe(1)
  expect(await setting.provider.listIntentsByCheckout('checkout-1')).toHaveLength(1)
})

test('a provider that is down is unavailable, and nothing is unknown', async () => {
  const base = { apiKey: testApiKey, webhookSecrets: [testWebhookSecret] }
  const provider = createSandboxProvider({ ...base, baseUrl: 'http://127.0.0.1:9', publicUrl: 'http://127.0.0.1:9' })
  expect(await errorOf(provider.createCustomer({ buyerId: 'b' }))).toBeInstanceOf(ProviderUnavailable)
  expect(await errorOf(provider.getIntent('pi_1'))).toBeInstanceOf(ProviderUnavailable)
  provider.close()
})

test('the card form is told by its public address', async () => {
  await using setting = await startSetting()
  expect(setting.provider.cardForm()).toEqual({
    provider: 'sandbox',
    cardFormUrl: 'https://pay.test/hosted/card',
    tokenUrl: 'https://pay.test/v1/tokens',
  })
})
