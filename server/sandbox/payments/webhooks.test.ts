import pino from 'pino'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { startPaymentSandbox } from './sandbox.ts'
import { createSandboxClient, makeTestDirectory, startTestSandbox, testConfig } from './testing/test-sandbox.ts'
import { startTestShop } from './testing/test-shop.ts'

const silent = pino({ level: 'silent' })
const typesOf = (webhooks: readonly { readonly type: string }[]) => webhooks.map((webhook) => webhook.type)

test('every step is told, signed, with the object as it stood', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url, webhookConcurrency: 1 })
  const intent = (await sandbox.createIntent('visa')).body
  const captured = (await sandbox.post(`/v1/payment_intents/${intent.id}/capture`, { amountMinor: 2_599 })).body
  const refund = (await sandbox.post('/v1/refunds', { paymentIntent: intent.id, amountMinor: 2_599 })).body
  const dispute = { paymentIntent: intent.id, reason: 'duplicate' }
  const disputed = (await sandbox.post('/v1/disputes/simulate', dispute)).body
  await shop.waitFor(4)
  expect(shop.received.map(({ type, object }) => [type, object])).toEqual([
    ['payment_intent.authorised', intent],
    ['payment_intent.succeeded', captured],
    ['refund.succeeded', refund],
    ['dispute.opened', disputed],
  ])
  const [first] = shop.received
  expect(first?.headers['content-type']).toBe('application/json')
  expect(first?.headers['webhook-id']).toBe(first?.id)
  const other = new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`)
  expect(() => other.verify(first?.rawBody ?? '', first?.headers as Record<string, string>)).toThrow('signature')

  const kept = await sandbox.get(`/v1/events/${first?.id}`)
  expect(kept.body).toEqual(JSON.parse(first?.rawBody ?? ''))
  const listed = await sandbox.get('/v1/events?limit=2')
  expect(typesOf(listed.body.data)).toEqual(['dispute.opened', 'refund.succeeded'])
})

test('each end of a payment has its event', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url, webhookConcurrency: 1 })
  await sandbox.createIntent('declined')
  const { id } = (await sandbox.createIntent('visa')).body
  await sandbox.post(`/v1/payment_intents/${id}/cancel`, {})
  const challenged = (await sandbox.createIntent('challenge')).body
  await sandbox.post(`/hosted/challenge/${challenged.id}`, { outcome: 'approve' })
  await shop.waitFor(5)
  expect(typesOf(shop.received)).toEqual([
    'payment_intent.failed',
    'payment_intent.authorised',
    'payment_intent.canceled',
    'payment_intent.requires_action',
    'payment_intent.authorised',
  ])
})

test('a webhook that is not taken is sent again with the same id until it is', async () => {
  const statuses = [500, 302, 404, 204]
  await using shop = await startTestShop((delivery) => statuses[delivery - 1] ?? 204)
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url })
  await sandbox.createIntent('visa')
  const received = await shop.waitFor(4)
  expect(new Set(received.map((webhook) => webhook.id)).size).toBe(1)
  expect(new Set(received.map((webhook) => webhook.rawBody)).size).toBe(1)
})

test('all webhooks of a shop that was away arrive when it is back', async () => {
  let isAway = true
  await using shop = await startTestShop(() => (isAway ? 503 : 204))
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url })
  const card = await sandbox.attachCard('visa')
  const checkouts = Array.from({ length: 30 }, (_, index) => `checkout-${index}`)
  await Promise.all(
    checkouts.map((checkout) => sandbox.post('/v1/payment_intents', sandbox.intentBody(card, checkout))),
  )
  await shop.waitFor(12)
  isAway = false
  const refused = shop.received.length
  await shop.waitFor(refused + 30)
  expect(new Set(shop.received.slice(refused).map((webhook) => webhook.id)).size).toBe(30)
})

test('webhook-doubled: each event comes twice with one id', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url })
  const { id } = (await sandbox.createIntent('webhook-doubled')).body
  await shop.waitFor(2)
  await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  await shop.waitFor(4)
  const authorised = 'payment_intent.authorised'
  const succeeded = 'payment_intent.succeeded'
  expect(typesOf(shop.received)).toEqual([authorised, authorised, succeeded, succeeded])
  expect(new Set(shop.received.map((webhook) => webhook.id)).size).toBe(2)
})

test('webhook-reversed: the capture is told before the authorisation', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url, webhookReorderMs: 60_000 })
  const { id } = (await sandbox.createIntent('webhook-reversed')).body
  await sandbox.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 })
  await shop.waitFor(2)
  expect(typesOf(shop.received)).toEqual(['payment_intent.succeeded', 'payment_intent.authorised'])
})

test('webhook-reversed: an event that stays alone comes in the end', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url, webhookReorderMs: 50 })
  await sandbox.createIntent('webhook-reversed')
  await shop.waitFor(1)
  expect(typesOf(shop.received)).toEqual(['payment_intent.authorised'])
})

test('webhook-late and webhook-dropped: others overtake them, dropped ones never come', async () => {
  await using shop = await startTestShop()
  await using sandbox = await startTestSandbox({ webhookUrl: shop.url, webhookLateMs: 200 })
  const late = (await sandbox.createIntent('webhook-late')).body
  await sandbox.createIntent('webhook-dropped')
  const prompt = (await sandbox.createIntent('visa')).body
  await shop.waitFor(2)
  expect(shop.received.map((webhook) => webhook.object.id)).toEqual([prompt.id, late.id])
  expect(typesOf((await sandbox.get('/v1/events')).body.data)).toHaveLength(3)
  expect((await sandbox.get('/healthz')).body.queuedWebhooks).toBe(0)
})

test('webhooks that were not taken before a stop are sent after the next start, taken ones are not', async () => {
  await using directory = await makeTestDirectory()
  await using firstShop = await startTestShop()
  const awayUrl = 'http://127.0.0.1:9/'
  const run = async (
    webhookUrl: string,
    step: (client: ReturnType<typeof createSandboxClient>) => Promise<unknown>,
  ) => {
    const config = testConfig(directory.path, { webhookUrl })
    const sandbox = await startPaymentSandbox(config, silent, () => undefined)
    await step(createSandboxClient(sandbox.url))
    await sandbox.close()
  }
  await run(firstShop.url, async (client) => {
    await client.createIntent('visa', 'checkout-told')
    await firstShop.waitFor(1)
  })
  await run(awayUrl, (client) => client.createIntent('visa', 'checkout-untold'))
  await using secondShop = await startTestShop()
  await run(secondShop.url, () => secondShop.waitFor(1))
  await run(secondShop.url, async (client) => {
    await client.createIntent('visa', 'checkout-later')
    await secondShop.waitFor(2)
  })
  const checkoutsOf = (shop: typeof firstShop) =>
    shop.received.map((webhook) => JSON.parse(webhook.rawBody).data.object.metadata.checkoutId)
  expect(checkoutsOf(firstShop)).toEqual(['checkout-told'])
  expect(checkoutsOf(secondShop)).toEqual(['checkout-untold', 'checkout-later'])
})
