import type { AccountId, Checkout, Currency, OperationId } from '@livelot/client/contracts'
import { batched } from '#infra/postgres/batched'
import { type Queryable, statement } from '#infra/postgres/pool'
import { type Failure, type StoredState, shownState } from './checkout.ts'
import { batchLimits } from './limits.ts'

const columns = `c.id AS "checkoutId", c.account_id AS "accountId", c.order_id AS "orderId", o.order_number AS "orderNumber", c.state, c.failure,
  c.action_url AS "actionUrl", o.total_minor AS "totalMinor", o.currency,
  (extract(epoch FROM c.pay_before) * 1000)::bigint AS "payBeforeMs",
  c.is_open AND coalesce(c.lease_until > now(), false) AS "isInHand", c.is_open AND c.look_at <= now() AS "isDue"`
const selectViews = statement(
  'checkout.select_views',
  `SELECT ${columns} FROM checkouts c JOIN orders o ON o.id = c.order_id WHERE c.id = ANY($1::uuid[])`,
)
const selectByOperation = statement(
  'checkout.select_by_operation',
  `SELECT ${columns}, c.fingerprint FROM checkouts c JOIN orders o ON o.id = c.order_id
   WHERE c.account_id = $1 AND c.operation_id = $2`,
)
const selectStandings = statement(
  'checkout.select_standings',
  `SELECT id, state, is_open AS "isOpen", coalesce(lease_until > now(), false) AS "isLeased",
     coalesce(watch_until > now(), false) AS "isWatched"
   FROM checkouts WHERE id = ANY($1::uuid[])`,
)

const countOpen = statement(
  'checkout.count_open',
  'SELECT count(*) AS open FROM checkouts WHERE account_id = $1 AND is_open',
)

/** What the provider tells of checkouts that are not ours may look like anything. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface ViewRow {
  readonly accountId: AccountId
  readonly checkoutId: Checkout['checkoutId']
  readonly orderId: Checkout['orderId']
  readonly orderNumber: string
  readonly state: StoredState
  readonly failure: Failure | null
  readonly actionUrl: string | null
  readonly totalMinor: number
  readonly currency: Currency
  readonly payBeforeMs: number
  readonly isInHand: boolean
  readonly isDue: boolean
}

/** What is shown of a checkout, from any row that has these columns. */
export function viewOf(row: Omit<ViewRow, 'accountId' | 'isInHand' | 'isDue'>): Checkout {
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

interface StandingRow {
  readonly id: string
  readonly state: StoredState
  readonly isOpen: boolean
  readonly isLeased: boolean
  readonly isWatched: boolean
}

export function createCheckoutViews(db: Queryable) {
  const standing = batched(async (ids: readonly string[]): Promise<(StandingRow | null)[]> => {
    const known = ids.filter((id) => uuid.test(id))
    const rows = await db.query<StandingRow>(selectStandings, [known])
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id) ?? null)
  }, batchLimits)
  const view = batched(async (ids: readonly string[]): Promise<(ViewRow | null)[]> => {
    const rows = await db.query<ViewRow>(selectViews, [ids])
    const byId = new Map<string, ViewRow>(rows.map((row) => [row.checkoutId, row]))
    return ids.map((id) => byId.get(id) ?? null)
  }, batchLimits)
  return {
    /** `isInHand`: somebody acts on it now. `isNeglected`: nobody does, and somebody should have by now. */
    find: async (checkoutId: string, accountId: AccountId) => {
      const row = await view(checkoutId)
      if (row?.accountId !== accountId) return null
      return { checkout: viewOf(row), isInHand: row.isInHand, isNeglected: row.isDue && !row.isInHand }
    },
    findByOperation: async (accountId: AccountId, operationId: OperationId) => {
      const [row] = await db.query<ViewRow & { fingerprint: Buffer }>(selectByOperation, [accountId, operationId])
      return row ? { checkout: viewOf(row), fingerprint: row.fingerprint } : null
    },
    /** Checkouts of one buyer that are neither paid nor failed. */
    countOpen: async (accountId: AccountId): Promise<number> =>
      (await db.query<{ open: number }>(countOpen, [accountId]))[0]?.open ?? 0,
    /** Null for a checkout that is not ours. */
    standing,
  }
}

export type CheckoutViews = ReturnType<typeof createCheckoutViews>
