import type { AccountId, CheckoutId, FlashSaleId, HoldId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction, violates } from '#infra/postgres/pool'
import type { HoldState } from './flash-sale.ts'

export interface HoldClaim {
  readonly holdId: HoldId
  readonly flashSaleId: FlashSaleId
  readonly accountId: AccountId
  readonly units: number
  readonly checkoutId: CheckoutId
}

export type ClaimAnswer = 'claimed' | 'expired' | 'sold_out' | 'limit_reached'

// Units are picked first and everything is written only if all of them are there; the hold's own row then decides
// between this claim, another claim of the same hold, and its expiry. SKIP LOCKED keeps claims out of each other's way.
const claimText = (lock: string) => `
  WITH known AS (SELECT state, checkout_id FROM holds WHERE id = $1),
  bought AS (SELECT coalesce(max(units), 0) AS units FROM flash_sale_buyers WHERE flash_sale_id = $2 AND account_id = $3),
  sale AS (SELECT per_buyer_limit FROM flash_sales WHERE id = $2),
  picked AS MATERIALIZED (
    SELECT unit_no FROM flash_sale_units
    WHERE flash_sale_id = $2 AND hold_id IS NULL AND NOT EXISTS (SELECT FROM known WHERE state <> 'live')
    ORDER BY unit_no LIMIT $4::int ${lock}
  ),
  numbers AS MATERIALIZED (SELECT array_agg(unit_no) AS unit_numbers FROM picked),
  claimed AS (
    INSERT INTO holds (id, flash_sale_id, account_id, units, state, checkout_id, unit_numbers)
    SELECT $1, $2, $3, $4::int, 'claimed', $5, unit_numbers FROM numbers, sale, bought
    WHERE cardinality(unit_numbers) = $4::int AND bought.units + $4::int <= per_buyer_limit
    ON CONFLICT (id) DO UPDATE
      SET state = 'claimed', checkout_id = $5, unit_numbers = excluded.unit_numbers, changed_at = now()
      WHERE holds.state = 'live' AND holds.flash_sale_id = $2 AND holds.account_id = $3 AND holds.units = $4::int
    RETURNING unit_numbers
  ),
  counted AS (
    INSERT INTO flash_sale_buyers AS b (flash_sale_id, account_id, units, units_max)
    SELECT $2, $3, $4::int, per_buyer_limit FROM claimed, sale
    ON CONFLICT (flash_sale_id, account_id) DO UPDATE SET units = b.units + excluded.units
    RETURNING 1
  ),
  taken AS (
    UPDATE flash_sale_units u SET hold_id = $1 FROM claimed
    WHERE u.flash_sale_id = $2 AND u.unit_no = ANY(claimed.unit_numbers)
    RETURNING 1
  )
  SELECT CASE
    WHEN EXISTS (SELECT FROM claimed) THEN 'claimed'
    WHEN EXISTS (SELECT FROM known WHERE state = 'claimed' AND checkout_id = $5) THEN 'claimed'
    WHEN EXISTS (SELECT FROM known WHERE state <> 'live') THEN 'expired'
    WHEN bought.units + $4::int > (SELECT per_buyer_limit FROM sale) THEN 'limit_reached'
    WHEN coalesce(cardinality(unit_numbers), 0) < $4::int THEN 'sold_out'
    ELSE 'expired' END AS answer
  FROM bought, numbers`

/**
 * The same for many holds of one sale, one unit each, of which all or none must be claimed: what stands in the way of one
 * is told by claiming it alone. Holds are locked in order of their ids, then buyers in theirs; nobody waits for units.
 */
