import type { AccountId, CheckoutId, CouponId, CreatorId, OperationId, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { CouponRecord, NewCoupon } from './coupon.ts'

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`
const columns = `c.id AS "couponId", c.show_id AS "showId", c.creator_id AS "creatorId", c.code, c.percent,
  c.cap_minor AS "capMinor", c.amount_minor AS "amountMinor", c.currency, c.minimum_items_minor AS "minimumItemsMinor",
  c.applies_to_flash_sales AS "appliesToFlashSales", c.redemptions_max AS "redemptionsMax",
  c.redemption_count AS "redemptionCount", ${ms('c.valid_until')} AS "validUntilMs",
  ${ms('c.announced_at')} AS "announcedAtMs", ${ms('c.ended_at')} AS "endedAtMs", ${ms('c.created_at')} AS "createdAtMs",
  c.ended_at IS NOT NULL OR c.valid_until <= clock_timestamp() AS "isOver"`
const nowMs = `date_trunc('milliseconds', clock_timestamp())`

const insert = statement(
  'coupons.insert',
  `INSERT INTO coupons (id, show_id, creator_id, code, percent, cap_minor, amount_minor, currency, minimum_items_minor,
     applies_to_flash_sales, redemptions_max, valid_until, operation_id, request_hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, ${nowMs} + $12 * interval '1 minute', $13, $14)
   ON CONFLICT ON CONSTRAINT coupons_operation_unique DO NOTHING`,
)
const byId = statement('coupons.by_id', `SELECT ${columns} FROM coupons c WHERE c.id = $1`)
const byOperation = statement(
  'coupons.by_operation',
  `SELECT ${columns}, c.request_hash AS "requestHash" FROM coupons c WHERE c.creator_id = $1 AND c.operation_id = $2`,
)
const byCode = statement(
  'coupons.by_code',
  `SELECT ${columns}, EXISTS (
     SELECT FROM coupon_redemptions r WHERE r.coupon_id = c.id AND r.account_id = $3) AS "isUsedByCaller"
   FROM coupons c WHERE c.creator_id = $1 AND c.code = $2`,
)
const listOfShow = statement(
  'coupons.list_of_show',
  `SELECT ${columns} FROM coupons c WHERE c.show_id = $1 ORDER BY c.created_at DESC, c.id DESC`,
)
const countOfShow = statement('coupons.count_of_show', 'SELECT count(*) AS coupons FROM coupons WHERE show_id = $1')
const shownInRoom = statement(
  'coupons.shown_in_room',
  `SELECT ${columns} FROM coupons c WHERE c.show_id = $1 AND c.announced_at IS NOT NULL AND c.ended_at IS NULL
     AND c.valid_until > clock_timestamp()`,
)
const announce = statement(
  'coupons.announce',
  `UPDATE coupons SET announced_at = ${nowMs}
   WHERE id = $1 AND announced_at IS NULL AND ended_at IS NULL AND valid_until > clock_timestamp() RETURNING id`,
)
const end = statement(
  'coupons.end',
  `UPDATE coupons SET ended_at = ${nowMs} WHERE id = $1 AND ended_at IS NULL
   RETURNING announced_at IS NOT NULL AS "isAnnounced"`,
)

// The key decides between tries of one person, the counter's row between people. Both are held until the commit.
const redeem = statement(
  'coupons.redeem',
  `WITH mine AS (
     INSERT INTO coupon_redemptions (coupon_id, account_id, checkout_id) VALUES ($1, $2, $3)
     ON CONFLICT ON CONSTRAINT coupon_redemptions_pkey DO NOTHING RETURNING coupon_id
   ), counted AS (
     UPDATE coupons c SET redemption_count = c.redemption_count + 1 FROM mine
     WHERE c.id = mine.coupon_id AND c.ended_at IS NULL AND c.valid_until > clock_timestamp()
       AND c.redemption_count < c.redemptions_max
     RETURNING c.id
   )
   SELECT EXISTS (SELECT FROM mine) AS "isFirst", EXISTS (SELECT FROM counted) AS "isCounted"`,
)
const giveBack = statement(
  'coupons.give_back',
  `WITH freed AS (DELETE FROM coupon_redemptions WHERE checkout_id = $1 RETURNING coupon_id)
   UPDATE coupons c SET redemption_count = c.redemption_count - 1 FROM freed WHERE c.id = freed.coupon_id`,
)

const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null

export const couponStore = {
  /** Does nothing where the operation id was used before. Violates coupons_code_unique where the code is taken. */
  insert: async (tx: Transaction, one: NewCoupon): Promise<void> => {
    const { couponId, showId, creatorId, code, discount, currency, minimumItemsMinor, appliesToFlashSales } = one
    const terms =
      discount.kind === 'percent' ? [discount.percent, discount.capMinor, null] : [null, null, discount.amountMinor]
    const limits = [currency, minimumItemsMinor, appliesToFlashSales, one.redemptionsMax, one.validMinutes]
    await tx.query(insert, [couponId, showId, creatorId, code, ...terms, ...limits, one.operationId, one.requestHash])
  },
  byId: (on: Queryable, couponId: CouponId) => first(on.query<CouponRecord>(byId, [couponId])),
  byOperation: (on: Queryable, creatorId: CreatorId, operationId: OperationId) =>
    first(on.query<CouponRecord & { requestHash: Buffer }>(byOperation, [creatorId, operationId])),
  byCode: (on: Queryable, creatorId: CreatorId, code: string, accountId: AccountId | null) =>
    first(on.query<CouponRecord & { isUsedByCaller: boolean }>(byCode, [creatorId, code, accountId])),
  listOfShow: (on: Queryable, showId: ShowId) => on.query<CouponRecord>(listOfShow, [showId]),
  countOfShow: async (on: Queryable, showId: ShowId): Promise<number> =>
    (await first(on.query<{ coupons: number }>(countOfShow, [showId])))?.coupons ?? 0,
  shownInRoom: (on: Queryable, showId: ShowId) => on.query<CouponRecord>(shownInRoom, [showId]),

  /** True for one caller only, and only while the coupon may be used. */
  announce: async (tx: Transaction, couponId: CouponId): Promise<boolean> =>
    (await tx.query(announce, [couponId])).length === 1,
  /** Null where it was ended before. */
  end: (tx: Transaction, couponId: CouponId) => first(tx.query<{ isAnnounced: boolean }>(end, [couponId])),

  redeem: async (tx: Transaction, couponId: CouponId, accountId: AccountId, checkoutId: CheckoutId) => {
    const one = await first(
      tx.query<{ isFirst: boolean; isCounted: boolean }>(redeem, [couponId, accountId, checkoutId]),
    )
    if (!one?.isFirst) return 'used-by-account'
    return one.isCounted ? 'redeemed' : 'none-left'
  },
  giveBack: async (tx: Transaction, checkoutId: string): Promise<void> => {
    await tx.query(giveBack, [checkoutId])
  },
}
