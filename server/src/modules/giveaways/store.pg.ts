import type { CreatorId, GiveawayId, OperationId, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { ClosedFact, DrawnFact, GiveawayRecord, NewGiveaway, VoidFact } from './giveaway.ts'
import { countGapMs, drawAfterCloseMs } from './limits.ts'

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::bigint`
const columns = `g.id AS "giveawayId", g.show_id AS "showId", g.creator_id AS "creatorId", g.title, g.prize,
  g.winner_count AS "winnerCount", g.state, ${ms('g.opened_at')} AS "openedAtMs",
  ${ms('g.entries_close_at')} AS "entriesCloseAtMs", g.seed_commitment AS "seedCommitment",
  g.entry_count AS "entryCount",
  (SELECT f.data FROM giveaway_facts f WHERE f.giveaway_id = g.id AND f.kind = 'closed') AS closed,
  (SELECT f.data FROM giveaway_facts f WHERE f.giveaway_id = g.id AND f.kind = 'drawn') AS drawn,
  (SELECT ${ms('f.happened_at')} FROM giveaway_facts f WHERE f.giveaway_id = g.id AND f.kind = 'drawn') AS "drawnAtMs"`

// Giveaway, seed and commitment in one statement: none is there without the others.
const insert = statement(
  'giveaways.insert',
  `WITH opened AS (
     INSERT INTO giveaways (id, show_id, creator_id, title, prize, winner_count, opened_at, entries_close_at,
       seed_commitment, operation_id, request_hash)
     SELECT $1, $2, $3, $4, $5, $6, at, at + $7 * interval '1 second', $8, $9, $10
     FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS at) clock
     ON CONFLICT ON CONSTRAINT giveaways_operation_unique DO NOTHING RETURNING id
   ),
   sealed AS (INSERT INTO giveaway_seeds (giveaway_id, seed) SELECT id, $11 FROM opened),
   told AS (
     INSERT INTO giveaway_facts (giveaway_id, kind, data)
     SELECT id, 'opened', jsonb_build_object('seedCommitment', $8::text) FROM opened
   )
   SELECT id FROM opened`,
)
const byId = statement('giveaways.by_id', `SELECT ${columns} FROM giveaways g WHERE g.id = $1`)
const byOperation = statement(
  'giveaways.by_operation',
  `SELECT ${columns}, g.request_hash AS "requestHash" FROM giveaways g WHERE g.creator_id = $1 AND g.operation_id = $2`,
)
const latest = statement(
  'giveaways.latest',
  `SELECT ${columns} FROM giveaways g WHERE g.show_id = $1 ORDER BY g.opened_at DESC LIMIT 1`,
)
const active = statement(
  'giveaways.active',
  `SELECT g.id AS "giveawayId", g.show_id AS "showId", g.state,
     g.entries_close_at <= clock_timestamp() AS "isOver", g.entry_count <> g.told_entry_count AS "isToTell"
   FROM giveaways g WHERE g.state IN ('open', 'closed')`,
)
const lock = statement('giveaways.lock', 'SELECT 1 FROM giveaways WHERE id = $1 FOR NO KEY UPDATE')

const countTold = statement(
  'giveaways.count_told',
  `UPDATE giveaways SET told_entry_count = entry_count, entry_count_told_at = clock_timestamp()
   WHERE id = $1 AND state = 'open' AND told_entry_count <> entry_count
     AND entry_count_told_at < clock_timestamp() - ${countGapMs} * interval '1 millisecond'
   RETURNING id`,
)
const close = statement(
  'giveaways.close',
  `UPDATE giveaways SET state = 'closed' WHERE id = $1 AND state = 'open' AND entries_close_at <= clock_timestamp()
   RETURNING id`,
)
const beginDraw = statement(
  'giveaways.begin_draw',
  `SELECT 1 FROM giveaways WHERE id = $1 AND state = 'closed' AND EXISTS (
     SELECT FROM giveaway_facts f WHERE f.giveaway_id = $1 AND f.kind = 'closed'
       AND f.happened_at <= clock_timestamp() - ${drawAfterCloseMs} * interval '1 millisecond')
   FOR NO KEY UPDATE`,
)
const end = statement('giveaways.end', `UPDATE giveaways SET state = $2 WHERE id = $1 AND state = 'closed'`)
const addFact = statement(
  'giveaways.add_fact',
  'INSERT INTO giveaway_facts (giveaway_id, kind, data) VALUES ($1, $2, $3)',
)
const seedOf = statement('giveaways.seed', 'SELECT seed FROM giveaway_seeds WHERE giveaway_id = $1')

const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null
const isOne = async (rows: Promise<unknown[]>): Promise<boolean> => (await rows).length === 1

export interface ActiveGiveaway {
  readonly giveawayId: GiveawayId
  readonly showId: ShowId
  readonly state: 'open' | 'closed'
  readonly isOver: boolean
  readonly isToTell: boolean
}

export const giveawayStore = {
  /** False where the operation id was used before. Throws giveaways_one_active where another runs. */
  insert: (tx: Transaction, one: NewGiveaway): Promise<boolean> => {
    const { giveawayId, showId, creatorId, title, prize, winnerCount, entrySeconds, seedCommitment } = one
    const terms = [giveawayId, showId, creatorId, title, JSON.stringify(prize), winnerCount, entrySeconds]
    return isOne(tx.query(insert, [...terms, seedCommitment, one.operationId, one.requestHash, one.seed]))
  },
  byId: (on: Queryable, giveawayId: GiveawayId) => first(on.query<GiveawayRecord>(byId, [giveawayId])),
  byOperation: (on: Queryable, creatorId: CreatorId, operationId: OperationId) =>
    first(on.query<GiveawayRecord & { requestHash: Buffer }>(byOperation, [creatorId, operationId])),
  latestOfShow: (on: Queryable, showId: ShowId) => first(on.query<GiveawayRecord>(latest, [showId])),
  active: (on: Queryable) => on.query<ActiveGiveaway>(active),
  lock: (tx: Transaction, giveawayId: GiveawayId) => isOne(tx.query(lock, [giveawayId])),

  /** Each is true for one caller only, and only when it is time. */
  countTold: (tx: Transaction, giveawayId: GiveawayId) => isOne(tx.query(countTold, [giveawayId])),
  close: (tx: Transaction, giveawayId: GiveawayId) => isOne(tx.query(close, [giveawayId])),
  beginDraw: (tx: Transaction, giveawayId: GiveawayId) => isOne(tx.query(beginDraw, [giveawayId])),

  addClosed: async (tx: Transaction, giveawayId: GiveawayId, fact: ClosedFact) => {
    await tx.query(addFact, [giveawayId, 'closed', JSON.stringify(fact)])
  },
  /** The draw that was begun ends in its result. */
  addDrawn: async (tx: Transaction, giveawayId: GiveawayId, fact: DrawnFact) => {
    await tx.query(end, [giveawayId, 'drawn'])
    await tx.query(addFact, [giveawayId, 'drawn', JSON.stringify(fact)])
  },
  /** The draw that was begun ends without one. */
  addVoid: async (tx: Transaction, giveawayId: GiveawayId, fact: VoidFact) => {
    await tx.query(end, [giveawayId, 'void'])
    await tx.query(addFact, [giveawayId, 'void', JSON.stringify(fact)])
  },
  seed: async (tx: Transaction, giveawayId: GiveawayId): Promise<Buffer | null> =>
    (await first(tx.query<{ seed: Buffer }>(seedOf, [giveawayId])))?.seed ?? null,
}