const claimSingles = statement(
  'flash_sales.claim_singles',
  `WITH wanted AS (
     SELECT id, account_id, checkout_id, row_number() OVER (ORDER BY id) AS place
     FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS w (id, account_id, checkout_id)
   ),
   picked AS MATERIALIZED (
     SELECT unit_no FROM flash_sale_units WHERE flash_sale_id = $1 AND hold_id IS NULL
     ORDER BY unit_no LIMIT cardinality($2::uuid[]) FOR UPDATE SKIP LOCKED
   ),
   numbered AS (SELECT unit_no, row_number() OVER (ORDER BY unit_no) AS place FROM picked),
   claimed AS (
     INSERT INTO holds (id, flash_sale_id, account_id, units, state, checkout_id, unit_numbers)
     SELECT id, $1, account_id, 1, 'claimed', checkout_id, ARRAY[unit_no] FROM wanted JOIN numbered USING (place)
     ORDER BY id
     ON CONFLICT (id) DO UPDATE SET state = 'claimed', checkout_id = excluded.checkout_id,
       unit_numbers = excluded.unit_numbers, changed_at = now()
       WHERE holds.state = 'live' AND holds.flash_sale_id = $1 AND holds.account_id = excluded.account_id
         AND holds.units = 1
     RETURNING id, account_id, unit_numbers
   ),
   counted AS (
     INSERT INTO flash_sale_buyers AS b (flash_sale_id, account_id, units, units_max)
     SELECT $1, account_id, count(*)::int, (SELECT per_buyer_limit FROM flash_sales WHERE id = $1)
     FROM claimed GROUP BY account_id ORDER BY account_id
     ON CONFLICT (flash_sale_id, account_id) DO UPDATE SET units = b.units + excluded.units
   ),
   taken AS (
     UPDATE flash_sale_units u SET hold_id = claimed.id FROM claimed
     WHERE u.flash_sale_id = $1 AND u.unit_no = claimed.unit_numbers[1]
   )
   SELECT count(*)::int AS claimed FROM claimed`,
)

const claim = statement('flash_sales.claim_hold', claimText('FOR UPDATE SKIP LOCKED'))
const claimWaiting = statement('flash_sales.claim_hold_waiting', claimText('FOR UPDATE'))
const beforeClaim = statement('flash_sales.before_claim', 'SAVEPOINT before_claim')
const letUnitsGo = statement('flash_sales.let_units_go', 'ROLLBACK TO SAVEPOINT before_claim')

// Locked in order of their ids, as the copy of the log does, so that neither waits for the other in a ring.
const settle = statement(
  'flash_sales.settle_holds',
  `WITH mine AS MATERIALIZED (
     SELECT id FROM holds WHERE id = ANY($1::uuid[]) AND state = 'claimed' ORDER BY id FOR UPDATE
   )
   UPDATE holds h SET state = 'settled', changed_at = now() FROM mine WHERE h.id = mine.id RETURNING h.id`,
)
const releaseClaim = statement(
  'flash_sales.release_claim',
  `WITH released AS (
     UPDATE holds SET state = 'released', changed_at = now() WHERE id = $1 AND state = 'claimed'
     RETURNING flash_sale_id, account_id, units, unit_numbers
   ),
   counted AS (
     UPDATE flash_sale_buyers b SET units = b.units - r.units FROM released r
     WHERE b.flash_sale_id = r.flash_sale_id AND b.account_id = r.account_id
   )
   UPDATE flash_sale_units u SET hold_id = NULL FROM released r
   WHERE u.flash_sale_id = r.flash_sale_id AND u.unit_no = ANY(r.unit_numbers)
   RETURNING u.unit_no`,
)
// A hold that Postgres has not heard of yet gets its row here, so that a claim that comes later finds it ended.
const endUnclaimed = statement(
  'flash_sales.end_unclaimed',
  `INSERT INTO holds (id, flash_sale_id, account_id, units, state) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (id) DO UPDATE SET state = excluded.state, changed_at = now() WHERE holds.state = 'live'
   RETURNING id`,
)
const columns = `h.id AS "holdId", h.flash_sale_id AS "flashSaleId", h.account_id AS "accountId", h.units, h.state,
  (extract(epoch from h.expires_at) * 1000)::bigint AS "expiresAtMs"`
const holdById = statement('flash_sales.hold_by_id', `SELECT ${columns} FROM holds h WHERE h.id = $1`)
const openHoldById = statement(
  'flash_sales.open_hold_by_id',
  `SELECT ${columns} FROM holds h
   WHERE h.id = $1 AND h.flash_sale_id = $2 AND (h.state = 'claimed' OR (h.state = 'live' AND h.expires_at > now()))`,
)
const decidedHolds = statement(
  'flash_sales.decided_holds',
  `SELECT id AS "holdId", account_id AS "accountId", units, state FROM holds
   WHERE flash_sale_id = $1 AND state <> 'live' AND (id = ANY($2::uuid[]) OR state = 'claimed')`,
)

