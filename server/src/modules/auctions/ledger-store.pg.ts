import { AuctionFigures, type AuctionId, type BidId, type LedgerEntry } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import type { LoggedEntry, PreBidToPlace } from './gate.ts'
import { ledgerPageMax, rememberedBidsMax } from './limits.ts'

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
// Cursors are locked in one order, or two processes that copy the same auctions would wait for each other.
const copy = statement(
  'auctions.copy_entries',
  `WITH step AS (
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::int[], $6::text[], $7::int[], $8::int[])
       AS s (auction_id, from_generation, from_seq, generation, seq, hash, bid_count, extensions)
   ), stood AS (
     SELECT k.auction_id FROM auction_log_cursors k JOIN step s ON s.auction_id = k.auction_id
     WHERE k.generation = s.from_generation AND k.seq = s.from_seq ORDER BY k.auction_id FOR UPDATE OF k
   ), moved AS (
     UPDATE auction_log_cursors k SET generation = s.generation, seq = s.seq, hash = decode(s.hash, 'hex'),
       bid_count = s.bid_count, extensions = s.extensions
     FROM stood JOIN step s ON s.auction_id = stood.auction_id
     WHERE k.auction_id = stood.auction_id RETURNING k.auction_id
   ), added AS (
     INSERT INTO auction_ledger (auction_id, seq, what, at_ms, bid_id, account_id, paddle, amount_minor, price_minor,
       leader, leader_account_id, ends_at_ms, outcome, link, hash, answer, time_left_ms, figures)
     SELECT n.auction_id, n.seq, n.what, n.at_ms, n.bid_id, n.account_id, n.paddle, n.amount_minor, n.price_minor,
       n.leader, n.leader_account_id, n.ends_at_ms, n.outcome, decode(n.link, 'hex'), decode(n.hash, 'hex'), n.answer,
       n.time_left_ms, n.figures::jsonb
     FROM moved JOIN unnest($9::uuid[], $10::int[], $11::text[], $12::bigint[], $13::uuid[], $14::uuid[], $15::int[],
       $16::bigint[], $17::bigint[], $18::int[], $19::uuid[], $20::bigint[], $21::text[], $22::text[], $23::text[],
       $24::text[], $25::bigint[], $26::text[])
       AS n (auction_id, seq, what, at_ms, bid_id, account_id, paddle, amount_minor, price_minor, leader,
         leader_account_id, ends_at_ms, outcome, link, hash, answer, time_left_ms, figures)
       ON n.auction_id = moved.auction_id
   )
   SELECT auction_id AS "auctionId" FROM moved`,
)
const entriesOf = statement(
  'auctions.entries_of',
  `SELECT ${publicColumns} FROM auction_ledger WHERE auction_id = $1 ORDER BY seq`,
)
const entriesAfter = statement(
  'auctions.entries_after',
  `SELECT ${publicColumns} FROM auction_ledger WHERE auction_id = $1 AND seq > $2 ORDER BY seq LIMIT ${ledgerPageMax}`,
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

/** Entries of one auction that follow the cursor `from`, each with its hash. */
export interface LogCopy {
  readonly auctionId: AuctionId
  readonly entries: readonly LoggedEntry[]
  readonly from: LogCursor
  readonly to: LogCursor
  readonly hashes: readonly Buffer[]
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
   * Adds the entries of several auctions and moves each cursor from before the first to the last, in one step: each is
   * recorded once. Answers the auctions of which this is so; where a cursor stands elsewhere, nothing is written.
   */
  copy: async (on: Queryable, copies: readonly LogCopy[]): Promise<ReadonlySet<AuctionId>> => {
    const step = <T>(take: (one: LogCopy) => T) => copies.map(take)
    const column = <T>(take: (entry: LoggedEntry) => T) => copies.flatMap((one) => one.entries.map(take))
    const moved = await on.query<{ auctionId: AuctionId }>(copy, [
      step((one) => one.auctionId),
      step((one) => one.from.generation),
      step((one) => one.from.seq),
      step((one) => one.to.generation),
      step((one) => one.to.seq),
      step((one) => one.to.hash.toString('hex')),
      step((one) => one.entries.at(-1)?.figures.bidCount ?? 0),
      step((one) => one.entries.at(-1)?.figures.extensions ?? 0),
      copies.flatMap((one) => one.entries.map(() => one.auctionId)),
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
      copies.flatMap((one) => one.hashes.map((hash) => hash.toString('hex'))),
      column((entry) => entry.answer),
      column((entry) => entry.timeLeftMs),
      column((entry) => JSON.stringify(entry.figures)),
    ])
    return new Set(moved.map((row) => row.auctionId))
  },

  /** For the checker of invariants, which works a chain out in one go. */
  entries: (on: Queryable, auctionId: AuctionId) => on.query<LedgerEntry>(entriesOf, [auctionId]),
  /** A page of those after `seq`, as everybody may read them once the auction is closed. */
  entriesAfter: (on: Queryable, auctionId: AuctionId, seq: number) =>
    on.query<LedgerEntry>(entriesAfter, [auctionId, seq]),
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
