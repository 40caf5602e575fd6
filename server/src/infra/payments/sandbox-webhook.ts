import { Webhook } from 'standardwebhooks'
import type { PaymentEvent, WebhookHeaders, WebhookReading } from '../../modules/payments/provider.ts'
import { WireDispute, WireEvent, WireIntent, WireRefund } from './sandbox-wire.ts'

/** Standard Webhooks keeps payloads under 20 kB. Source: standard-webhooks.md, read 2026-11-22. */
const webhookBytesMax = 20 * 1024

const intentEvents = {
  'payment_intent.requires_action': 'needs-action',
  'payment_intent.authorised': 'authorised',
  'payment_intent.succeeded': 'captured',
  'payment_intent.failed': 'declined',
  'payment_intent.canceled': 'canceled',
} as const

type Seen = { readonly eventRef: string; readonly createdAt: Date }

/** Reads webhooks signed with any of the given secrets, so that a secret can be changed while both are valid. */
export function createWebhookReader(secrets: readonly string[]) {
  const verifiers = secrets.map((secret) => new Webhook(secret))

  return (rawBody: Buffer | string, headers: WebhookHeaders): WebhookReading => {
    const text = typeof rawBody === 'string' ? rawBody : rawBody.toString('utf8')
    if (Buffer.byteLength(text) > webhookBytesMax) return { kind: 'refused', reason: 'malformed' }
    const signed = singleValues(headers)
    if (!verifiers.some((verifier) => isSigned(verifier, text, signed))) return { kind: 'refused', reason: 'signature' }
    const parsed = WireEvent.safeParse(parseJson(text))
    if (!parsed.success || parsed.data.id !== signed['webhook-id']) return { kind: 'refused', reason: 'malformed' }
    const { id, type, createdAt, data } = parsed.data
    const seen = { eventRef: id, createdAt }
    const event = readObject(type, seen, data.object)
    if (event === 'unknown type') return { kind: 'ignored', eventRef: id, type }
    return event ? { kind: 'event', event } : { kind: 'refused', reason: 'malformed' }
  }
}

function readObject(type: string, seen: Seen, object: unknown): PaymentEvent | null | 'unknown type' {
  if (type === 'refund.succeeded') {
    const refund = WireRefund.safeParse(object)
    return refund.success ? { ...seen, type: 'refunded', refund: refund.data } : null
  }
  if (type === 'dispute.opened') {
    const read = WireDispute.safeParse(object)
    if (!read.success) return null
    const { paymentIntent: intentRef, amountMinor, currency, reason } = read.data
    return { ...seen, type: 'disputed', intentRef, amount: { amountMinor, currency }, reason }
  }
  if (!Object.hasOwn(intentEvents, type)) return 'unknown type'
  const intent = WireIntent.safeParse(object)
  return intent.success ? { ...seen, type: intentEvents[type as keyof typeof intentEvents], intent: intent.data } : null
}

function isSigned(verifier: Webhook, text: string, headers: Record<string, string>): boolean {
  try {
    verifier.verify(text, headers, { jsonParse: false })
    return true
  } catch {
    // Besides its own error the library throws plain ones on odd headers. Either way the bytes are not proven.
    return false
  }
}

/** Header names in lower case; one that came more than once is not a signature of ours. */
function singleValues(headers: WebhookHeaders): Record<string, string> {
  const single: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') single[name.toLowerCase()] = value
  return single
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