export interface HoldRow {
  readonly holdId: HoldId
  readonly flashSaleId: FlashSaleId
  readonly accountId: AccountId
  readonly units: number
  readonly state: HoldState
  readonly expiresAtMs: number | null
}

export const holdStore = {
  /**
   * Takes the hold's units for a checkout. Atomic: one statement. On every answer but `claimed` the caller must give its
   * transaction up. Repeats: the same checkout is answered `claimed`, nothing moves.
   */
  claim: async (tx: Transaction, one: HoldClaim): Promise<ClaimAnswer> => {
    const values = [one.holdId, one.flashSaleId, one.accountId, one.units, one.checkoutId]
    try {
      const quick = one.units === 1 ? await answerOf(tx.query(claim, values)) : await claimSeveral(tx, values)
      // The last free units may be locked by claims that fail in the end: then it is worth waiting for them.
      return quick === 'sold_out' ? await answerOf(tx.query(claimWaiting, values)) : quick
    } catch (error) {
      // Two claims of one buyer at the same moment: each alone is within the limit.
      if (violates(error, 'flash_sale_buyers_limit')) return 'limit_reached'
      throw error
    }
  },
  /**
   * Takes one unit for each of these holds. False, or an error, where one cannot have it: then the caller must give its
   * transaction up.
   */
  claimSingles: async (tx: Transaction, all: readonly HoldClaim[]): Promise<boolean> => {
    const bySale = Map.groupBy(all, (one) => one.flashSaleId)
    for (const flashSaleId of [...bySale.keys()].sort()) {
      const wanted = bySale.get(flashSaleId) ?? []
      const column = (name: 'holdId' | 'accountId' | 'checkoutId') => wanted.map((one) => one[name])
      const values = [flashSaleId, column('holdId'), column('accountId'), column('checkoutId')]
      const [row] = await tx.query<{ claimed: number }>(claimSingles, values)
      if (row?.claimed !== wanted.length) return false
    }
    return true
  },
  /** Answers which of them were claimed (still). */
  settle: async (tx: Transaction, holdIds: readonly HoldId[]): Promise<ReadonlySet<HoldId>> =>
    new Set((await tx.query<{ id: HoldId }>(settle, [holdIds])).map((row) => row.id)),
  release: async (tx: Transaction, holdId: HoldId) => (await tx.query(releaseClaim, [holdId])).length > 0,
  /** Ends a hold that no checkout has claimed. False where one has, or where it has ended. */
  endUnclaimed: async (
    on: Queryable,
    hold: Pick<HoldRow, 'holdId' | 'flashSaleId' | 'accountId' | 'units'>,
    how: 'released' | 'expired',
  ) => {
    const values = [hold.holdId, hold.flashSaleId, hold.accountId, hold.units, how]
    return (await on.query(endUnclaimed, values)).length === 1
  },
  byId: async (on: Queryable, holdId: HoldId) => (await on.query<HoldRow>(holdById, [holdId]))[0] ?? null,
  /** The hold while it has not ended and its time is not over. */
  openById: async (on: Queryable, flashSaleId: FlashSaleId, holdId: HoldId) =>
    (await on.query<HoldRow>(openHoldById, [holdId, flashSaleId]))[0] ?? null,
  /** What Postgres has decided of these holds, and every claimed hold of the sale. */
  decided: (on: Queryable, flashSaleId: FlashSaleId, holdIds: readonly HoldId[]) =>
    on.query<Pick<HoldRow, 'holdId' | 'accountId' | 'units'> & { state: Exclude<HoldState, 'live'> }>(decidedHolds, [
      flashSaleId,
      holdIds,
    ]),
}

/**
 * Too few units leave those that were found locked. They are let go before this claim waits for others: two claims that
 * wait with some units each would wait for each other. The savepoint travels along with the claim.
 */
async function claimSeveral(tx: Transaction, values: readonly unknown[]): Promise<ClaimAnswer> {
  const [, quick] = await Promise.all([tx.query(beforeClaim), answerOf(tx.query(claim, values))])
  if (quick === 'sold_out') await tx.query(letUnitsGo)
  return quick
}

async function answerOf(rows: Promise<{ answer: ClaimAnswer }[]>): Promise<ClaimAnswer> {
  return (await rows)[0]?.answer ?? 'sold_out'
}
