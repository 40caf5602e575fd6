import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { spawnSandbox, startSandboxProcess } from './testing/sandbox-process.ts'
import { makeTestDirectory, newKey, testApiKey, testWebhookSecret } from './testing/test-sandbox.ts'

const processMsMax = 30_000

test('what was answered before kill -9 stands after it, with the same answers', { timeout: processMsMax }, async () => {
  await using directory = await makeTestDirectory()
  await using first = await startSandboxProcess(directory.path)
  const card = await first.client.attachCard('visa')
  const acknowledged = new Map<string, { checkout: string; intent: unknown }>()
  let isKilled = false
  const buy = async (buyer: number): Promise<void> => {
    for (let turn = 0; !isKilled; turn++) {
      const [key, checkout] = [newKey(), `checkout-${buyer}-${turn}`]
      const body = first.client.intentBody(card, checkout)
      const answer = await first.client.post('/v1/payment_intents', body, key).catch(() => null)
      if (answer?.status === 200) acknowledged.set(key, { checkout, intent: answer.body })
      if (acknowledged.size === 200 && !isKilled) {
        isKilled = true
        await first.end('SIGKILL')
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, (_, buyer) => buy(buyer)))
  expect(acknowledged.size).toBeGreaterThanOrEqual(200)

  await using second = await startSandboxProcess(directory.path)
  for (const [key, { checkout, intent }] of acknowledged) {
    const body = second.client.intentBody(card, checkout)
    expect((await second.client.post('/v1/payment_intents', body, key)).body).toEqual(intent)
    expect((await second.client.get(`/v1/payment_intents?checkoutId=${checkout}`)).body).toEqual({ data: [intent] })
  }
})

test('money taken before kill -9 is not taken again after it', { timeout: processMsMax }, async () => {
  await using directory = await makeTestDirectory()
  const captureKey = newKey()
  await using first = await startSandboxProcess(directory.path)
  const { id } = (await first.client.createIntent('visa')).body
  const captured = await first.client.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 }, captureKey)
  await first.end('SIGKILL')

  await using second = await startSandboxProcess(directory.path)
  const repeated = await second.client.post(`/v1/payment_intents/${id}/capture`, { amountMinor: 2_599 }, captureKey)
  expect([repeated.status, repeated.body]).toEqual([200, captured.body])
  const { entries } = (await second.client.get('/v1/journal')).body
  expect(entries.filter((entry: { kind: string }) => entry.kind === 'intent.captured')).toHaveLength(1)
})

test('it says when it is ready and stops cleanly on a signal', { timeout: processMsMax }, async () => {
  await using directory = await makeTestDirectory()
  await using sandbox = await startSandboxProcess(directory.path)
  const number = '4111111111111111'
  await sandbox.client.post('/v1/tokens', { number, expMonth: 1, expYear: 2099, cvc: '123' })
  await sandbox.client.get(`/v1/payment_intents/${number}`)
  const { code, lines } = await sandbox.end('SIGTERM')
  expect(code).toBe(0)
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['ready', 'stopping', 'stopped'])
  expect(lines.join()).not.toContain(number)
})

test('it names every problem of its configuration and does not start', { timeout: processMsMax }, async () => {
  const child = spawnSandbox({
    SANDBOX_PORT: '99999',
    SANDBOX_ALLOWED_ORIGINS: 'http://shop.test/path',
    PAYMENT_API_KEY: testApiKey.slice(0, 5),
    PAYMENT_WEBHOOK_SECRET: testWebhookSecret.slice(0, 9),
  })
  const [output, [code]] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), once(child, 'exit')])
  expect(code).toBe(1)
  const said = JSON.parse(output).msg
  const names = ['PORT', 'JOURNAL_DIR', 'ALLOWED_ORIGINS'].map((name) => `SANDBOX_${name}`)
  for (const name of [...names, 'PAYMENT_API_KEY', 'PAYMENT_WEBHOOK_SECRET']) expect(said).toContain(`${name}`)
  expect(said).not.toContain(testApiKey.slice(0, 5))
})
