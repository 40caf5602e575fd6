import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { newKey, shopOrigin, startTestSandbox } from './testing/test-sandbox.ts'

test('a payment goes from a token to a captured and refunded intent', async () => {
  await using sandbox = await startTestSandbox()
  const card = await sandbox.attachCard('visa')
  const created = await sandbox.post('/v1/payment_intents', sandbox.intentBody(card))
  expect(created.status).toBe(200)
  const { id, createdAt, captureBefore, ...rest } = created.body
  expect(rest).toEqual({
    object: 'payment_intent',
    status: 'requires_capture',
    amountMinor: 2_599,
    capturedMinor: 0,
    refundedMinor: 0,
    currency: 'EUR',
    ...card,
    card: { brand: 'visa', last4: '4242' },
    captureMethod: 'manual',
    metadata: { checkoutId: 'checkout-1', orderId: 'order-1' },
    nextAction: null,
    declineCode: null,
    cancellationReason: null,
    actionBefore: null,
    processingUntil: null,
  })
  expect(Date.parse(captureBefore) - Date.parse(createdAt)).toBe(60_000)

  const captured = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_000 })
  expect(captured.body).toEqual({ ...created.body, status: 'succeeded', capturedMinor: 2_000, captureBefore: null })
  const again = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 500 })
  expect(again.status).toBe(409)
  expect(again.body).toMatchObject({ code: 'intent_state', intentStatus: 'succeeded' })
  const canceled = await sandbox.post(`/v1/payment_intents/${id}/cancel`, {})
  expect(canceled.body).toMatchObject({ code: 'intent_state', intentStatus: 'succeeded' })

  const partly = await sandbox.post('/v1/refunds', { paymentIntent: id, amountMinor: 1_500 })
  expect(partly.body).toMatchObject({ object: 'refund', status: 'succeeded', amountMinor: 1_500, currency: 'EUR' })
  const tooMuch = await sandbox.post('/v1/refunds', { paymentIntent: id, amountMinor: 501 })
  expect(tooMuch.body.code).toBe('amount_too_large')
  const rest2 = await sandbox.post('/v1/refunds', { paymentIntent: id, amountMinor: 500 })
  expect(rest2.status).toBe(200)
  expect((await sandbox.get(`/v1/payment_intents/${id}`)).body).toEqual({ ...captured.body, refundedMinor: 2_000 })
  const refunds = await sandbox.get(`/v1/refunds?paymentIntent=${id}`)
  expect(refunds.body.data).toEqual([rest2.body, partly.body])
})

test('more than the authorised amount is never captured, and the refusal changes nothing', async () => {
  await using sandbox = await startTestSandbox()
  const intent = (await sandbox.createIntent('visa')).body
  const refused = await sandbox.post(`/v1/payment_intents/${intent.id}/capture`, { amountMinor: 2_600 })
  expect(refused.status).toBe(422)
  expect(refused.body.code).toBe('amount_too_large')
  expect((await sandbox.get(`/v1/payment_intents/${intent.id}`)).body).toEqual(intent)
})

test('a hold that is let go cannot be captured', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('visa')).body
  const canceled = await sandbox.post(`/v1/payment_intents/${id}/cancel`, {})
  expect(canceled.body).toMatchObject({ status: 'canceled', cancellationReason: 'requested', captureBefore: null })
  const captured = await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 1 })
  expect(captured.body).toMatchObject({ code: 'intent_state', intentStatus: 'canceled' })
  const refunded = await sandbox.post('/v1/refunds', { paymentIntent: id, amountMinor: 1 })
  expect(refunded.body).toMatchObject({ code: 'intent_state', intentStatus: 'canceled' })
})

test('the intents of a checkout are listed, newest first', async () => {
  await using sandbox = await startTestSandbox()
  const first = (await sandbox.createIntent('declined', 'checkout-a')).body
  const second = (await sandbox.createIntent('visa', 'checkout-a')).body
  await sandbox.createIntent('visa', 'checkout-b')
  const listed = await sandbox.get('/v1/payment_intents?checkoutId=checkout-a')
  expect(listed.body).toEqual({ data: [second, first] })
  expect((await sandbox.get('/v1/payment_intents?checkoutId=nothing')).body).toEqual({ data: [] })
})

