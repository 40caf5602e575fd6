import type { AccountId, Address, BundleId, CheckoutId, Currency, OrderId, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { newId } from '#kernel/ids'
import { type Failure, type StoredState, shownState } from './checkout.ts'
import { emptyParcel, type Parcel } from './parcel.ts'

// The row is locked either way, so that wins which come home together are priced one after the other.
const lockBundle = statement(
  'checkout.lock_bundle',
  `INSERT INTO order_bundles (id, account_id, show_id, currency, address) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (account_id, show_id, currency, address_key) WHERE closed_at IS NULL
   DO UPDATE SET account_id = excluded.account_id RETURNING id`,
)
const parcelColumns = `count(*)::int AS orders, coalesce(sum(o.parcel_grams), 0)::int AS grams,
  coalesce(sum(o.shipping_minor), 0)::bigint AS "shippingMinor"`
const isInParcel = `o.state IN ('payment_pending', 'paid')`
const selectParcel = statement(
  'checkout.select_parcel',
  `SELECT ${parcelColumns} FROM orders o WHERE o.bundle_id = $1 AND ${isInParcel}`,
)
const selectOpenParcel = statement(
  'checkout.select_open_parcel',
  `SELECT ${parcelColumns} FROM order_bundles b JOIN orders o ON o.bundle_id = b.id
   WHERE b.account_id = $1 AND b.show_id = $2 AND b.currency = $3 AND b.address_key = md5($4::jsonb::text)
     AND b.closed_at IS NULL AND ${isInParcel}`,
)
const selectStandings = statement(
  'checkout.select_win_standings',
  `SELECT c.id AS "checkoutId", c.state, c.is_open AS "isOpen", c.failure, c.action_url AS "actionUrl",
     o.id AS "orderId", o.order_number AS "orderNumber", o.total_minor AS "totalMinor", o.bundle_id AS "bundleId"
   FROM checkouts c JOIN orders o ON o.id = c.order_id WHERE c.id = ANY($1::uuid[])`,
)
const endPayTime = statement(
  'checkout.end_pay_time',
  `UPDATE checkouts SET pay_before = to_timestamp($2::bigint / 1000.0),
     look_at = least(look_at, to_timestamp($2::bigint / 1000.0)) WHERE id = $1 AND is_open`,
)

export interface BundleKey {
  readonly accountId: AccountId
  readonly showId: ShowId
  readonly currency: Currency
  readonly address: Address
}

interface StandingRow {
  readonly checkoutId: CheckoutId
  readonly state: StoredState
  readonly isOpen: boolean
  readonly failure: Failure | null
  readonly actionUrl: string | null
  readonly orderId: OrderId
  readonly orderNumber: string
  readonly totalMinor: number
  readonly bundleId: BundleId | null
}

/** Checkouts of won lots, and the parcels that they go in. */
export function createWinStore(db: Queryable) {
  const first = async (rows: Promise<Parcel[]>): Promise<Parcel> => (await rows)[0] ?? emptyParcel
  const valuesOf = ({ accountId, showId, currency, address }: BundleKey) => [
    accountId,
    showId,
    currency,
    JSON.stringify(address),
  ]
  return {
    /** The buyer's open parcel of the show as it stands, its row locked until the transaction ends. */
    lockParcel: async (tx: Transaction, key: BundleKey): Promise<{ bundleId: BundleId; parcel: Parcel }> => {
      const rows = await tx.query<{ id: BundleId }>(lockBundle, [newId(), ...valuesOf(key)])
      const { id } = rows[0] as { id: BundleId }
      return { bundleId: id, parcel: await first(tx.query<Parcel>(selectParcel, [id])) }
    },
    parcelOf: (key: BundleKey): Promise<Parcel> => first(db.query<Parcel>(selectOpenParcel, valuesOf(key))),
    standings: async (checkoutIds: readonly CheckoutId[]) => {
      const rows = checkoutIds.length > 0 ? await db.query<StandingRow>(selectStandings, [checkoutIds]) : []
      return new Map(rows.map((row) => [row.checkoutId, { ...row, state: shownState(row.state) }]))
    },
    endPayTime: async (tx: Transaction, checkoutId: CheckoutId, atMs: number): Promise<void> => {
      await tx.query(endPayTime, [checkoutId, atMs])
    },
  }
}
