import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { newId } from '#kernel/ids'
import type { Area } from './campaign.ts'
import type { Ground } from './ground.ts'
import { wrongAnswer } from './ground.ts'
import { nastyValue } from './nasty-values.ts'

/** What is told about a payment, and how it is signed and sent. */
export interface WebhookCase {
  readonly type: string
  /** Put over the fields of a right object. */
  readonly spoilt: Readonly<Record<string, unknown>>
  readonly flaw: (typeof flaws)[number]
  readonly noise: string
}

/** `none` is signed as it should be; then only the content can be wrong. */
const flaws = [
  'none',
  'other secret',
  'old',
  'from the future',
  'time is text',
  'no signature',
  'no id',
  'no time',
  'other id',
  'other time',
  're-ordered',
  'one byte more',
  'one byte other',
  'spaces',
  'signature cut',
  'signature of another version',
  'many signatures',
  'signature twice in the head',
  'huge',
  'empty',
  'compressed',
  'noise',
] as const

const types = [
  'payment_intent.succeeded',
  'payment_intent.authorised',
  'payment_intent.failed',
  'payment_intent.canceled',
  'payment_intent.requires_action',
  'refund.succeeded',
  'dispute.opened',
  'toString',
  '__proto__',
  '',
]

const names = [
  'id',
  'object',
  'status',
  'amountMinor',
  'capturedMinor',
  'currency',
  'metadata',
  'createdAt',
  'paymentIntent',
]

const webhookCases: fc.Arbitrary<WebhookCase> = fc.record({
  type: fc.constantFrom(...types),
  spoilt: fc.dictionary(fc.constantFrom(...names), nastyValue, { maxKeys: 3 }),
  flaw: fc.constantFrom(...flaws, 'none', 'none', 'none', 'none'),
  noise: fc.string({ unit: 'binary', maxLength: 60 }),
})

const objectOf = (type: string) => ({
  id: 'pi_unknown',
  object: type.startsWith('refund') ? 'refund' : type.startsWith('dispute') ? 'dispute' : 'payment_intent',
  status: 'succeeded',
  amountMinor: 100,
  capturedMinor: 100,
  refundedMinor: 0,
  currency: 'USD',
  paymentIntent: 'pi_unknown',
  reason: 'fraudulent',
  metadata: { checkoutId: newId(), orderId: newId(), reference: 'x' },
  nextAction: null,
  declineCode: null,
  createdAt: new Date().toISOString(),
  captureBefore: null,
})

interface Sent {
  headers: Record<string, string | string[]>
  body: string | Buffer
}

/** Deliveries of the payment provider: what it did not sign is refused, what it did sign is a hint and no more. */
export function webhookArea(ground: Ground): Area<WebhookCase> {
  const signer = new Webhook(ground.platform.env.PAYMENT_WEBHOOK_SECRET ?? '')
  const stranger = new Webhook(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  return {
    name: 'webhooks',
    cases: webhookCases,
    lanes: 8,
    judge: async (one) => {
      const { headers, body } = sealed(one, signer, stranger)
      const answer = await ground.send({ method: 'POST', path: '/v1/webhooks/payments', headers, body })
      const wrong = wrongAnswer(answer)
      if (wrong) return wrong
      const isTaken = answer.status === 200
      if (one.flaw !== 'none' && isTaken) return `took an event with the flaw: ${one.flaw}`
      return [200, 400, 401, 413, 415].includes(answer.status) ? null : `answered ${answer.status} ${answer.text}`
    },
  }
}

function sealed({ type, spoilt, flaw, noise }: WebhookCase, signer: Webhook, stranger: Webhook): Sent {
  const id = `evt_${newId()}`
  const aside = { old: -3_600_000, 'from the future': 3_600_000 }[flaw as string] ?? 0
  const at = new Date(Date.now() + aside)
  const event = { id, type, createdAt: at.toISOString(), data: { object: { ...objectOf(type), ...spoilt } } }
  const seconds = Math.floor(at.getTime() / 1_000)
  const body = JSON.stringify(event).replace(/"~raw:([^~"]*)~"/g, '$1')
  const by = flaw === 'other secret' ? stranger : signer
  const signature = by.sign(id, at, body)
  const sent: Sent = {
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signature,
    },
    body,
  }
  spoilSeal[flaw]?.(sent, { event, body, signature, seconds, noise })
  return sent
}

interface Facts {
  readonly event: { readonly id: string; readonly type: string; readonly createdAt: string; readonly data: unknown }
  readonly body: string
  readonly signature: string
  readonly seconds: number
  readonly noise: string
}

const inHeader =
  (name: string, value: (facts: Facts) => string | string[]) =>
  ({ headers }: Sent, facts: Facts): void => {
    headers[name] = value(facts)
  }
const withoutHeader = (name: string) => (sent: Sent) => void delete sent.headers[name]
const inBody =
  (value: (facts: Facts) => string | Buffer) =>
  (sent: Sent, facts: Facts): void => {
    sent.body = value(facts)
  }
const reordered = ({ event: { id, type, createdAt, data } }: Facts) => JSON.stringify({ data, createdAt, type, id })
const manyWrong = Array.from({ length: 200 }, () => `v1,${'A'.repeat(43)}=`).join(' ')

const spoilSeal: Partial<Record<WebhookCase['flaw'], (sent: Sent, facts: Facts) => void>> = {
  'time is text': inHeader('webhook-timestamp', () => 'now'),
  'no signature': withoutHeader('webhook-signature'),
  'no id': withoutHeader('webhook-id'),
  'no time': withoutHeader('webhook-timestamp'),
  'other id': inHeader('webhook-id', () => 'evt_other'),
  'other time': inHeader('webhook-timestamp', ({ seconds }) => String(seconds + 1)),
  're-ordered': inBody(reordered),
  'one byte more': inBody(({ body }) => `${body} `),
  'one byte other': inBody(({ body }) => body.replace('"data"', '"Data"')),
  spaces: inBody(({ event }) => JSON.stringify(event, null, 2)),
  'signature cut': inHeader('webhook-signature', ({ signature }) => signature.slice(0, -4)),
  'signature of another version': inHeader('webhook-signature', ({ signature }) => signature.replace('v1,', 'v0,')),
  'many signatures': inHeader('webhook-signature', () => manyWrong),
  'signature twice in the head': inHeader('webhook-signature', ({ signature }) => [signature.slice(0, -6), 'v1,AAAA']),
  huge: inBody(() => `{"a":"${'x'.repeat(70_000)}"}`),
  empty: inBody(() => ''),
  compressed: inHeader('content-encoding', () => 'gzip'),
  noise: inBody(({ noise }) => Buffer.from(`~${noise}`)),
}
