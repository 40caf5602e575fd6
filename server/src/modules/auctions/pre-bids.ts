import {
  type AccountId,
  type BidId,
  type LotId,
  leastRaiseOf,
  type MyPreBid,
  type OperationId,
  type PreBid,
  type placePreBid,
  type RequestOf,
  type ShowId,
} from '@livelot/client/contracts'
import { type Database, type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { incrementsOf } from './auction.ts'
import type { EntryService } from './entries.ts'
import { type LotRecord, takesPreBids } from './lot.ts'
import { lotStore } from './lot-store.pg.ts'
import type { AuctionShows } from './needs.ts'

const columns = `lot_id AS "lotId", maximum_minor AS "maximumMinor", (extract(epoch from placed_at) * 1000)::bigint AS "placedAtMs"`
const byOperation = statement(
  'auctions.pre_bid_of_operation',
  `SELECT ${columns} FROM pre_bids WHERE account_id = $1 AND operation_id = $2`,
)
const openOf = statement(
  'auctions.open_pre_bid',
  `SELECT ${columns} FROM pre_bids WHERE lot_id = $1 AND account_id = $2 AND state = 'open'`,
)
const raise = statement(
  'auctions.raise_pre_bid',
  `UPDATE pre_bids SET state = 'raised' WHERE lot_id = $1 AND account_id = $2 AND state = 'open'`,
)
const insert = statement(
  'auctions.insert_pre_bid',
  `INSERT INTO pre_bids (id, lot_id, account_id, maximum_minor, operation_id) VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
)

// The newest of each lot; lots that have begun to run are among the own bids.
const ofAccount = statement(
  'auctions.pre_bids_of_account',
  `SELECT * FROM (
     SELECT DISTINCT ON (p.lot_id) p.lot_id AS "lotId", p.maximum_minor AS "maximumMinor", p.state,
       (extract(epoch from p.placed_at) * 1000)::bigint AS "placedAtMs"
     FROM pre_bids p JOIN lots l ON l.id = p.lot_id
     WHERE p.account_id = $1 AND l.show_id = $2 AND p.state <> 'raised' AND l.removed_at IS NULL
       AND l.state IN ('prepared', 'unsold')
     ORDER BY p.lot_id, p.placed_at DESC, p.id DESC
   ) newest WHERE state IN ('open', 'void') ORDER BY "placedAtMs", "lotId"`,
)

const first = async (on: Queryable, one: typeof insert, values: readonly unknown[]): Promise<PreBid | null> =>
  (await on.query<PreBid>(one, values))[0] ?? null

/** Refuses what no bid before the start may be, whoever places it. */
function checkLot(lot: LotRecord | null): asserts lot is LotRecord {
  if (!lot) throw new Refusal('lot.not_found')
  if (lot.state !== 'prepared' && lot.state !== 'unsold') throw new Refusal('lot.wrong_state', { state: lot.state })
  if (!takesPreBids(lot.terms)) throw new Refusal('lot.no_pre_bids')
}

/** Bids before the start. They wait in Postgres; the start places them at the gate, in the order of their placing. */
export function createPreBids(parts: {
  readonly database: Database
  readonly entries: EntryService
  readonly shows: AuctionShows
}) {
  const { database, entries, shows } = parts

  const write = async (
    tx: Transaction,
    accountId: AccountId,
    { lotId, maximumMinor, operationId }: { lotId: LotId; maximumMinor: number; operationId: OperationId },
  ): Promise<PreBid> => {
    // The lot's row puts its pre-bids in an order, and before or after its start.
    const lot = await lotStore.lock(tx, lotId)
    checkLot(lot)
    if (maximumMinor < lot.startPriceMinor) throw new Refusal('bid.too_low', { nextMinimumMinor: lot.startPriceMinor })
    const open = await first(tx, openOf, [lotId, accountId])
    if (open && open.maximumMinor >= maximumMinor)
      throw new Refusal('bid.own_is_higher', { maximumMinor: open.maximumMinor })
    const leastMinor = open ? leastRaiseOf(open.maximumMinor, incrementsOf(lot.terms, lot.currency)) : 0
    if (open && maximumMinor < leastMinor)
      throw new Refusal('bid.raise_too_small', { maximumMinor: open.maximumMinor, nextMinimumMinor: leastMinor })
    if (open) await tx.query(raise, [lotId, accountId])
    const placed = await first(tx, insert, [newId<BidId>(), lotId, accountId, maximumMinor, operationId])
    if (!placed) throw new Error('an inserted pre-bid is answered')
    return placed
  }

  return {
    /**
     * A maximum before the start, or a higher one. Refuses: lot.not_found, lot.wrong_state, lot.no_pre_bids,
     * bid.not_eligible, bid.over_limit, bid.too_low, bid.own_is_higher, bid.raise_too_small, idempotency.key_reused.
     * Repeats: the same pre-bid.
     */
    place: async (request: RequestOf<typeof placePreBid>, accountId: AccountId): Promise<PreBid> => {
      const { lotId, maximumMinor, operationId } = request
      const before = await first(database, byOperation, [accountId, operationId])
      if (before && (before.lotId !== lotId || before.maximumMinor !== maximumMinor))
        throw new Refusal('idempotency.key_reused')
      if (before) return before
      const lot = await lotStore.byId(database, lotId)
      checkLot(lot)
      const show = await shows.byId(lot.showId)
      if (show?.state === 'ended') throw new Refusal('lot.wrong_state', { state: lot.state })
      const bidder = await entries.bidder(lot.showId, accountId)
      if (bidder.brandIds.includes(lot.brandId)) throw new Refusal('bid.not_eligible', { reason: 'own_lot' })
      const { limitMinor } = bidder
      if (limitMinor !== null && maximumMinor > limitMinor)
        throw new Refusal('bid.over_limit', { limitLeftMinor: limitMinor })
      return await database.transaction((tx) => write(tx, accountId, { lotId, maximumMinor, operationId }))
    },

    /** Those of an account that wait in a show, or were made void, the oldest first. */
    listMine: async (showId: ShowId, accountId: AccountId): Promise<{ items: MyPreBid[] }> => ({
      items: await database.query<MyPreBid>(ofAccount, [accountId, showId]),
    }),
  }
}

export type PreBids = ReturnType<typeof createPreBids>
