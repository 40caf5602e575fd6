import {
  type AccountId,
  type Address,
  type GiveawayId,
  giveawayLimits,
  type HandedPrize,
  type WonPrize,
} from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { remindBeforeMs } from './limits.ts'

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`
const columns = `p.prize_no AS "prizeNo", p.turn, p.account_id AS "accountId", p.entry_no AS "entryNo",
  p.turn > 0 AS "isPassedOn", p.state, ${ms('p.claim_before')} AS "claimBeforeMs", ${ms('p.claimed_at')} AS "claimedAtMs",
  p.address, g.id AS "giveawayId", g.show_id AS "showId", g.title, g.prize`
const joined = 'FROM giveaway_prizes p JOIN giveaways g ON g.id = p.giveaway_id'

const add = statement(
  'giveaways.add_prize',
  `INSERT INTO giveaway_prizes (giveaway_id, prize_no, turn, entry_no, account_id, claim_before)
   SELECT $1, $2, $3, entry_no, account_id,
     date_trunc('milliseconds', clock_timestamp()) + ${giveawayLimits.claimMs} * interval '1 millisecond'
   FROM giveaway_entries WHERE giveaway_id = $1 AND entry_no = $4
   RETURNING account_id AS "accountId"`,
)
const ofAccount = statement(
  'giveaways.prize_of_account',
  `SELECT ${columns} ${joined} WHERE p.giveaway_id = $1 AND p.account_id = $2`,
)
const allOfAccount = statement(
  'giveaways.prizes_of_account',
  `SELECT ${columns} ${joined} WHERE p.account_id = $1 ORDER BY p.won_at DESC LIMIT 100`,
)
const handed = statement(
  'giveaways.handed_prizes',
  `SELECT p.prize_no AS "prizeNo", p.entry_no AS "entryNo", e.display_name AS "displayName", p.turn > 0 AS "isPassedOn",
     p.state, ${ms('p.claim_before')} AS "claimBeforeMs", ${ms('p.claimed_at')} AS "claimedAtMs", p.address
   FROM giveaway_prizes p JOIN giveaway_entries e ON e.giveaway_id = p.giveaway_id AND e.entry_no = p.entry_no
   WHERE p.giveaway_id = $1 ORDER BY p.prize_no, p.turn`,
)
const claim = statement(
  'giveaways.claim_prize',
  `UPDATE giveaway_prizes
   SET state = 'claimed', claimed_at = date_trunc('milliseconds', clock_timestamp()), address = $3
   WHERE giveaway_id = $1 AND account_id = $2 AND state = 'waiting' AND claim_before > clock_timestamp()
   RETURNING prize_no AS "prizeNo"`,
)
const overdue = statement(
  'giveaways.overdue',
  `SELECT giveaway_id AS "giveawayId" FROM giveaway_prizes
   WHERE state = 'waiting' AND claim_before <= clock_timestamp() GROUP BY giveaway_id LIMIT $1`,
)
const expire = statement(
  'giveaways.expire_prizes',
  `UPDATE giveaway_prizes SET state = 'expired'
   WHERE giveaway_id = $1 AND state = 'waiting' AND claim_before <= clock_timestamp()
   RETURNING prize_no AS "prizeNo", turn, account_id AS "accountId"`,
)
const count = statement(
  'giveaways.count_prizes',
  'SELECT count(*) AS handed FROM giveaway_prizes WHERE giveaway_id = $1',
)
const remind = statement(
  'giveaways.remind',
  `UPDATE giveaway_prizes SET reminded_at = clock_timestamp()
   WHERE (giveaway_id, prize_no, turn) IN (
     SELECT giveaway_id, prize_no, turn FROM giveaway_prizes
     WHERE state = 'waiting' AND reminded_at IS NULL AND claim_before > clock_timestamp()
       AND claim_before <= clock_timestamp() + ${remindBeforeMs} * interval '1 millisecond'
     LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
   RETURNING giveaway_id AS "giveawayId", account_id AS "accountId"`,
)

type PrizeRow = WonPrize & { readonly accountId: AccountId; readonly prizeNo: number; readonly turn: number }

export interface ExpiredPrize {
  readonly prizeNo: number
  readonly turn: number
  readonly accountId: AccountId
}

function toWonPrize(row: PrizeRow): WonPrize {
  const { giveawayId, showId, title, prize, entryNo, isPassedOn, state, claimBeforeMs, claimedAtMs, address } = row
  return { giveawayId, showId, title, prize, entryNo, isPassedOn, state, claimBeforeMs, claimedAtMs, address }
}

export const prizeStore = {
  /** Gives a prize to the account of an entry, from now on for its time. Answers whose it is. */
  add: async (
    tx: Transaction,
    giveawayId: GiveawayId,
    prize: { readonly prizeNo: number; readonly turn: number; readonly entryNo: number },
  ): Promise<AccountId> => {
    const values = [giveawayId, prize.prizeNo, prize.turn, prize.entryNo]
    const [row] = await tx.query<{ accountId: AccountId }>(add, values)
    if (!row) throw new Error('a prize was given to an entry that is not there')
    return row.accountId
  },
  ofAccount: async (on: Queryable, giveawayId: GiveawayId, accountId: AccountId): Promise<WonPrize | null> => {
    const [row] = await on.query<PrizeRow>(ofAccount, [giveawayId, accountId])
    return row ? toWonPrize(row) : null
  },
  allOfAccount: async (on: Queryable, accountId: AccountId): Promise<WonPrize[]> =>
    (await on.query<PrizeRow>(allOfAccount, [accountId])).map(toWonPrize),
  handed: (on: Queryable, giveawayId: GiveawayId) => on.query<HandedPrize>(handed, [giveawayId]),

  /** Claims the account's prize while there is time. Null where there is nothing (any more) to claim. */
  claim: async (
    tx: Transaction,
    giveawayId: GiveawayId,
    accountId: AccountId,
    address: Address,
  ): Promise<{ readonly prizeNo: number } | null> =>
    (await tx.query<{ prizeNo: number }>(claim, [giveawayId, accountId, JSON.stringify(address)]))[0] ?? null,

  /** Giveaways with prizes whose time is over. */
  overdue: async (on: Queryable, limit: number) =>
    (await on.query<{ giveawayId: GiveawayId }>(overdue, [limit])).map((row) => row.giveawayId),
  /** Takes prizes back whose time is over. The caller has locked the giveaway. */
  expire: async (tx: Transaction, giveawayId: GiveawayId): Promise<ExpiredPrize[]> =>
    (await tx.query<ExpiredPrize>(expire, [giveawayId])).toSorted((a, b) => a.prizeNo - b.prizeNo),
  /** How many people a prize of the giveaway was given to until now. */
  countHanded: async (tx: Transaction, giveawayId: GiveawayId): Promise<number> =>
    (await tx.query<{ handed: number }>(count, [giveawayId]))[0]?.handed ?? 0,
  /** Whose time is nearly over, each once. */
  remind: (on: Queryable, limit: number) => on.query<{ giveawayId: GiveawayId; accountId: AccountId }>(remind, [limit]),
}
