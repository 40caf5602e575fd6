import type { AccountId, Money, OperationId, RefundId } from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { between } from '#kernel/failpoints'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import type { Ledger } from '#modules/ledger'
import { keys } from './attempt.ts'
import { keyAgeMsMax } from './limits.ts'
import { OutcomeUnknown, type PaymentProvider, ProviderRefused, ProviderUnavailable } from './provider.ts'
import {
  amountOf,
  beginTry,
  findRefund,
  findRefundByOperation,
  keepRefund,
  listDueRefunds,
  type RefundRow,
  recordRefunded,
  recordRefundFailed,
} from './refund-store.pg.ts'

export interface RefundsParts {
  readonly database: Database
  readonly provider: PaymentProvider
  readonly ledger: Ledger
  readonly log: Log
}

export interface RefundRequested {
  readonly refundId: RefundId
  readonly orderId: string
  readonly amount: Money
  readonly reason: string
  readonly state: 'pending' | 'succeeded' | 'failed'
}

/** Full refunds: the wish is stored first, then asked with a key made of it, then recorded and posted. */
export function createRefunds({ database, provider, ledger, log }: RefundsParts) {
  /** Answers the provider's reference, null where it is to be tried again later, or `refused`. */
  const ask = async (row: RefundRow & { ageMs: number }): Promise<string | null | 'refused'> => {
    const idempotencyKey = keys.refund(row.refundId)
    const request = { idempotencyKey, intentRef: row.intentRef, amount: amountOf(row) }
    try {
      if (row.tries > 1) {
        const found = await provider.findRefund(request)
        if (found) return found.refundRef
        if (row.ageMs > keyAgeMsMax) return 'refused'
      }
      const send = () => provider.refund(request)
      return (await between('payments.refund.sending', 'payments.refund.answered', send)).refundRef
    } catch (error) {
      if (error instanceof ProviderRefused) {
        log.error({ refundId: row.refundId, code: error.code }, 'a refund was refused by the provider')
        return 'refused'
      }
      if (!(error instanceof OutcomeUnknown) && !(error instanceof ProviderUnavailable)) throw error
      log.warn({ err: error, refundId: row.refundId }, 'a refund has no answer yet')
      return null
    }
  }

  return {
    /** Stores the wish. Null where nothing is captured, it is refunded, or another refund of the order stands. */
    intendRefund: async (
      tx: Transaction,
      wish: { checkoutId: string; reason: string; requestedBy: AccountId; operationId: OperationId },
    ): Promise<RefundRequested | null> => {
      const row = await keepRefund(tx, { ...wish, refundId: newId<RefundId>() })
      return row && toRequested(row)
    },

    refundOfOperation: async (accountId: AccountId, operationId: OperationId): Promise<RefundRequested | null> => {
      const row = await findRefundByOperation(database, accountId, operationId)
      return row && toRequested(row)
    },

    /**
     * Asks the provider and records the answer; `settled` joins that transaction and is called once for each refund
     * that succeeded. Repeats: a settled refund stays as it is. Answers its state.
     */
    settleRefund: async (
      refundId: string,
      settled: (tx: Transaction, refund: RefundRequested) => Promise<void>,
    ): Promise<RefundRequested['state']> => {
      const row = await beginTry(database, refundId)
      if (!row) return (await findRefund(database, refundId))?.state ?? 'failed'
      const answer = await ask(row)
      if (answer === null) return 'pending'
      if (answer === 'refused') {
        await recordRefundFailed(database, refundId)
        return 'failed'
      }
      await between('payments.refund.recording', 'payments.refund.recorded', () =>
        database.transaction(async (tx) => {
          if (!(await recordRefunded(tx, refundId, answer))) return
          await ledger.postFullRefund(tx, { refundId, orderId: row.orderId })
          await settled(tx, toRequested({ ...row, state: 'succeeded' }))
        }),
      )
      return 'succeeded'
    },

    dueRefunds: () => listDueRefunds(database),
  }
}

function toRequested(row: RefundRow): RefundRequested {
  const { refundId, orderId, reason, state } = row
  return { refundId, orderId, amount: amountOf(row), reason, state }
}