test('cards are saved by a token once, listed and removed', async () => {
  await using sandbox = await startTestSandbox()
  const customer = (await sandbox.post('/v1/customers', { reference: 'buyer-1' })).body.id
  const other = (await sandbox.post('/v1/customers', { reference: 'buyer-2' })).body.id
  const token = await sandbox.makeToken('amex')
  const saved = await sandbox.post('/v1/payment_methods', { customer, token })
  expect(saved.body.card).toMatchObject({ brand: 'amex', last4: '0005', expMonth: 12, expYear: 2099 })
  const spent = await sandbox.post('/v1/payment_methods', { customer, token })
  expect(spent.body.code).toBe('token_unknown')

  const same = await sandbox.post('/v1/payment_methods', {
    customer: other,
    token: await sandbox.makeToken('amex'),
  })
  expect(same.body.card.fingerprint).toBe(saved.body.card.fingerprint)
  expect((await sandbox.get(`/v1/payment_methods?customer=${customer}`)).body.data).toEqual([saved.body])

  const foreign = { customer: other, paymentMethod: saved.body.id }
  const refused = await sandbox.post('/v1/payment_intents', sandbox.intentBody(foreign))
  expect(refused.body.code).toBe('payment_method_unknown')

  const removed = await sandbox.send('DELETE', `/v1/payment_methods/${saved.body.id}`)
  expect(removed.status).toBe(200)
  expect((await sandbox.send('DELETE', `/v1/payment_methods/${saved.body.id}`)).body).toEqual(removed.body)
  expect((await sandbox.get(`/v1/payment_methods?customer=${customer}`)).body.data).toEqual([])
  const gone = await sandbox.post('/v1/payment_intents', sandbox.intentBody({ customer, paymentMethod: saved.body.id }))
  expect(gone.body.code).toBe('payment_method_unknown')
})

test('real card numbers are refused, and no card number reaches the journal or an answer', async () => {
  await using sandbox = await startTestSandbox()
  const real = '4111111111111111'
  const token = await sandbox.post('/v1/tokens', { number: real, expMonth: 1, expYear: 2099, cvc: '123' })
  expect(token.status).toBe(422)
  expect(token.body.code).toBe('card_not_a_test_card')
  const card = await sandbox.attachCard('visa')
  const hidden = [
    await sandbox.post('/v1/payment_intents', sandbox.intentBody(card, real)),
    await sandbox.post('/v1/customers', { reference: '4000009900010003' }),
    await sandbox.post('/v1/customers', { reference: 'buyer-1', [real]: 'x' }),
    await sandbox.post('/v1/customers', { reference: 'buyer-1' }, real),
  ]
  expect(hidden.map((answer) => answer.status)).toEqual([422, 422, 422, 400])
  for (const answer of [token, ...hidden]) expect(JSON.stringify(answer.body)).not.toContain(real)
  const journal = await readFile(path.join(sandbox.directory, 'payments.jsonl'), 'utf8')
  for (const number of [real, '4242424242424242', '4000009900010003']) expect(journal).not.toContain(number)
})

test('a dispute contests the captured amount', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('visa')).body
  const early = await sandbox.post('/v1/disputes/simulate', { paymentIntent: id, reason: 'fraudulent' })
  expect(early.body.code).toBe('intent_state')
  await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  const dispute = await sandbox.post('/v1/disputes/simulate', { paymentIntent: id, reason: 'fraudulent' })
  expect(dispute.body).toMatchObject({ status: 'needs_response', amountMinor: 2_599, reason: 'fraudulent' })
})

test('the journal tells every step in order, in pages', async () => {
  await using sandbox = await startTestSandbox()
  const { id } = (await sandbox.createIntent('visa')).body
  await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  const first = (await sandbox.get('/v1/journal?limit=2')).body
  expect(first.entries.map((entry: { kind: string }) => entry.kind)).toEqual(['customer.created', 'token.created'])
  expect(first.next).toBe(2)
  const rest = (await sandbox.get('/v1/journal?after=2')).body
  expect(rest.entries.map((entry: { seq: number; kind: string }) => [entry.seq, entry.kind])).toEqual([
    [3, 'payment_method.attached'],
    [4, 'intent.created'],
    [5, 'intent.captured'],
  ])
  expect(rest.entries[2].object).toMatchObject({ id, capturedMinor: 2_599, metadata: { checkoutId: 'checkout-1' } })
  expect((await sandbox.get('/v1/journal?after=99')).body).toEqual({ entries: [], next: 99 })
})

