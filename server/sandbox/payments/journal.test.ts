import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { Journal } from './journal.ts'
import { startPaymentSandbox } from './sandbox.ts'
import {
  createSandboxClient,
  makeTestDirectory,
  newKey,
  type SandboxClient,
  testConfig,
} from './testing/test-sandbox.ts'
import { startTestShop } from './testing/test-shop.ts'

const silent = pino({ level: 'silent' })
const fileOf = (directory: string) => path.join(directory, 'payments.jsonl')

async function openJournal(directory: string) {
  const lines: string[] = []
  const failures: Error[] = []
  const journal = await Journal.open(
    directory,
    (line) => lines.push(line),
    (cause) => failures.push(cause),
  )
  return { journal, lines, failures }
}

test('what was flushed is read back in order after it is opened again', async () => {
  await using directory = await makeTestDirectory()
  const first = await openJournal(directory.path)
  expect([first.lines, first.journal.nextSeq]).toEqual([[], 1])
  const written = Array.from({ length: 1_000 }, (_, index) => `{"n":${index},"text":"žluťoučký"}`)
  for (const line of written) first.journal.append(line)
  await first.journal.flushed()
  first.journal.append('{"last":true}')
  await first.journal.flushed()
  await first.journal.close()

  const second = await openJournal(directory.path)
  expect(second.lines).toEqual([...written, '{"last":true}'])
  expect(second.journal.nextSeq).toBe(1_002)
  expect(await second.journal.read(998, 2)).toEqual([written[998], written[999]])
  expect(await second.journal.read(1_000, 10)).toEqual(['{"last":true}'])
  expect(await second.journal.read(1_001, 10)).toEqual([])
  await second.journal.close()
})

test('lines longer than a read and lines across reads survive', async () => {
  await using directory = await makeTestDirectory()
  const first = await openJournal(directory.path)
  const written = Array.from({ length: 30 }, (_, index) => JSON.stringify({ index, text: 'é'.repeat(49_000 + index) }))
  for (const line of written) first.journal.append(line)
  await first.journal.close()
  const second = await openJournal(directory.path)
  expect(second.lines).toEqual(written)
  await second.journal.close()
})

test('only what is on the disk can be read', async () => {
  await using directory = await makeTestDirectory()
  const { journal } = await openJournal(directory.path)
  journal.append('{"n":1}')
  expect(await journal.read(0, 10)).toEqual([])
  await journal.flushed()
  expect(await journal.read(0, 10)).toEqual(['{"n":1}'])
  await journal.close()
})

test('a line cut off at the end is dropped, and the next one starts cleanly', async () => {
  await using directory = await makeTestDirectory()
  await writeFile(fileOf(directory.path), '{"n":1}\n{"n":2}\n{"n":3')
  const { journal, lines } = await openJournal(directory.path)
  expect([lines, journal.nextSeq]).toEqual([['{"n":1}', '{"n":2}'], 3])
  journal.append('{"n":"new"}')
  await journal.close()
  expect(await readFile(fileOf(directory.path), 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":"new"}\n')
})

test('after a failed write nothing is promised any more', async () => {
  await using directory = await makeTestDirectory()
  const { journal, failures } = await openJournal(directory.path)
  await journal.close()
  journal.append('{"n":1}')
  await expect(journal.flushed()).rejects.toThrow()
  expect(failures).toHaveLength(1)
  expect(journal.isWritable).toBe(false)
  expect(() => journal.append('{"n":2}')).toThrow('The journal takes no more entries')
  await expect(journal.flushed()).rejects.toThrow()
})

/** Runs a step on a fresh process state over the same files. */
async function withRestart<T>(directory: string, step: (client: SandboxClient) => Promise<T>, webhookUrl?: string) {
  const config = testConfig(directory, webhookUrl === undefined ? {} : { webhookUrl })
  const sandbox = await startPaymentSandbox(config, silent, () => undefined)
  try {
    return await step(createSandboxClient(sandbox.url))
  } finally {
    await sandbox.close()
  }
}

test('the same money, answers and cards stand after a restart, and deadlines still pass', async () => {
  await using directory = await makeTestDirectory()
  const [authoriseKey, refundKey] = [newKey(), newKey()]
  const before = await withRestart(directory.path, async (client) => {
    const card = await client.attachCard('visa')
    const intent = await client.post('/v1/payment_intents', client.intentBody(card), authoriseKey)
    await client.post(`/v1/payment_intents/${intent.body.id}/capture`, { amountMinor: 2_599 })
    const refundBody = { paymentIntent: intent.body.id, amountMinor: 100 }
    const refund = await client.post('/v1/refunds', refundBody, refundKey)
    const spare = await client.makeToken('mastercard')
    const short = (await client.createIntent('short-hold', 'checkout-short')).body
    const found = await client.get(`/v1/payment_intents/${intent.body.id}`)
    return { card, intent, refundBody, refund, spare, short, found }
  })
  await using shop = await startTestShop()
  const assertSame = async (client: SandboxClient): Promise<void> => {
    const { card, intent } = before
    expect((await client.get(`/v1/payment_intents/${intent.body.id}`)).body).toEqual(before.found.body)
    const repeated = await client.post('/v1/payment_intents', client.intentBody(card), authoriseKey)
    expect(repeated.body).toEqual(intent.body)
    expect((await client.post('/v1/refunds', before.refundBody, refundKey)).body).toEqual(before.refund.body)
    const tooMuch = await client.post('/v1/refunds', { paymentIntent: intent.body.id, amountMinor: 2_500 })
    expect(tooMuch.body.code).toBe('amount_too_large')
    const attached = await client.post('/v1/payment_methods', { customer: card.customer, token: before.spare })
    expect(attached.body.card.brand).toBe('mastercard')
    // Authorised, captured, refunded, authorised, and then the short hold that ran out.
    await shop.waitFor(5)
    const { body } = await client.get(`/v1/payment_intents/${before.short.id}`)
    expect(body).toMatchObject({ status: 'canceled', cancellationReason: 'expired' })
  }
  await withRestart(directory.path, assertSame, shop.url)
})

test('a journal whose last line was cut starts, one that is damaged inside does not', async () => {
  await using directory = await makeTestDirectory()
  const file = fileOf(directory.path)
  await withRestart(directory.path, (client) => client.createIntent('visa'))
  const whole = await readFile(file)
  await truncate(file, whole.length - 5)
  await withRestart(directory.path, async (client) => {
    expect((await client.get('/v1/payment_intents?checkoutId=checkout-1')).body.data).toEqual([])
    expect((await client.get('/v1/journal')).body.next).toBe(3)
  })
  const start = () => startPaymentSandbox(testConfig(directory.path), silent, () => undefined)
  await appendFile(file, 'not json\n')
  await expect(start()).rejects.toThrow('Line 4 of the payment journal is damaged')
  await writeFile(file, whole.toString('utf8').split('\n').slice(1).join('\n'))
  await expect(start()).rejects.toThrow('Line 1 of the payment journal is damaged')
})

test('two sandboxes never work on one journal', async () => {
  await using directory = await makeTestDirectory()
  await withRestart(directory.path, async () => {
    const second = startPaymentSandbox(testConfig(directory.path), silent, () => undefined)
    await expect(second).rejects.toThrow('Another payment sandbox works in')
  })
  await withRestart(directory.path, async (client) => expect((await client.get('/healthz')).status).toBe(200))
})
