import { type AccountId, type GiveawayId, giveawayLimits } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { KeptEntry } from './draw.ts'

// The giveaway's row was locked in a statement before: this one sees every entry that was numbered until then, and
// judges the end by a clock that is read after the wait.
const add = statement(
  'giveaways.add_entries',
  `WITH asked AS (
     SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS a (account_id, display_name, salt, place)
   ),
   giveaway AS (
     SELECT entry_count, state = 'open' AND entries_close_at > clock_timestamp() AS is_open FROM giveaways WHERE id = $1
   ),
   known AS (
     SELECT e.account_id, e.entry_no, e.display_name, e.salt FROM giveaway_entries e
     WHERE e.giveaway_id = $1 AND e.account_id = ANY($2::uuid[])
   ),
   fresh AS (
     SELECT a.account_id, a.display_name, a.salt, g.entry_count + row_number() OVER (ORDER BY a.place) AS entry_no
     FROM asked a CROSS JOIN giveaway g
     WHERE g.is_open AND NOT EXISTS (SELECT FROM known k WHERE k.account_id = a.account_id)
   ),
   added AS (
     INSERT INTO giveaway_entries (giveaway_id, entry_no, account_id, display_name, salt)
     SELECT $1, entry_no, account_id, display_name, salt FROM fresh WHERE entry_no <= $5
     RETURNING account_id, entry_no, display_name, salt
   ),
   counted AS (
     UPDATE giveaways SET entry_count = entry_count + (SELECT count(*) FROM added)
     WHERE id = $1 AND EXISTS (SELECT FROM added)
   )
   SELECT g.is_open AS "isOpen", g.entry_count + (SELECT count(*) FROM added) AS "entryCount",
     e.account_id AS "accountId", e.entry_no AS "entryNo", e.display_name AS "displayName", e.salt
   FROM giveaway g LEFT JOIN (SELECT * FROM added UNION ALL SELECT * FROM known) e ON true`,
)
const list = statement(
  'giveaways.entries',
  `SELECT account_id AS "accountId", entry_no AS "entryNo", display_name AS "displayName", salt
   FROM giveaway_entries WHERE giveaway_id = $1 ORDER BY entry_no`,
)
const ofAccount = statement(
  'giveaways.entry_of_account',
  `SELECT account_id AS "accountId", entry_no AS "entryNo", display_name AS "displayName", salt
   FROM giveaway_entries WHERE giveaway_id = $1 AND account_id = $2`,
)

export interface AskedEntry {
  readonly accountId: AccountId
  readonly displayName: string
  readonly salt: string
}

type AddedRow = { readonly isOpen: boolean; readonly entryCount: number } & (KeptEntry | { readonly entryNo: null })

export interface AddedEntries {
  readonly isOpen: boolean
  readonly entryCount: number
  /** Entries of those who asked: made now or long ago. */
  readonly byAccount: ReadonlyMap<AccountId, KeptEntry>
}

export const entryStore = {
  /** Numbers and writes new entries, where it is not too late. The caller has locked the giveaway; accounts are distinct. */
  add: async (tx: Transaction, giveawayId: GiveawayId, asked: readonly AskedEntry[]): Promise<AddedEntries> => {
    const rows = await tx.query<AddedRow>(add, [
      giveawayId,
      asked.map((one) => one.accountId),
      asked.map((one) => one.displayName),
      asked.map((one) => one.salt),
      giveawayLimits.entriesMax,
    ])
    const entries = rows.filter((row) => row.entryNo !== null) as (AddedRow & KeptEntry)[]
    return {
      isOpen: rows[0]?.isOpen ?? false,
      entryCount: rows[0]?.entryCount ?? 0,
      byAccount: new Map(entries.map((one) => [one.accountId, one])),
    }
  },
  /** In the order of their numbers. */
  list: (on: Queryable, giveawayId: GiveawayId) => on.query<KeptEntry>(list, [giveawayId]),
  ofAccount: async (on: Queryable, giveawayId: GiveawayId, accountId: AccountId): Promise<KeptEntry | null> =>
    (await on.query<KeptEntry>(ofAccount, [giveawayId, accountId]))[0] ?? null,
}
