import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import type { Ledger } from '#modules/ledger'
import { createAttempts } from './attempts.ts'
import { createCards } from './cards.ts'
import { createInbox } from './inbox.ts'
import type { PaymentProvider } from './provider.ts'
import { createRefunds } from './refunds.ts'

export interface PaymentsParts {
  readonly database: Database
  readonly provider: PaymentProvider
  readonly ledger: Ledger
  readonly log: Log
}

/** Everything that is asked of, and heard from, the payment provider. */
export function createPaymentsService(parts: PaymentsParts) {
  return { ...createCards(parts), ...createAttempts(parts), ...createRefunds(parts), ...createInbox(parts) }
}

export type PaymentsService = ReturnType<typeof createPaymentsService>
