import { batched } from '#infra/postgres/batched'
import { type Database, statement } from '#infra/postgres/pool'
import { between } from '#kernel/failpoints'
import { batchLimits, eventsKeptDays } from './limits.ts'
import type { PaymentEvent, PaymentProvider, WebhookHeaders } from './provider.ts'

const insertEvents = statement(
  'payments.insert_events',
  `INSERT INTO payment_events (provider, event_ref, type, happened_at)
   SELECT $1, one.event_ref, one.type, one.happened_at
   FROM unnest($2::text[], $3::text[], $4::timestamptz[]) AS one (event_ref, type, happened_at)
   ORDER BY one.event_ref ON CONFLICT DO NOTHING RETURNING event_ref`,
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
  /** True for the first delivery of an event. Deliveries come in swarms, so they are stored together. */
  const isNew = batched(async (events: readonly PaymentEvent[]): Promise<boolean[]> => {
    const columns = [
      events.map((one) => one.eventRef),
      events.map((one) => one.type),
      events.map((one) => one.createdAt),
    ]
    const rows = await database.query<{ event_ref: string }>(insertEvents, [provider.name, ...columns])
    const added = new Set(rows.map((row) => row.event_ref))
    return events.map((one) => added.delete(one.eventRef))
  }, batchLimits)

  return {
    /** Proves, reads and stores one delivery. Repeats: an event told before answers `repeated`. */
    receive: async (rawBody: Buffer | string, headers: WebhookHeaders): Promise<Received> => {
      const reading = provider.parseWebhook(rawBody, headers)
      if (reading.kind !== 'event') return reading
      const { event } = reading
      const isFirst = await between('payments.webhook.keeping', 'payments.webhook.kept', () => isNew(event))
      return isFirst ? { kind: 'new', event } : { kind: 'repeated' }
    },

    forgetOldEvents: async (): Promise<void> => {
      await database.query(deleteOldEvents, [eventsKeptDays])
    },
  }
}
