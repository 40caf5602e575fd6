import { type Database, statement } from '#infra/postgres/pool'
import { eventsKeptDays } from './limits.ts'
import type { PaymentEvent, PaymentProvider, WebhookHeaders } from './provider.ts'

const insertEvent = statement(
  'payments.insert_event',
  `INSERT INTO payment_events (provider, event_ref, type, happened_at) VALUES ($1, $2, $3, $4)
   ON CONFLICT DO NOTHING RETURNING 1 AS one`,
)
const deleteOldEvents = statement(
  'payments.delete_old_events',
  `DELETE FROM payment_events WHERE received_at < now() - $1 * interval '1 day'`,
)

export type Received =
  | { readonly kind: 'new'; readonly event: PaymentEvent }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly reason: 'signature' | 'malformed' }

/** The provider's events. Each is taken once and is only a hint to look at the payment as it stands now. */
export function createInbox({ database, provider }: { database: Database; provider: PaymentProvider }) {
  return {
    /** Proves, reads and stores one delivery. Repeats: an event told before answers `repeated`. */
    receive: async (rawBody: Buffer | string, headers: WebhookHeaders): Promise<Received> => {
      const reading = provider.parseWebhook(rawBody, headers)
      if (reading.kind !== 'event') return reading
      const { event } = reading
      const values = [provider.name, event.eventRef, event.type, event.createdAt]
      const isNew = (await database.query(insertEvent, values)).length === 1
      return isNew ? { kind: 'new', event } : { kind: 'repeated' }
    },

    forgetOldEvents: async (): Promise<void> => {
      await database.query(deleteOldEvents, [eventsKeptDays])
    },
  }
}
