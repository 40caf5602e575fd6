import type { AccountId, CreatorId, OperationId, ProductId, ShowId } from '@livelot/client/contracts'
import { type Database, type Queryable, statement, type Transaction, violates } from '#infra/postgres/pool'
import type { RoomRules, ShowRecord } from './show.ts'

const columns = `id AS "showId", creator_id AS "creatorId", title, teaser, cover_url AS "coverUrl", state,
  (extract(epoch from starts_at) * 1000)::bigint AS "startsAtMs",
  (extract(epoch from started_at) * 1000)::bigint AS "startedAtMs",
  (extract(epoch from ended_at) * 1000)::bigint AS "endedAtMs",
  pinned_product_id AS "pinnedProductId", slow_mode_seconds AS "slowModeSeconds", muted_words AS "mutedWords"`
const atMs = (parameter: string) => `to_timestamp(${parameter}::bigint / 1000.0)`

const lockShow = statement('live.lock_show', `SELECT ${columns} FROM shows WHERE id = $1 FOR NO KEY UPDATE`)
const showById = statement('live.show_by_id', `SELECT ${columns} FROM shows WHERE id = $1`)
const insertShow = statement(
  'live.insert_show',
  `INSERT INTO shows (id, creator_id, title, teaser, cover_url, starts_at, operation_id, request_hash)
   VALUES ($1, $2, $3, $4, $5, ${atMs('$6')}, $7, $8) ON CONFLICT ON CONSTRAINT shows_operation_unique DO NOTHING RETURNING id`,
)
const showOfOperation = statement(
  'live.show_of_operation',
  `SELECT ${columns}, request_hash AS "requestHash" FROM shows WHERE creator_id = $1 AND operation_id = $2`,
)
const setLive = statement(
  'live.set_live',
  `UPDATE shows SET state = 'live', started_at = date_trunc('milliseconds', clock_timestamp()) WHERE id = $1 RETURNING ${columns}`,
)
const setEnded = statement(
  'live.set_ended',
  `UPDATE shows SET state = 'ended', ended_at = date_trunc('milliseconds', clock_timestamp()) WHERE id = $1 RETURNING ${columns}`,
)
const setPin = statement('live.set_pin', 'UPDATE shows SET pinned_product_id = $2 WHERE id = $1')
const setChat = statement('live.set_chat', 'UPDATE shows SET slow_mode_seconds = $2, muted_words = $3 WHERE id = $1')
const clearShelf = statement('live.clear_shelf', 'DELETE FROM show_products WHERE show_id = $1')
const fillShelf = statement(
  'live.fill_shelf',
  `INSERT INTO show_products (show_id, product_id, position)
   SELECT $1, product_id, position FROM unnest($2::uuid[]) WITH ORDINALITY AS given (product_id, position)`,
)
const shelfOf = statement(
  'live.shelf_of',
  'SELECT product_id AS "productId" FROM show_products WHERE show_id = $1 ORDER BY position',
)
const liveShows = statement(
  'live.live_shows',
  `SELECT ${columns} FROM shows WHERE state = 'live' ORDER BY id DESC LIMIT 500`,
)
const scheduledShows = statement(
  'live.scheduled_shows',
  `SELECT ${columns} FROM shows WHERE state = 'scheduled' AND starts_at > now() - interval '12 hours'
     AND ($1::bigint IS NULL OR (starts_at, id) > (${atMs('$1')}, $2::uuid)) ORDER BY starts_at, id LIMIT $3`,
)
const endedShows = statement(
  'live.ended_shows',
  `SELECT ${columns} FROM shows WHERE state = 'ended'
     AND ($1::bigint IS NULL OR (ended_at, id) < (${atMs('$1')}, $2::uuid)) ORDER BY ended_at DESC, id DESC LIMIT $3`,
)
const showsOfCreator = statement(
  'live.shows_of_creator',
  `SELECT ${columns} FROM shows WHERE creator_id = $1 ORDER BY id DESC LIMIT 100`,
)
const moderatorsOf = statement(
  'live.moderators_of',
  'SELECT account_id AS "accountId" FROM show_moderators WHERE show_id = $1',
)
const restrictionsOf = statement(
  'live.restrictions_of',
  'SELECT account_id AS "accountId", kind FROM show_restrictions WHERE show_id = $1',
)
const addModerator = statement(
  'live.add_moderator',
  'INSERT INTO show_moderators (show_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
)
const removeModerator = statement(
  'live.remove_moderator',
  'DELETE FROM show_moderators WHERE show_id = $1 AND account_id = $2',
)
const addRestriction = statement(
  'live.add_restriction',
  `INSERT INTO show_restrictions (show_id, account_id, kind, by_account_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
)
const liftRestriction = statement(
  'live.lift_restriction',
  'DELETE FROM show_restrictions WHERE show_id = $1 AND account_id = $2 AND kind = $3',
)

export interface NewShow {
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly title: string
  readonly teaser: string
  readonly coverUrl: string
  readonly startsAtMs: number
  readonly operationId: OperationId
  readonly requestHash: Buffer
}

export type Place = { readonly figure: number; readonly id: string } | null

const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null

const readShelf = async (on: Queryable, showId: ShowId): Promise<ProductId[]> =>
  (await on.query<{ productId: ProductId }>(shelfOf, [showId])).map((row) => row.productId)

/** Verbs that change a show run inside a transaction that begins with `lock`: so each show's facts have one order. */
export function inTransaction(tx: Transaction) {
  return {
    lock: (showId: ShowId) => first(tx.query<ShowRecord>(lockShow, [showId])),
    insert: async (show: NewShow): Promise<boolean> => {
      const { showId, creatorId, title, teaser, coverUrl, startsAtMs, operationId, requestHash } = show
      const values = [showId, creatorId, title, teaser, coverUrl, startsAtMs, operationId, requestHash]
      return (await tx.query(insertShow, values)).length === 1
    },
    setLive: (showId: ShowId) => first(tx.query<ShowRecord>(setLive, [showId])),
    setEnded: (showId: ShowId) => first(tx.query<ShowRecord>(setEnded, [showId])),
    setPin: (showId: ShowId, productId: ProductId | null) => tx.query(setPin, [showId, productId]),
    setChat: (showId: ShowId, slowModeSeconds: number, mutedWords: readonly string[]) =>
      tx.query(setChat, [showId, slowModeSeconds, mutedWords]),
    setShelf: async (showId: ShowId, productIds: readonly ProductId[]) => {
      await tx.query(clearShelf, [showId])
      await tx.query(fillShelf, [showId, productIds])
    },
    shelf: (showId: ShowId) => readShelf(tx, showId),
    addModerator: (showId: ShowId, accountId: AccountId) => known(tx.query(addModerator, [showId, accountId])),
    removeModerator: (showId: ShowId, accountId: AccountId) => tx.query(removeModerator, [showId, accountId]),
    restrict: (showId: ShowId, accountId: AccountId, kind: 'mute' | 'ban', byAccountId: AccountId) =>
      known(tx.query(addRestriction, [showId, accountId, kind, byAccountId])),
    lift: (showId: ShowId, accountId: AccountId, kind: 'mute' | 'ban') =>
      tx.query(liftRestriction, [showId, accountId, kind]),
  }
}

/** False where the person does not exist. */
async function known(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (violates(error, 'show_moderators_account') || violates(error, 'show_restrictions_account')) return false
    throw error
  }
}

/** Shows in Postgres: what is read outside transactions. */
export function createShowStore(db: Database) {
  const on: Queryable = db
  return {
    transaction: db.transaction,
    byId: (showId: ShowId) => first(on.query<ShowRecord>(showById, [showId])),
    byOperation: (creatorId: CreatorId, operationId: OperationId) =>
      first(on.query<ShowRecord & { requestHash: Buffer }>(showOfOperation, [creatorId, operationId])),
    live: () => on.query<ShowRecord>(liveShows),
    scheduled: (after: Place, limit: number) =>
      on.query<ShowRecord>(scheduledShows, [after?.figure ?? null, after?.id ?? null, limit]),
    ended: (before: Place, limit: number) =>
      on.query<ShowRecord>(endedShows, [before?.figure ?? null, before?.id ?? null, limit]),
    ofCreator: (creatorId: CreatorId) => on.query<ShowRecord>(showsOfCreator, [creatorId]),
    shelf: (showId: ShowId) => readShelf(on, showId),
    rules: async (showId: ShowId): Promise<RoomRules | null> => {
      const show = await first(on.query<ShowRecord>(showById, [showId]))
      if (!show) return null
      const [moderators, restrictions] = await Promise.all([
        on.query<{ accountId: AccountId }>(moderatorsOf, [showId]),
        on.query<{ accountId: AccountId; kind: 'mute' | 'ban' }>(restrictionsOf, [showId]),
      ])
      const restricted = (kind: 'mute' | 'ban') =>
        new Set(restrictions.filter((row) => row.kind === kind).map((row) => row.accountId))
      return {
        creatorId: show.creatorId,
        moderators: new Set(moderators.map((row) => row.accountId)),
        muted: restricted('mute'),
        banned: restricted('ban'),
        slowModeSeconds: show.slowModeSeconds,
        mutedWords: show.mutedWords,
      }
    },
  }
}

export type ShowStore = ReturnType<typeof createShowStore>
