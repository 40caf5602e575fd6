import type {
  AccountId,
  listOrders,
  Order,
  OrderId,
  RequestOf,
  ResponseOf,
  refundOrder,
} from '@livelot/client/contracts'
import { z } from 'zod'
import { writeOutbox } from '#infra/postgres/outbox'
import type { Database } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import type { PaymentsService, RefundRequested } from '#modules/payments'
import { type OrderRow, toOrder } from './order.ts'
import type { OrderStore } from './order-store.pg.ts'
import { refundJob } from './work.ts'

export interface OrdersParts {
  readonly database: Database
  readonly store: OrderStore
  readonly payments: Pick<PaymentsService, 'intendRefund' | 'refundOfOperation' | 'settleRefund'>
  readonly boardChanged: (showId: string) => void
}

type RefundRequest = RequestOf<typeof refundOrder>
type RefundAnswer = ResponseOf<typeof refundOrder>

export function createOrders({ database, store, payments, boardChanged }: OrdersParts) {
  const requestRefund = (account: AccountActor, request: RefundRequest): Promise<RefundRequested> =>
    database.transaction(async (tx) => {
      const order = await store.lock(tx, request.orderId)
      if (!order || !maySell(account, order)) throw new Refusal('order.not_found')
      const { reason, operationId } = request
      const wish = { checkoutId: order.checkoutId, reason, requestedBy: account.accountId, operationId }
      const refund = order.state === 'paid' ? await payments.intendRefund(tx, wish) : null
      if (!refund) throw new Refusal('order.not_refundable', { state: order.state })
      await writeOutbox(tx, refundJob, { refundId: refund.refundId })
      return refund
    })

  return {
    list: async (
      accountId: AccountId,
      request: RequestOf<typeof listOrders>,
    ): Promise<ResponseOf<typeof listOrders>> => {
      const beforeId = request.cursor === undefined ? null : parseCursor(request.cursor)
      const rows = await store.listOf(accountId, beforeId, request.limit + 1)
      const items = rows.slice(0, request.limit).map(toOrder)
      return { items, nextCursor: rows.length > request.limit ? (items.at(-1)?.orderId ?? null) : null }
    },

    /** Of the caller, or any for operators. Refuses: order.not_found. */
    get: async (account: AccountActor, orderId: OrderId): Promise<Order> => {
      const row = await store.find(orderId)
      const isSeen = row && (row.accountId === account.accountId || account.roles.includes('operator'))
      if (!isSeen) throw new Refusal('order.not_found')
      return toOrder(row)
    },

    /**
     * Wishes the whole amount back to the buyer; a job asks the provider. Units stay sold: goods come back by a return.
     * Repeats: the same operation id gives the same refund.
     * Refuses: order.not_found, order.not_refundable, idempotency.key_reused.
     */
    refund: async (account: AccountActor, request: RefundRequest): Promise<RefundAnswer> => {
      try {
        return answerOf(await requestRefund(account, request))
      } catch (error) {
        const earlier = await payments.refundOfOperation(account.accountId, request.operationId)
        if (!earlier) throw error
        if (earlier.orderId !== request.orderId || earlier.reason !== request.reason)
          throw new Refusal('idempotency.key_reused')
        return answerOf(earlier)
      }
    },

    /** Asks the provider for a wished refund and records it. Repeats: a settled one stays as it is. */
    settleRefund: async (refundId: string): Promise<void> => {
      let showId: string | null = null
      await payments.settleRefund(refundId, async (tx, refund) => {
        const changed = await store.markRefunded(tx, refund.orderId, refund.amount.amountMinor)
        assertThat(changed, 'a refunded order was paid')
        showId = changed.showId
      })
      if (showId) boardChanged(showId)
    },
  }
}

function maySell(account: AccountActor, order: OrderRow): boolean {
  if (account.roles.includes('operator')) return true
  // A creator belongs to the brand under which the goods were made up for a show.
  const mayHaveBrands = account.roles.includes('seller') || account.roles.includes('creator')
  return mayHaveBrands && account.brandIds.includes(order.brandId)
}

function answerOf(refund: RefundRequested): RefundAnswer {
  return { refundId: refund.refundId, amount: refund.amount, state: refund.state }
}

function parseCursor(cursor: string): string {
  const parsed = z.uuid().safeParse(cursor)
  if (parsed.success) return parsed.data
  throw new Refusal('request.invalid', { issues: [{ path: 'cursor', problem: 'not a cursor of ours' }] })
}
