import { AuctionFigures, type AuctionId, type BidId, type LedgerEntry } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import type { LoggedEntry, PreBidToPlace } from './gate.ts'
import { rememberedBidsMax } from './limits.ts'

const publicColumns = `seq, what, at_ms AS "atMs", bid_id AS "bidId", paddle, amount_minor AS "amountMinor",
  price_minor AS "priceMinor", leader, ends_at_ms AS "endsAtMs", outcome, encode(link, 'hex') AS link,
  encode(hash, 'hex') AS hash`
const columns = `${publicColumns}, account_id AS "accountId", leader_account_id AS "leaderAccountId", answer,
  time_left_ms AS "timeLeftMs", figures`

const readCursor = 'SELECT generation, seq, hash FROM auction_log_cursors WHERE auction_id = $1'
const selectCursor = statement('auctions.select_cursor', readCursor)
const begin = statement(
  'auctions.begin_log',
  'UPDATE auction_log_cursors SET generation = $2 WHERE auction_id = $1 RETURNING seq',
)
const copy = statement(
  'auctions.copy_entries',
  `WITH moved AS (
     UPDATE auction_log_cursors SET generation = $21, seq = $22, hash = $23, bid_count = $24, extensions = $25
     WHERE auction_id = $1 AND generation = $19 AND seq = $20 RETURNING auction_id
   ), added AS (
   INSERT INTO auction_ledger (auction_id, seq, what, at_ms, bid_id, account_id, paddle, amount_minor, price_minor, leader,
     leader_account_id, ends_at_ms, outcome, link, hash, answer, time_left_ms, figures)
   SELECT $1, n.seq, n.what, n.at_ms, n.bid_id, n.account_id, n.paddle, n.amount_minor, n.price_minor, n.leader,
     n.leader_account_id, n.ends_at_ms, n.outcome, decode(n.link, 'hex'), decode(n.hash, 'hex'), n.answer, n.time_left_ms,
     n.figures::jsonb
   FROM moved, unnest($2::int[], $3::text[], $4::bigint[], $5::uuid[], $6::uuid[], $7::int[], $8::bigint[], $9::bigint[],
     $10::int[], $11::uuid[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bigint[],
     $18::text[])
     AS n (seq, what, at_ms, bid_id, account_id, paddle, amount_minor, price_minor, leader, leader_account_id,
       ends_at_ms, outcome, link, hash, answer, time_left_ms, figures)
   )
   SELECT FROM moved`,
)
const entriesOf = statement(
  'auctions.entries_of',
  `SELECT ${publicColumns} FROM auction_ledger WHERE auction_id = $1 ORDER BY seq`,
)
const firstEntry = statement(
  'auctions.first_entry',
  `SELECT ${columns} FROM auction_ledger WHERE auction_id = $1 AND seq = 1`,
)
const lastEntry = statement(
  'auctions.last_entry',
  `SELECT ${columns} FROM auction_ledger WHERE auction_id = $1 ORDER BY seq DESC LIMIT 1`,
)
const newestBids = statement(
  'auctions.newest_bids',
  `SELECT ${columns} FROM auction_ledger WHERE auction_id = $1 AND bid_id IS NOT NULL
   ORDER BY seq DESC LIMIT ${rememberedBidsMax}`,
)
const olderBidIds = statement(
  'auctions.older_bid_ids',
  `SELECT bid_id AS "bidId" FROM auction_ledger WHERE auction_id = $1 AND bid_id IS NOT NULL
   ORDER BY seq DESC OFFSET ${rememberedBidsMax}`,
)
const maximumOf = statement(
  'auctions.maximum_of',
  `SELECT max(amount_minor) AS "maximumMinor" FROM auction_ledger WHERE auction_id = $1 AND account_id = $2`,
)
const preBidsUsed = statement(
  'auctions.pre_bids_used',
  `SELECT id AS "bidId", account_id AS "accountId", maximum_minor AS "maximumMinor" FROM pre_bids
   WHERE auction_id = $1 AND state = 'used' ORDER BY placed_at, id`,
)
const voidUsed = statement(
  'auctions.void_used_pre_bids',
  `UPDATE pre_bids SET state = 'void' WHERE auction_id = $1 AND id = ANY($2::uuid[])`,
)

