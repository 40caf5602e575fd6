import { expect, test } from 'vitest'
import { newKey, startTestSandbox } from './testing/test-sandbox.ts'

test('20 at once with one key make one intent and get the same answer', async () => {
  await using sandbox = await startTestSandbox()
  const body = sandbox.intentBody(await sandbox.attachCard('visa'))
  const key = newKey()
  const answers = await Promise.all(Array.from({ length: 20 }, () => sandbox.post('/v1/payment_intents', body, key)))
  expect(new Set(answers.map((answer) => JSON.stringify([answer.status, answer.body]))).size).toBe(1)
  expect(answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true')).toHaveLength(19)
  expect((await sandbox.get('/v1/payment_intents?checkoutId=checkout-1')).body.data).toEqual([answers[0]?.body])
})

test('20 captures at once with different keys take the money once', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('visa')).body
  const capture = () => sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  const answers = await Promise.all(Array.from({ length: 20 }, capture))
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1)
  expect(answers.filter((answer) => answer.body.code === 'intent_state')).toHaveLength(19)
  const { entries } = (await sandbox.get('/v1/journal')).body
  expect(entries.filter((entry: { kind: string }) => entry.kind === 'intent.captured')).toHaveLength(1)
})

test('20 refunds at once never give back more than was captured', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('visa')).body
  await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  const refund = () => sandbox.post('/v1/refunds', { paymentIntent: id, amountMinor: 1_000 })
  const answers = await Promise.all(Array.from({ length: 20 }, refund))
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(2)
  expect(answers.filter((answer) => answer.body.code === 'amount_too_large')).toHaveLength(18)
  expect((await sandbox.get(`/v1/payment_intents/${id}`)).body.refundedMinor).toBe(2_000)
})

test('a key with another content, or for another command, is refused', async () => {
  await using sandbox = await startTestSandbox()
  const card = await sandbox.attachCard('visa')
  const key = newKey()
  const { id } = (await sandbox.post('/v1/payment_intents', sandbox.intentBody(card), key)).body
  const other = await sandbox.post('/v1/payment_intents', sandbox.intentBody(card, 'checkout-1', 1), key)
  expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused'])
  const elsewhere = await sandbox.post(`/v1/payment_intents/${id}/cancel`, {}, key)
  expect(elsewhere.body.code).toBe('idempotency_key_reused')
  expect((await sandbox.get('/v1/payment_intents?checkoutId=checkout-1')).body.data).toHaveLength(1)
})

test('the order of fields does not make another content', async () => {
  await using sandbox = await startTestSandbox()
  const key = newKey()
  const body = sandbox.intentBody(await sandbox.attachCard('visa'))
  const first = await sandbox.post('/v1/payment_intents', body, key)
  const turned = Object.fromEntries(Object.entries(body).reverse())
  expect((await sandbox.post('/v1/payment_intents', turned, key)).body).toEqual(first.body)
})

test('a stored refusal stays, though the reason for it is gone', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('challenge')).body
  const key = newKey()
  const early = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 1 }, key)
  expect(early.body.code).toBe('intent_state')
  await sandbox.post(`/hosted/challenge/${id}`, { outcome: 'approve' })
  expect((await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 1 }, key)).body).toEqual(early.body)
  expect((await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 1 })).status).toBe(200)
})

test('a request that was malformed does not use up its key', async () => {
  await using sandbox = await startTestSandbox()
  const key = newKey()
  expect((await sandbox.post('/v1/customers', { reference: 1 }, key)).status).toBe(422)
  expect((await sandbox.post('/v1/customers', { reference: 'buyer-1' }, key)).status).toBe(200)
})
