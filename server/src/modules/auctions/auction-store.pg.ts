import {
  type AccountId,
  type AuctionId,
  type CreatorId,
  IncrementSteps,
  type OperationId,
  type ShowId,
} from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { AuctionRecord, AuctionResult } from './auction.ts'
import { readTerms } from './lot.ts'

const columns = `a.id AS "auctionId", a.lot_id AS "lotId", a.show_id AS "showId", a.creator_id AS "creatorId",
  a.lot_number AS "lotNumber", a.brand_id AS "brandId", a.product_id AS "productId", a.variant_id AS "variantId",
  a.title, a.picture_url AS "pictureUrl", a.currency, a.start_price_minor AS "startPriceMinor", a.terms, a.increments,
  a.operation_id AS "operationId", (extract(epoch from a.closed_at) * 1000)::bigint AS "closedAtMs"`

const byId = statement('auctions.auction_by_id', `SELECT ${columns} FROM auctions a WHERE a.id = $1`)
const byIds = statement('auctions.auctions_by_ids', `SELECT ${columns} FROM auctions a WHERE a.id = ANY($1::uuid[])`)
const byOperation = statement(
  'auctions.auction_of_operation',
  `SELECT ${columns} FROM auctions a WHERE a.creator_id = $1 AND a.operation_id = $2`,
)
const running = statement(
  'auctions.running',
  `SELECT ${columns} FROM auctions a WHERE a.closed_at IS NULL ORDER BY a.id`,
)
const runningOfShow = statement(
  'auctions.running_of_show',
  `SELECT ${columns} FROM auctions a WHERE a.show_id = $1 AND a.closed_at IS NULL ORDER BY a.id`,
)
const closedOfShow = statement(
  'auctions.closed_of_show',
  `SELECT ${columns} FROM auctions a WHERE a.show_id = $1 AND a.closed_at IS NOT NULL
   ORDER BY a.closed_at DESC, a.id DESC OFFSET $2 LIMIT $3`,
)
const insert = statement(
  'auctions.insert_auction',
  `INSERT INTO auctions (id, lot_id, show_id, creator_id, lot_number, brand_id, product_id, variant_id, title, picture_url,
     currency, start_price_minor, terms, increments, operation_id)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
)
const insertCursor = statement(
  'auctions.insert_cursor',
  'INSERT INTO auction_log_cursors (auction_id, hash) VALUES ($1, $2)',
)
const close = statement(
  'auctions.close_auction',
  'UPDATE auctions SET closed_at = to_timestamp($2::bigint / 1000.0) WHERE id = $1 AND closed_at IS NULL',
)
const insertResult = statement(
  'auctions.insert_result',
  `INSERT INTO auction_results (auction_id, outcome, winner_account_id, paddle, price_minor, close_seq, root,
     root_signature, closed_at)
   VALUES ($1, $2, $3, $4, $5, $6, decode($7, 'hex'), $8, to_timestamp($9::bigint / 1000.0))`,
)
const resultOf = statement(
  'auctions.result_of',
  `SELECT auction_id AS "auctionId", outcome, winner_account_id AS "winnerAccountId", paddle,
     price_minor AS "priceMinor", close_seq AS "closeSeq", encode(root, 'hex') AS root,
     root_signature AS "rootSignature", (extract(epoch from closed_at) * 1000)::bigint AS "closedAtMs"
   FROM auction_results WHERE auction_id = $1`,
)
// Each bidder of an auction with the highest own bid; the earlier of equal bids stands first.
const bidders = statement(
  'auctions.bidders_of',
  `SELECT account_id AS "accountId", paddle, amount_minor AS "maximumMinor" FROM (
     SELECT DISTINCT ON (account_id) account_id, paddle, amount_minor, seq FROM auction_ledger
     WHERE auction_id = $1 AND account_id IS NOT NULL ORDER BY account_id, amount_minor DESC, seq
   ) best ORDER BY amount_minor DESC, seq`,
)
const usePreBids = statement(
  'auctions.use_pre_bids',
  `UPDATE pre_bids SET state = 'used', auction_id = $2 WHERE lot_id = $1 AND state = 'open'`,
)

/** Somebody who has bid, with the highest own bid. */
export interface BidderOf {
  readonly accountId: AccountId
  readonly paddle: number
  readonly maximumMinor: number
}

const read = (row: AuctionRecord): AuctionRecord => ({
  ...row,
  terms: readTerms(row.terms),
  increments: IncrementSteps.parse(row.increments),
})
const all = async (rows: Promise<AuctionRecord[]>): Promise<AuctionRecord[]> => (await rows).map(read)
const first = async (rows: Promise<AuctionRecord[]>): Promise<AuctionRecord | null> => (await all(rows))[0] ?? null

/** Auctions and their results in Postgres. */
export const auctionStore = {
  byId: (on: Queryable, auctionId: AuctionId) => first(on.query<AuctionRecord>(byId, [auctionId])),
  byIds: async (on: Queryable, auctionIds: readonly AuctionId[]): Promise<ReadonlyMap<AuctionId, AuctionRecord>> =>
    new Map((await all(on.query<AuctionRecord>(byIds, [auctionIds]))).map((one) => [one.auctionId, one])),
  byOperation: (on: Queryable, creatorId: CreatorId, operationId: OperationId) =>
    first(on.query<AuctionRecord>(byOperation, [creatorId, operationId])),
  running: (on: Queryable) => all(on.query<AuctionRecord>(running)),
  runningOfShow: (on: Queryable, showId: ShowId) => all(on.query<AuctionRecord>(runningOfShow, [showId])),
  /** Newest close first. */
  closedOfShow: (on: Queryable, showId: ShowId, page: { readonly skip: number; readonly limit: number }) =>
    all(on.query<AuctionRecord>(closedOfShow, [showId, page.skip, page.limit])),

  /** The auction with its cursor and its pre-bids. */
  insert: async (tx: Transaction, auction: AuctionRecord, hash: Buffer): Promise<void> => {
    const { auctionId, lotId, showId, creatorId, lotNumber, brandId, productId, variantId, title, pictureUrl } = auction
    const { currency, startPriceMinor, terms, increments, operationId } = auction
    const goods = [brandId, productId, variantId, title, pictureUrl, currency, startPriceMinor]
    const frozen = [JSON.stringify(terms), JSON.stringify(increments), operationId]
    await tx.query(insert, [auctionId, lotId, showId, creatorId, lotNumber, ...goods, ...frozen])
    await tx.query(insertCursor, [auctionId, hash])
    await tx.query(usePreBids, [lotId, auctionId])
  },

  /** Writes the one result of an auction. A second one is refused by its key. */
  insertResult: async (tx: Transaction, result: AuctionResult): Promise<void> => {
    const { auctionId, outcome, winnerAccountId, paddle, priceMinor, closeSeq, root, rootSignature, closedAtMs } =
      result
    const how = [outcome, winnerAccountId, paddle, priceMinor]
    await tx.query(insertResult, [auctionId, ...how, closeSeq, root, rootSignature, closedAtMs])
    await tx.query(close, [auctionId, closedAtMs])
  },
  result: async (on: Queryable, auctionId: AuctionId): Promise<AuctionResult | null> =>
    (await on.query<AuctionResult>(resultOf, [auctionId]))[0] ?? null,
  bidders: (on: Queryable, auctionId: AuctionId) => on.query<BidderOf>(bidders, [auctionId]),
}
