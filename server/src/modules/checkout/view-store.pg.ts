import type { AccountId, Checkout, Currency, OperationId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import { type Failure, type StoredState, shownState } from './checkout.ts'

const columns = `c.id AS "checkoutId", c.order_id AS "orderId", o.order_number AS "orderNumber", c.state, c.failure,
  c.action_url AS "actionUrl", o.total_minor AS "totalMinor", o.currency,
  (extract(epoch FROM c.pay_before) * 1000)::bigint AS "payBeforeMs",
  c.is_open AND (c.lease_until IS NULL OR c.lease_until <= now()) AS "isFree", c.look_at <= now() AS "isDue"`
const selectView = statement(
  'checkout.select_view',
  `SELECT ${columns} FROM checkouts c JOIN orders o ON o.id = c.order_id WHERE c.id = $1 AND c.account_id = $2`,
)
const selectByOperation = statement(
  'checkout.select_by_operation',
  `SELECT ${columns}, c.fingerprint FROM checkouts c JOIN orders o ON o.id = c.order_id
   WHERE c.account_id = $1 AND c.operation_id = $2`,
)
const selectStanding = statement(
  'checkout.select_standing',
  `SELECT state, is_open AS "isOpen", coalesce(lease_until > now(), false) AS "isLeased",
     coalesce(watch_until > now(), false) AS "isWatched" FROM checkouts WHERE id = $1`,
)

interface ViewRow {
  readonly checkoutId: Checkout['checkoutId']
  readonly orderId: Checkout['orderId']
  readonly orderNumber: string
  readonly state: StoredState
  readonly failure: Failure | null
  readonly actionUrl: string | null
  readonly totalMinor: number
  readonly currency: Currency
  readonly payBeforeMs: number
  readonly isFree: boolean
  readonly isDue: boolean
}

/** What is shown of a checkout, from any row that has these columns. */
export function viewOf(row: Omit<ViewRow, 'isFree' | 'isDue'>): Checkout {
  const { checkoutId, orderId, orderNumber, state, totalMinor, currency, payBeforeMs } = row
  return {
    checkoutId,
    orderId,
    orderNumber,
    state: shownState(state),
    actionUrl: state === 'needs_action' ? row.actionUrl : null,
    failure: state === 'failed' ? row.failure : null,
    total: { amountMinor: totalMinor, currency },
    payBeforeMs,
  }
}

export function createCheckoutViews(db: Queryable) {
  return {
    /** `isNeglected`: it should have been looked at by now and nobody is acting on it. */
    find: async (checkoutId: string, accountId: AccountId) => {
      const [row] = await db.query<ViewRow>(selectView, [checkoutId, accountId])
      return row ? { checkout: viewOf(row), isNeglected: row.isFree && row.isDue } : null
    },
    findByOperation: async (accountId: AccountId, operationId: OperationId) => {
      const [row] = await db.query<ViewRow & { fingerprint: Buffer }>(selectByOperation, [accountId, operationId])
      return row ? { checkout: viewOf(row), fingerprint: row.fingerprint } : null
    },
    standing: async (checkoutId: string) =>
      (
        await db.query<{ state: StoredState; isOpen: boolean; isLeased: boolean; isWatched: boolean }>(selectStanding, [
          checkoutId,
        ])
      )[0] ?? null,
  }
}

export type CheckoutViews = ReturnType<typeof createCheckoutViews>