/** How far an auction's log was copied, and what the next entry is chained to. */
export interface LogCursor {
  readonly generation: string
  readonly seq: number
  readonly hash: Buffer
}

export type RecordedEntry = LoggedEntry & Pick<LedgerEntry, 'hash'>

const read = (row: RecordedEntry): RecordedEntry => ({ ...row, figures: AuctionFigures.parse(row.figures) })
const all = async (rows: Promise<RecordedEntry[]>) => (await rows).map(read)
const first = async (rows: Promise<RecordedEntry[]>) => (await all(rows))[0] ?? null

/** Ledgers of auctions in Postgres; entries are only added, in their order. */
export const ledgerStore = {
  cursor: async (on: Queryable, auctionId: AuctionId): Promise<LogCursor | null> =>
    (await on.query<LogCursor>(selectCursor, [auctionId]))[0] ?? null,

  /**
   * A new log begins; answers the last entry in Postgres. A copy of an older log that is under way ends before this or is
   * given up, so that what is read from Postgres afterwards does not grow by entries that the new gate knows nothing of.
   */
  begin: async (on: Queryable, auctionId: AuctionId, generation: string): Promise<number> =>
    (await on.query<{ seq: number }>(begin, [auctionId, generation]))[0]?.seq ?? 0,

  /**
   * Adds entries and moves the cursor from before the first to the last, in one step: each is recorded once. False where
   * the cursor stands elsewhere: then nothing is written.
   */
  copy: async (
    on: Queryable,
    auctionId: AuctionId,
    entries: readonly LoggedEntry[],
    { from, to, hashes }: { readonly from: LogCursor; readonly to: LogCursor; readonly hashes: readonly Buffer[] },
  ): Promise<boolean> => {
    const column = <T>(take: (entry: LoggedEntry) => T) => entries.map(take)
    const { bidCount = 0, extensions = 0 } = entries.at(-1)?.figures ?? {}
    const moved = await on.query(copy, [
      auctionId,
      column((entry) => entry.seq),
      column((entry) => entry.what),
      column((entry) => entry.atMs),
      column((entry) => entry.bidId),
      column((entry) => entry.accountId),
      column((entry) => entry.paddle),
      column((entry) => entry.amountMinor),
      column((entry) => entry.priceMinor),
      column((entry) => entry.leader),
      column((entry) => entry.leaderAccountId),
      column((entry) => entry.endsAtMs),
      column((entry) => entry.outcome),
      column((entry) => entry.link),
      hashes.map((hash) => hash.toString('hex')),
      column((entry) => entry.answer),
      column((entry) => entry.timeLeftMs),
      column((entry) => JSON.stringify(entry.figures)),
      from.generation,
      from.seq,
      to.generation,
      to.seq,
      to.hash,
      bidCount,
      extensions,
    ])
    return moved.length > 0
  },

  /** As everybody may read them once the auction is closed. */
  entries: (on: Queryable, auctionId: AuctionId) => on.query<LedgerEntry>(entriesOf, [auctionId]),
  first: (on: Queryable, auctionId: AuctionId) => first(on.query<RecordedEntry>(firstEntry, [auctionId])),
  last: (on: Queryable, auctionId: AuctionId) => first(on.query<RecordedEntry>(lastEntry, [auctionId])),
  newestBids: async (on: Queryable, auctionId: AuctionId) =>
    (await all(on.query<RecordedEntry>(newestBids, [auctionId]))).reverse(),
  /** Of the bids before those. */
  olderBidIds: async (on: Queryable, auctionId: AuctionId): Promise<BidId[]> =>
    (await on.query<{ bidId: BidId }>(olderBidIds, [auctionId])).map((row) => row.bidId),
  maximumOf: async (on: Queryable, auctionId: AuctionId, accountId: string): Promise<number | null> =>
    (await on.query<{ maximumMinor: number | null }>(maximumOf, [auctionId, accountId]))[0]?.maximumMinor ?? null,

  /** Pre-bids that a run was started with, in the order of their placing. */
  preBids: (on: Queryable, auctionId: AuctionId) => on.query<PreBidToPlace>(preBidsUsed, [auctionId]),
  voidPreBids: async (on: Queryable, auctionId: AuctionId, bidIds: readonly string[]): Promise<void> => {
    await on.query(voidUsed, [auctionId, bidIds])
  },
}