test('only the secret key opens the shop’s addresses', async () => {
  await using sandbox = await startTestSandbox()
  for (const authorization of ['', 'Bearer', 'Bearer sk_sandbox_for_tests_onl', 'Basic abc']) {
    const answer = await sandbox.send('GET', '/v1/journal', { headers: { authorization } })
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthorised'])
  }
})

test('pages of allowed origins may make tokens, others may not', async () => {
  await using sandbox = await startTestSandbox()
  const make = (origin: string, method = 'POST') =>
    fetch(`${sandbox.url}/v1/tokens`, {
      method,
      headers: { origin, 'content-type': 'application/json' },
      body:
        method === 'POST'
          ? JSON.stringify({ number: '4242424242424242', expMonth: 1, expYear: 2099, cvc: '123' })
          : undefined,
    })
  const preflight = await make(shopOrigin, 'OPTIONS')
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, shopOrigin])
  const allowed = await make(shopOrigin)
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, shopOrigin])
  expect((await make(sandbox.url)).status).toBe(200)
  const strange = await make('http://evil.test')
  expect([strange.status, strange.headers.get('access-control-allow-origin')]).toEqual([403, null])
})

test('bad input is refused by a problem document and the process goes on', async () => {
  await using sandbox = await startTestSandbox()
  const card = await sandbox.attachCard('visa')
  const good = sandbox.intentBody(card)
  const json = { 'content-type': 'application/json', 'idempotency-key': newKey() }
  const raw = (body: string, headers: Record<string, string> = json) =>
    sandbox.send('POST', '/v1/payment_intents', { body, headers })
  const answers: [number, string, Awaited<ReturnType<typeof raw>>][] = [
    [400, 'malformed_json', await raw('{"amountMinor":')],
    [400, 'malformed_json', await raw('NaN')],
    [413, 'body_too_large', await raw(`"${'x'.repeat(17_000)}"`)],
    [415, 'unsupported_media_type', await raw('a=1', { 'content-type': 'text/plain', 'idempotency-key': 'k' })],
    [400, 'idempotency_key_missing', await raw(JSON.stringify(good), { 'content-type': 'application/json' })],
    [404, 'not_found', await sandbox.get('/v1/nothing')],
    [404, 'not_found', await sandbox.get('/v1/payment_intents/pi_0')],
    [404, 'not_found', await sandbox.get('/v1/payment_intents/__proto__')],
    [405, 'method_not_allowed', await sandbox.send('PUT', '/v1/customers')],
    [422, 'invalid_request', await sandbox.get('/v1/journal?after=-1')],
    [422, 'invalid_request', await sandbox.get('/v1/payment_intents')],
    [422, 'invalid_request', await raw('null')],
    [422, 'invalid_request', await raw('[]')],
  ]
  const mutants: Record<string, unknown>[] = [
    { amountMinor: 0 },
    { amountMinor: -1 },
    { amountMinor: 1.5 },
    { amountMinor: '100' },
    { amountMinor: 2 ** 53 },
    { currency: 'eur' },
    { captureMethod: 'automatic' },
    { customer: null },
    { metadata: { checkoutId: 'c', orderId: 'o', constructor: 1 } },
    { metadata: { checkoutId: '', orderId: 'o' } },
    { price: 1 },
  ]
  for (const mutant of mutants) {
    answers.push([422, 'invalid_request', await sandbox.post('/v1/payment_intents', { ...good, ...mutant })])
  }
  for (const [status, code, answer] of answers) {
    expect([answer.status, answer.body.code]).toEqual([status, code])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  }
  expect((await sandbox.get('/v1/payment_intents?checkoutId=checkout-1')).body.data).toEqual([])
  expect((await sandbox.get('/healthz')).status).toBe(200)
})
