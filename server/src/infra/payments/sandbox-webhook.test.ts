import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { createWebhookReader } from './sandbox-webhook.ts'

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const nextSecret = `whsec_${Buffer.alloc(32, 2).toString('base64')}`
const strangerSecret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
const eventRef = `evt_${'a'.repeat(32)}`
const createdAt = '2026-11-22T12:00:00.000Z'
const intent = {
  id: 'pi_1',
  object: 'payment_intent',
  status: 'requires_capture',
  amountMinor: 100,
  capturedMinor: 0,
  refundedMinor: 0,
  currency: 'EUR',
  metadata: { checkoutId: 'checkout-1', orderId: 'order-1', reference: 'checkout-1:1' },
  nextAction: null,
  declineCode: null,
  createdAt,
  captureBefore: '2026-11-29T12:00:00.000Z',
}

function bodyOf(type: string, object: unknown, id = eventRef): string {
  return JSON.stringify({ id, type, createdAt, data: { object } })
}

function headersOf(body: string, signingSecret = secret, at = new Date(), id = eventRef) {
  return {
    'webhook-id': id,
    'webhook-timestamp': Math.floor(at.getTime() / 1000).toString(),
    'webhook-signature': new Webhook(signingSecret).sign(id, at, body),
  }
}

const read = createWebhookReader([secret])

test('a genuine event is read', () => {
  const body = bodyOf('payment_intent.authorised', intent)
  expect(read(Buffer.from(body), headersOf(body))).toEqual({
    kind: 'event',
    event: {
      eventRef,
      createdAt: new Date(createdAt),
      type: 'authorised',
      intent: {
        intentRef: 'pi_1',
        status: 'authorised',
        checkoutId: 'checkout-1',
        orderId: 'order-1',
        amount: { amountMinor: 100, currency: 'EUR' },
        capturedMinor: 0,
        refundedMinor: 0,
        idempotencyKey: 'checkout-1:1',
        captureBefore: new Date('2026-11-29T12:00:00.000Z'),
        actionUrl: null,
        declineCode: null,
        createdAt: new Date(createdAt),
      },
    },
  })
})

test('refunds and disputes are read', () => {
  const common = { paymentIntent: 'pi_1', amountMinor: 40, currency: 'EUR', createdAt }
  const refund = { ...common, id: 're_1', object: 'refund', status: 'succeeded', metadata: { reference: 'refund-1' } }
  const refunded = bodyOf('refund.succeeded', refund)
  expect(read(refunded, headersOf(refunded))).toMatchObject({
    event: { type: 'refunded', refund: { refundRef: 're_1', intentRef: 'pi_1', idempotencyKey: 'refund-1' } },
  })
  const disputed = bodyOf('dispute.opened', { ...common, id: 'dp_1', object: 'dispute', reason: 'fraudulent' })
  expect(read(disputed, headersOf(disputed))).toMatchObject({
    event: { type: 'disputed', intentRef: 'pi_1', amount: { amountMinor: 40, currency: 'EUR' }, reason: 'fraudulent' },
  })
})

test('genuine events of other types are ignored', () => {
  for (const type of ['payout.paid', 'toString', '__proto__']) {
    const body = bodyOf(type, {})
    expect(read(body, headersOf(body))).toEqual({ kind: 'ignored', eventRef, type })
  }
})

test('both secrets are taken while they are changed', () => {
  const both = createWebhookReader([nextSecret, secret])
  const body = bodyOf('payment_intent.succeeded', { ...intent, status: 'succeeded' })
  for (const one of [secret, nextSecret]) expect(both(body, headersOf(body, one)).kind).toBe('event')
  const two = headersOf(body, strangerSecret)['webhook-signature']
  const signatures = `${two} ${headersOf(body)['webhook-signature']}`
  expect(read(body, { ...headersOf(body), 'webhook-signature': signatures }).kind).toBe('event')
})

test('what is not proven is refused', () => {
  const body = bodyOf('payment_intent.authorised', intent)
  const good = headersOf(body)
  const minutes = (count: number) => new Date(Date.now() + count * 60_000)
  const refused = { kind: 'refused', reason: 'signature' }
  expect(read(body, headersOf(body, strangerSecret))).toEqual(refused)
  expect(read(body.replace('100', '101'), good)).toEqual(refused)
  expect(read(body, headersOf(body, secret, minutes(-6)))).toEqual(refused)
  expect(read(body, headersOf(body, secret, minutes(6)))).toEqual(refused)
  expect(read(body, { ...good, 'webhook-id': `evt_${'b'.repeat(32)}` })).toEqual(refused)
  expect(read(body, {})).toEqual(refused)
  for (const signature of [
    '',
    'v1',
    'v1,',
    'v2,abc',
    good['webhook-signature'].replace('v1,', 'v1a,'),
    'é'.repeat(99),
  ]) {
    expect(read(body, { ...good, 'webhook-signature': signature })).toEqual(refused)
  }
  const doubled = [good['webhook-signature'], good['webhook-signature']]
  expect(read(body, { ...good, 'webhook-signature': doubled })).toEqual(refused)
  for (const timestamp of ['NaN', '', '-1', '9'.repeat(400)]) {
    expect(read(body, { ...good, 'webhook-timestamp': timestamp })).toEqual(refused)
  }
})

test('genuine signatures over nonsense are refused as malformed', () => {
  const otherId = bodyOf('payment_intent.authorised', intent, `evt_${'b'.repeat(32)}`)
  const bodies = [
    '',
    'null',
    '[]',
    '{"id":1}',
    otherId,
    bodyOf('payment_intent.authorised', { ...intent, amountMinor: -1 }),
    bodyOf('payment_intent.authorised', { ...intent, status: 'unheard_of' }),
    bodyOf('refund.succeeded', intent),
    bodyOf('dispute.opened', null),
    bodyOf('payment_intent.authorised', { ...intent, padding: 'x'.repeat(20_000) }),
  ]
  for (const body of bodies) expect(read(body, headersOf(body))).toEqual({ kind: 'refused', reason: 'malformed' })
})
