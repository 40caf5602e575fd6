import type {
  AccountId,
  AuctionId,
  CreatorId,
  Currency,
  LotId,
  LotState,
  OperationId,
  ShowId,
} from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { type LotRecord, readTerms } from './lot.ts'

const columns = `l.id AS "lotId", l.show_id AS "showId", l.creator_id AS "creatorId", l.number, l.position,
  l.product_id AS "productId", l.variant_id AS "variantId", l.brand_id AS "brandId", l.title,
  l.picture_url AS "pictureUrl", l.currency, l.start_price_minor AS "startPriceMinor", l.terms, l.state,
  l.auction_id AS "auctionId", l.unit_reference AS "unitReference",
  (SELECT count(*)::int FROM pre_bids p WHERE p.lot_id = l.id AND p.state = 'open') AS "preBidCount"`

const byId = statement('auctions.lot_by_id', `SELECT ${columns} FROM lots l WHERE l.id = $1 AND l.removed_at IS NULL`)
const lockById = statement(
  'auctions.lock_lot',
  `SELECT ${columns} FROM lots l WHERE l.id = $1 AND l.removed_at IS NULL FOR NO KEY UPDATE OF l`,
)
const byOperation = statement(
  'auctions.lot_of_operation',
  `SELECT ${columns}, l.request_hash AS "requestHash" FROM lots l WHERE l.creator_id = $1 AND l.operation_id = $2`,
)
const queueOf = statement(
  'auctions.lots_of_show',
  `SELECT ${columns} FROM lots l WHERE l.show_id = $1 AND l.removed_at IS NULL ORDER BY l.position, l.number`,
)
const nextPlaces = statement(
  'auctions.next_lot_places',
  `SELECT coalesce(max(number), 0) + 1 AS number, coalesce(max(position), 0) AS position,
     count(*) FILTER (WHERE removed_at IS NULL)::int AS lots,
     min(currency) FILTER (WHERE removed_at IS NULL) AS currency
   FROM lots WHERE show_id = $1`,
)
const insert = statement(
  'auctions.insert_lot',
  `INSERT INTO lots (id, show_id, creator_id, number, position, brand_id, product_id, variant_id, title, picture_url,
     currency, start_price_minor, terms, unit_reference, operation_id, request_hash)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
   ON CONFLICT ON CONSTRAINT lots_operation_unique DO NOTHING RETURNING id`,
)
const setTerms = statement('auctions.set_lot_terms', 'UPDATE lots SET start_price_minor = $2, terms = $3 WHERE id = $1')
const setPositions = statement(
  'auctions.set_lot_positions',
  `UPDATE lots l SET position = n.position FROM unnest($1::uuid[], $2::int[]) AS n (id, position) WHERE l.id = n.id`,
)
const remove = statement('auctions.remove_lot', 'UPDATE lots SET removed_at = now() WHERE id = $1')
const setRun = statement(
  'auctions.set_lot_run',
  'UPDATE lots SET state = $2, auction_id = $3, unit_reference = $4 WHERE id = $1',
)
const voidPreBids = statement(
  'auctions.void_pre_bids',
  `UPDATE pre_bids SET state = 'void' WHERE lot_id = $1 AND state = 'open' AND maximum_minor < $2
   RETURNING account_id AS "accountId", maximum_minor AS "maximumMinor"`,
)

interface NextPlaces {
  readonly number: number
  readonly position: number
  readonly lots: number
  /** One for all lots of a show; null before the first. */
  readonly currency: Currency | null
}

export interface VoidedPreBid {
  readonly accountId: AccountId
  readonly maximumMinor: number
}

export interface NewLot extends Omit<LotRecord, 'state' | 'auctionId' | 'preBidCount'> {
  readonly operationId: OperationId
  readonly requestHash: Buffer
}

const read = <Row extends LotRecord>(row: Row): Row => ({ ...row, terms: readTerms(row.terms) })
const first = async <Row extends LotRecord>(rows: Promise<Row[]>): Promise<Row | null> => {
  const [row] = await rows
  return row ? read(row) : null
}

/** Lots in Postgres. Whoever writes them has locked the show first. */
export const lotStore = {
  byId: (on: Queryable, lotId: LotId) => first(on.query<LotRecord>(byId, [lotId])),
  lock: (tx: Transaction, lotId: LotId) => first(tx.query<LotRecord>(lockById, [lotId])),
  /** Also of a removed lot: a repeated request gets the answer of the first time. */
  byOperation: (on: Queryable, creatorId: CreatorId, operationId: OperationId) =>
    first(on.query<LotRecord & { requestHash: Buffer }>(byOperation, [creatorId, operationId])),
  queue: async (on: Queryable, showId: ShowId): Promise<LotRecord[]> =>
    (await on.query<LotRecord>(queueOf, [showId])).map(read),

  /** The number of the next lot, the last position given, how many lots there are, and what they are sold in. */
  nextPlaces: async (tx: Transaction, showId: ShowId): Promise<NextPlaces> =>
    (await tx.query<NextPlaces>(nextPlaces, [showId]))[0] ?? { number: 1, position: 0, lots: 0, currency: null },
  /** False where the operation id was used before; then nothing is written. */
  insert: async (tx: Transaction, lot: NewLot): Promise<boolean> => {
    const { lotId, showId, creatorId, number, position, brandId, productId, variantId, title, pictureUrl } = lot
    const goods = [brandId, productId, variantId, title, pictureUrl, lot.currency]
    const asked = [lot.startPriceMinor, JSON.stringify(lot.terms), lot.unitReference, lot.operationId, lot.requestHash]
    return (await tx.query(insert, [lotId, showId, creatorId, number, position, ...goods, ...asked])).length === 1
  },
  setTerms: async (tx: Transaction, { lotId, startPriceMinor, terms }: LotRecord): Promise<void> => {
    await tx.query(setTerms, [lotId, startPriceMinor, JSON.stringify(terms)])
  },
  setPositions: async (tx: Transaction, positions: ReadonlyMap<LotId, number>): Promise<void> => {
    await tx.query(setPositions, [[...positions.keys()], [...positions.values()]])
  },
  remove: async (tx: Transaction, lotId: LotId): Promise<void> => {
    await tx.query(remove, [lotId])
  },
  setRun: async (
    tx: Transaction,
    lotId: LotId,
    run: { readonly state: LotState; readonly auctionId: AuctionId; readonly unitReference: string | null },
  ): Promise<void> => {
    await tx.query(setRun, [lotId, run.state, run.auctionId, run.unitReference])
  },
  /** Pre-bids below an amount are void. Answers them. */
  voidPreBids: (tx: Transaction, lotId: LotId, belowMinor: number): Promise<VoidedPreBid[]> =>
    tx.query<VoidedPreBid>(voidPreBids, [lotId, belowMinor]),
}
