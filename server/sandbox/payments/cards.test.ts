import { expect, test } from 'vitest'
import { holdsCardNumber, testCards } from './cards.ts'
import { newKey, startTestSandbox } from './testing/test-sandbox.ts'
import { startTestShop } from './testing/test-shop.ts'

test('every test number is a possible card number and stands once', () => {
  expect(testCards.filter((card) => !holdsCardNumber(card.number))).toEqual([])
  expect(new Set(testCards.map((card) => card.number)).size).toBe(testCards.length)
  expect(new Set(testCards.map((card) => card.name)).size).toBe(testCards.length)
})

test('card numbers are seen in text, identifiers are not', () => {
  const numbers = ['4111111111111111', 'a 4111 1111 1111 1111 b', '4111-1111-1111-1111', 'x=378282246310005.']
  expect(numbers.filter((text) => !holdsCardNumber(text))).toEqual([])
  const others = ['4111111111111112', '1234', 'pi_4111111111111111', '00000000-0000-4000-8000-000000000000', '']
  expect(others.filter(holdsCardNumber)).toEqual([])
})

test.each([
  ['visa', 'requires_capture', null],
  ['mastercard', 'requires_capture', null],
  ['amex', 'requires_capture', null],
  ['declined', 'failed', 'generic_decline'],
  ['insufficient-funds', 'failed', 'insufficient_funds'],
  ['expired', 'failed', 'expired_card'],
  ['incorrect-cvc', 'failed', 'incorrect_cvc'],
  ['challenge', 'requires_action', null],
  ['challenge-declined', 'requires_action', null],
  ['processing', 'processing', null],
  ['short-hold', 'requires_capture', null],
])('%s answers %s', async (name, status, declineCode) => {
  await using sandbox = await startTestSandbox()
  const { body } = await sandbox.createIntent(name)
  expect([body.status, body.declineCode]).toEqual([status, declineCode])
})

test.each([
  ['challenge', 'approve', 'requires_capture', null],
  ['challenge', 'fail', 'failed', 'authentication_failed'],
  ['challenge-declined', 'approve', 'failed', 'generic_decline'],
  ['challenge-declined', 'fail', 'failed', 'authentication_failed'],
])('%s after %s is %s', async (name, outcome, status, declineCode) => {
  await using sandbox = await startTestSandbox()
  const intent = (await sandbox.createIntent(name)).body
  expect(intent.nextAction).toEqual({ type: 'redirect', url: `${sandbox.url}/hosted/challenge/${intent.id}` })
  const answered = await sandbox.post(`/hosted/challenge/${intent.id}`, { outcome })
  expect(answered.body).toEqual({ intent: intent.id, status })
  const settled = (await sandbox.get(`/v1/payment_intents/${intent.id}`)).body
  expect(settled).toMatchObject({ status, declineCode, nextAction: null, actionBefore: null })
  const again = await sandbox.post(`/hosted/challenge/${intent.id}`, { outcome: 'fail' })
  expect(again.body).toEqual({ intent: intent.id, status })
  expect((await sandbox.get(`/v1/payment_intents/${intent.id}`)).body).toEqual(settled)
})

test('a challenge that nobody answers ends declined', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url, challengeMs: 50 })
  const { id } = (await sandbox.createIntent('challenge')).body
  await shop.waitFor(2)
  const settled = (await sandbox.get(`/v1/payment_intents/${id}`)).body
  expect(settled).toMatchObject({ status: 'failed', declineCode: 'authentication_timeout' })
})

test('processing becomes authorised by itself', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url })
  const { id } = (await sandbox.createIntent('processing')).body
  const [told] = await shop.waitFor(1)
  expect(told).toMatchObject({ type: 'payment_intent.authorised', object: { id, status: 'requires_capture' } })
  const captured = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  expect(captured.body.status).toBe('succeeded')
})

test('a hold past its time is let go and cannot be captured', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url })
  const { id } = (await sandbox.createIntent('short-hold')).body
  await shop.waitFor(2)
  expect(shop.received.map((webhook) => webhook.type)).toEqual(['payment_intent.authorised', 'payment_intent.canceled'])
  const captured = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  expect([captured.status, captured.body.code]).toEqual([409, 'authorisation_expired'])
  expect((await sandbox.get(`/v1/payment_intents/${id}`)).body).toMatchObject({
    status: 'canceled',
    cancellationReason: 'expired',
    capturedMinor: 0,
  })
})

test('authorise-error: the answer is 500, also for the same key, and the amount is on hold', async () => {
  await using sandbox = await startTestSandbox()
  const body = sandbox.intentBody(await sandbox.attachCard('authorise-error'))
  const key = newKey()
  const failed = await sandbox.post('/v1/payment_intents', body, key)
  expect([failed.status, failed.body.code]).toEqual([500, 'internal'])
  expect((await sandbox.post('/v1/payment_intents', body, key)).body).toEqual(failed.body)
  const { data } = (await sandbox.get('/v1/payment_intents?checkoutId=checkout-1')).body
  expect(data).toMatchObject([{ status: 'requires_capture' }])
})

test('authorise-no-answer: nothing is heard, the same key tells what happened', async () => {
  await using sandbox = await startTestSandbox()
  const body = sandbox.intentBody(await sandbox.attachCard('authorise-no-answer'))
  const key = newKey()
  const impatient = { signal: AbortSignal.timeout(200) }
  await expect(sandbox.post('/v1/payment_intents', body, key, impatient)).rejects.toThrow('timeout')
  const { data } = (await sandbox.get('/v1/payment_intents?checkoutId=checkout-1')).body
  expect(data).toMatchObject([{ status: 'requires_capture' }])
  expect((await sandbox.post('/v1/payment_intents', body, key)).body).toEqual(data[0])
})

test.each([
  ['capture-error', 'capture', 'succeeded'],
  ['refund-error', 'refund', 'succeeded'],
])('%s: the answer to the %s is 500 and it is done', async (name, command, status) => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent(name)).body
  const captured = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  expect(captured.status).toBe(command === 'capture' ? 500 : 200)
  const refunded = await sandbox.post('/v1/refunds', { paymentIntent: id, amountMinor: 99 })
  expect(refunded.status).toBe(command === 'refund' ? 500 : 200)
  const intent = (await sandbox.get(`/v1/payment_intents/${id}`)).body
  expect(intent).toMatchObject({ status, capturedMinor: 2_599, refundedMinor: 99 })
})

test('capture-no-answer: nothing is heard and the money is taken', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('capture-no-answer')).body
  const impatient = { signal: AbortSignal.timeout(200) }
  const capture = sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 }, newKey(), impatient)
  await expect(capture).rejects.toThrow('timeout')
  expect((await sandbox.get(`/v1/payment_intents/${id}`)).body).toMatchObject({ status: 'succeeded' })
})

test('slow: the answer comes late, for a repeat at the same time too', async () => {
  await using sandbox = await startTestSandbox({ slowMs: 200 })
  const body = sandbox.intentBody(await sandbox.attachCard('slow'))
  const key = newKey()
  const startMs = performance.now()
  const answers = await Promise.all([1, 2].map(() => sandbox.post('/v1/payment_intents', body, key)))
  expect(performance.now() - startMs).toBeGreaterThan(190)
  expect(answers[0]?.body).toEqual(answers[1]?.body)
  expect(answers[0]?.body.status).toBe('requires_capture')
})
