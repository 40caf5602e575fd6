import { batchedOrAlone } from '#infra/postgres/batched'
import type { Database, Transaction } from '#infra/postgres/pool'
import { between } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import type { PaymentsService } from '#modules/payments'
import type { Claims } from './claims.ts'
import { batchLimits } from './limits.ts'
import { confirmationOf } from './order.ts'
import type { CheckoutStore, Turn } from './store.pg.ts'

export interface PaidParts {
  readonly database: Database
  readonly store: Pick<CheckoutStore, 'settlePaid'>
  readonly payments: Pick<PaymentsService, 'recordCaptureValues'>
  readonly claims: Pick<Claims, 'settle'>
  readonly log: Log
}

interface Paid {
  readonly turn: Turn
  readonly intentRef: string
}

/**
 * Records that checkouts are paid: capture, order, history, posting, letter and units in one transaction. Those that
 * come home at the same time share it. Answers false where a newer turn was taken.
 */
export function createPaidRecorder({ database, store, payments, claims, log }: PaidParts) {
  const record = (all: readonly Paid[]): Promise<boolean[]> =>
    between('checkout.paid.recording', 'checkout.paid.recorded', () => database.transaction((tx) => write(tx, all)))

  const write = async (tx: Transaction, all: readonly Paid[]): Promise<boolean[]> => {
    const captures = all.map(({ turn, intentRef }) => {
      const amount = { amountMinor: turn.totalMinor, currency: turn.currency }
      return { checkoutId: turn.checkoutId, intentRef, amount, sale: turn }
    })
    const turns = all.map(({ turn }) => turn)
    const mine = await store.settlePaid(tx, turns, turns.map(confirmationOf), payments.recordCaptureValues(captures))
    // Last, because others wait for these rows until the commit.
    await claims.settle(
      tx,
      turns.filter((one) => mine.has(one.checkoutId)),
    )
    return turns.map((turn) => mine.has(turn.checkoutId))
  }

  return batchedOrAlone(record, {
    ...batchLimits,
    onApart: (error, checkouts) => log.warn({ err: error, checkouts }, 'paid checkouts could not be recorded together'),
  })
}
