import type { AccountId, CreatorId, FlashSaleId, HoldId, OperationId, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import type { SaleRecord } from './flash-sale.ts'
import { endedHoldsMax } from './limits.ts'
import type { KnownHold } from './store.redis.ts'

const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`
const at = (parameter: string) => `to_timestamp(${parameter}::bigint / 1000.0)`

const columns = `s.id AS "flashSaleId", s.show_id AS "showId", s.creator_id AS "creatorId", s.product_id AS "productId",
  s.variant_id AS "variantId", s.product_name AS "productName", s.variant_name AS "variantName",
  s.picture_url AS "pictureUrl", s.price_minor AS "priceMinor", s.prior_price_minor AS "priorPriceMinor", s.currency,
  s.total_units AS "totalUnits", s.per_buyer_limit AS "perBuyerLimit", ${ms('s.opens_at')} AS "opensAtMs",
  ${ms('s.closes_at')} AS "closesAtMs", ${ms('s.finished_at')} AS "finishedAtMs",
  s.waiting_room_commitment AS "waitingRoomCommitment"`

const readClock = statement('flash_sales.now', `SELECT ${ms('clock_timestamp()')} AS "nowMs"`)
const saleById = statement('flash_sales.sale_by_id', `SELECT ${columns} FROM flash_sales s WHERE s.id = $1`)
const saleOfOperation = statement(
  'flash_sales.sale_of_operation',
  `SELECT ${columns}, s.request_hash AS "requestHash" FROM flash_sales s WHERE s.creator_id = $1 AND s.operation_id = $2`,
)
const unfinished = statement(
  'flash_sales.unfinished',
  `SELECT ${columns} FROM flash_sales s WHERE s.finished_at IS NULL ORDER BY s.opens_at LIMIT 10000`,
)
const unfinishedOfShow = statement(
  'flash_sales.unfinished_of_show',
  `SELECT ${columns} FROM flash_sales s WHERE s.show_id = $1 AND s.finished_at IS NULL`,
)
const salesOfShow = statement(
  'flash_sales.sales_of_show',
  `SELECT ${columns} FROM flash_sales s WHERE s.show_id = $1 ORDER BY s.opens_at DESC LIMIT 20`,
)
const insertSale = statement(
  'flash_sales.insert_sale',
  `INSERT INTO flash_sales (id, show_id, creator_id, product_id, variant_id, product_name, variant_name, picture_url,
     price_minor, prior_price_minor, currency, total_units, per_buyer_limit, opens_at, closes_at, operation_id, request_hash,
     waiting_room_commitment)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, ${at('$14')}, ${at('$15')}, $16, $17, $18)
   ON CONFLICT ON CONSTRAINT flash_sales_operation_unique DO NOTHING RETURNING id`,
)
const insertUnits = statement(
  'flash_sales.insert_units',
  'INSERT INTO flash_sale_units (flash_sale_id, unit_no) SELECT $1, n FROM generate_series(1, $2::int) n',
)
const insertCursor = statement(
  'flash_sales.insert_cursor',
  'INSERT INTO flash_sale_log_cursors (flash_sale_id) VALUES ($1)',
)
const closeEarly = statement(
  'flash_sales.close_early',
  `UPDATE flash_sales SET closes_at = date_trunc('milliseconds', clock_timestamp())
   WHERE id = $1 AND closes_at > clock_timestamp()`,
)
const lockUnfinished = statement(
  'flash_sales.lock_unfinished',
  'SELECT total_units AS "totalUnits" FROM flash_sales WHERE id = $1 AND finished_at IS NULL FOR UPDATE',
)
const holdSums = statement(
  'flash_sales.hold_sums',
  `SELECT count(*) FILTER (WHERE state IN ('live', 'claimed')) AS open,
     coalesce(sum(units) FILTER (WHERE state = 'settled'), 0)::int AS "soldUnits" FROM holds WHERE flash_sale_id = $1`,
)
const deleteFreeUnits = statement(
  'flash_sales.delete_free_units',
  `WITH gone AS (DELETE FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NULL RETURNING 1)
   SELECT count(*) AS units FROM gone`,
)
const markFinished = statement('flash_sales.mark_finished', 'UPDATE flash_sales SET finished_at = now() WHERE id = $1')

// One statement, so that all parts are of one moment.
const contentsOfGate = statement(
  'flash_sales.contents_of_gate',
  `WITH known AS (
     SELECT id, account_id, units, state, ${ms('coalesce(expires_at, created_at)')} AS expires_at_ms, operation_id,
       coalesce(remaining_then, 0) AS remaining_then
     FROM holds WHERE flash_sale_id = $1
   ),
   rows AS (
     SELECT state IN ('live', 'claimed') AS is_open, id, json_build_object('holdId', id, 'accountId', account_id, 'units', units,
       'expiresAtMs', expires_at_ms, 'operationId', operation_id, 'remainingThen', remaining_then,
       'how', CASE state WHEN 'live' THEN 'restored' ELSE state END) AS hold
     FROM known
   ),
   counted AS (
     SELECT account_id, units FROM flash_sale_buyers WHERE flash_sale_id = $1 AND units > 0
     UNION ALL SELECT account_id, units FROM known WHERE state = 'live'
   )
   SELECT (SELECT count(*) FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NULL) AS "freeUnits",
     (SELECT coalesce(sum(units), 0)::int FROM known WHERE state = 'live') AS "liveUnits",
     (SELECT coalesce(sum(units), 0)::int FROM known WHERE state = 'settled') AS "soldUnits",
     (SELECT coalesce(json_agg(hold), '[]') FROM rows WHERE is_open) AS open,
     (SELECT coalesce(json_agg(hold), '[]') FROM
       (SELECT hold FROM rows WHERE NOT is_open ORDER BY id DESC LIMIT ${endedHoldsMax}) newest) AS ended,
     (SELECT coalesce(json_agg(json_build_array(account_id, units)), '[]') FROM
       (SELECT account_id, sum(units)::int AS units FROM counted GROUP BY account_id) sums) AS buyers`,
)
const figuresOf = statement(
  'flash_sales.figures',
  `SELECT (SELECT count(*) FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NULL) AS "freeUnits",
     coalesce(sum(units) FILTER (WHERE state = 'live'), 0)::int AS "liveUnits",
     coalesce(sum(units) FILTER (WHERE state = 'settled'), 0)::int AS "soldUnits"
   FROM holds WHERE flash_sale_id = $1`,
)
const liveHoldsOf = statement(
  'flash_sales.live_holds_of_account',
  `SELECT h.id AS "holdId", h.units, ${ms('h.expires_at')} AS "expiresAtMs", s.id AS "flashSaleId",
     s.price_minor AS "priceMinor", s.currency
   FROM holds h JOIN flash_sales s ON s.id = h.flash_sale_id
   WHERE h.account_id = $1 AND h.state = 'live' AND h.expires_at > now() ORDER BY h.id`,
)

export interface NewSale extends Omit<SaleRecord, 'finishedAtMs'> {
  readonly operationId: OperationId
  readonly requestHash: Buffer
}

/** Figures by Postgres alone. */
export interface TrueFigures {
  readonly freeUnits: number
  readonly liveUnits: number
  readonly soldUnits: number
}

interface ContentsRow extends TrueFigures {
  readonly open: readonly KnownHold[]
  readonly ended: readonly KnownHold[]
  readonly buyers: readonly (readonly [AccountId, number])[]
}

export interface AccountHold extends Pick<SaleRecord, 'flashSaleId' | 'priceMinor' | 'currency'> {
  readonly holdId: HoldId
  readonly units: number
  readonly expiresAtMs: number
}

const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null
const only = async <Row>(rows: Promise<Row[]>): Promise<Row> => (await rows)[0] as Row

/** Sales in Postgres: the record that gates are written from. */
export const saleStore = {
  nowMs: async (on: Queryable) => (await only(on.query<{ nowMs: number }>(readClock))).nowMs,
  byId: (on: Queryable, flashSaleId: FlashSaleId) => first(on.query<SaleRecord>(saleById, [flashSaleId])),
  byOperation: (on: Queryable, creatorId: CreatorId, operationId: OperationId) =>
    first(on.query<SaleRecord & { requestHash: Buffer }>(saleOfOperation, [creatorId, operationId])),
  unfinished: (on: Queryable) => on.query<SaleRecord>(unfinished),
  unfinishedOfShow: (on: Queryable, showId: ShowId) => on.query<SaleRecord>(unfinishedOfShow, [showId]),
  ofShow: (on: Queryable, showId: ShowId) => on.query<SaleRecord>(salesOfShow, [showId]),

  /** The sale with its units. False where the operation id was used before; then nothing is written. */
  insert: async (tx: Transaction, sale: NewSale): Promise<boolean> => {
    const { flashSaleId, showId, creatorId, productId, variantId, productName, variantName, pictureUrl } = sale
    const { priceMinor, priorPriceMinor, currency, totalUnits, perBuyerLimit, opensAtMs, closesAtMs } = sale
    const names = [productName, variantName, pictureUrl, priceMinor, priorPriceMinor, currency, totalUnits]
    const times = [perBuyerLimit, opensAtMs, closesAtMs, sale.operationId, sale.requestHash, sale.waitingRoomCommitment]
    const ids = [flashSaleId, showId, creatorId, productId, variantId]
    if ((await tx.query(insertSale, [...ids, ...names, ...times])).length === 0) return false
    await tx.query(insertUnits, [flashSaleId, totalUnits])
    await tx.query(insertCursor, [flashSaleId])
    return true
  },
  closeEarly: async (on: Queryable, flashSaleId: FlashSaleId): Promise<void> => {
    await on.query(closeEarly, [flashSaleId])
  },

  /** Ends the sale's books where no hold is open any more: answers the units sold, or null where it is too early or done. */
  finish: async (
    tx: Transaction,
    flashSaleId: FlashSaleId,
  ): Promise<{ soldUnits: number; unsoldUnits: number } | null> => {
    const sale = await first(tx.query<{ totalUnits: number }>(lockUnfinished, [flashSaleId]))
    if (!sale) return null
    const sums = await only(tx.query<{ open: number; soldUnits: number }>(holdSums, [flashSaleId]))
    if (sums.open > 0) return null
    const { units } = await only(tx.query<{ units: number }>(deleteFreeUnits, [flashSaleId]))
    // A claim that came in between took a unit after the sums were read: the transaction is given up, a sweep comes again.
    assertThat(units + sums.soldUnits === sale.totalUnits, 'a sale is finished when every unit is sold or free')
    await tx.query(markFinished, [flashSaleId])
    return { soldUnits: sums.soldUnits, unsoldUnits: units }
  },

  contentsOfGate: (on: Queryable, flashSaleId: FlashSaleId) =>
    only(on.query<ContentsRow>(contentsOfGate, [flashSaleId])),
  figures: (on: Queryable, flashSaleId: FlashSaleId) => only(on.query<TrueFigures>(figuresOf, [flashSaleId])),
  liveHoldsOf: (on: Queryable, accountId: AccountId) => on.query<AccountHold>(liveHoldsOf, [accountId]),
}
