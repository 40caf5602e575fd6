import type {
  AccountId,
  Address,
  BrandId,
  BrandProfile,
  CreatorId,
  CreatorProfile,
  Role,
} from '@livelot/client/contracts'
import { batched } from '#infra/postgres/batched'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { AccountRecord } from './account.ts'

const accountColumns = `a.id AS "accountId", a.email, a.password_hash AS "passwordHash", a.display_name AS "displayName",
  a.roles, a.address, (extract(epoch FROM a.created_at) * 1000)::bigint AS "createdAtMs",
  (SELECT c.id FROM creators c WHERE c.account_id = a.id) AS "creatorId",
  ARRAY(SELECT m.brand_id FROM brand_members m WHERE m.account_id = a.id) AS "brandIds"`

const insertAccount = statement(
  'profiles.insert_account',
  `INSERT INTO accounts (id, email, password_hash, display_name, roles) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT ON CONSTRAINT accounts_email_unique DO NOTHING RETURNING id`,
)
const byEmail = statement('profiles.account_by_email', `SELECT ${accountColumns} FROM accounts a WHERE a.email = $1`)
const byId = statement('profiles.account_by_id', `SELECT ${accountColumns} FROM accounts a WHERE a.id = $1`)
const addressesByIds = statement(
  'profiles.addresses_by_ids',
  'SELECT id AS "accountId", address FROM accounts WHERE id = ANY($1::uuid[])',
)
const updateAddress = statement('profiles.set_address', 'UPDATE accounts SET address = $2 WHERE id = $1')

const insertSession = statement(
  'profiles.insert_session',
  `INSERT INTO sessions (id, account_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '30 days')`,
)
// A token that was traded less than 20 seconds ago is taken once more, because the reply to the first trade may have
// been lost; its holder gets the same next token again, which must still be the newest.
const rotateSession = statement(
  'profiles.rotate_session',
  `UPDATE sessions SET previous_token_hash = $1, token_hash = $2, expires_at = now() + interval '30 days',
     rotated_at = CASE WHEN token_hash = $1 THEN now() ELSE rotated_at END
   WHERE ended_at IS NULL AND expires_at > now()
     AND (token_hash = $1 OR (previous_token_hash = $1 AND token_hash = $2 AND rotated_at > now() - interval '20 seconds'))
   RETURNING id AS "sessionId", account_id AS "accountId"`,
)
const endStolen = statement(
  'profiles.end_stolen_session',
  `UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL AND token_hash = ANY($1::bytea[]) RETURNING id AS "sessionId"`,
)
const endByToken = statement(
  'profiles.end_session',
  `UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL AND (token_hash = $1 OR previous_token_hash = $1)
   RETURNING id AS "sessionId"`,
)

const endById = statement(
  'profiles.end_session_by_id',
  'UPDATE sessions SET ended_at = now() WHERE ended_at IS NULL AND id = $1 RETURNING id AS "sessionId"',
)

const creatorColumns = `id AS "creatorId", handle, display_name AS "displayName", bio, picture_url AS "pictureUrl"`
const creatorByHandle = statement(
  'profiles.creator_by_handle',
  `SELECT ${creatorColumns} FROM creators WHERE handle = $1`,
)
const creatorsByIds = statement('profiles.creators_by_ids', `SELECT ${creatorColumns} FROM creators WHERE id = ANY($1)`)
const accountOfCreator = statement(
  'profiles.account_of_creator',
  'SELECT account_id AS "accountId" FROM creators WHERE id = $1',
)
const brandColumns = `id AS "brandId", handle, name, story, picture_url AS "pictureUrl"`
// A creator's own brand sells what is made up in shows; it is no shop to stroll in.
const allBrands = statement(
  'profiles.brands',
  `SELECT ${brandColumns} FROM brands b WHERE NOT EXISTS (SELECT FROM creators c WHERE c.brand_id = b.id) ORDER BY name`,
)
const brandsOfAccounts = statement(
  'profiles.brands_of_accounts',
  'SELECT DISTINCT brand_id AS "brandId" FROM brand_members WHERE account_id = ANY($1::uuid[])',
)
const lockCreator = statement(
  'profiles.lock_creator',
  'SELECT brand_id AS "brandId" FROM creators WHERE id = $1 FOR NO KEY UPDATE',
)
const makeBrand = statement(
  'profiles.make_brand_of_creator',
  `WITH made AS (
     INSERT INTO brands (id, handle, name, story, picture_url)
     SELECT $2, handle || '-' || left($2::uuid::text, 8), display_name, bio, picture_url FROM creators WHERE id = $1
     RETURNING id
   ),
   member AS (
     INSERT INTO brand_members (brand_id, account_id) SELECT $2, account_id FROM made, creators WHERE creators.id = $1
   )
   UPDATE creators SET brand_id = $2 WHERE id = $1`,
)
const brandsByIds = statement('profiles.brands_by_ids', `SELECT ${brandColumns} FROM brands WHERE id = ANY($1)`)

export type SessionRef = { readonly sessionId: string; readonly accountId: AccountId }

/** Guess: as the steps of a checkout, which asks for them. */
const addressBatches = { sizeMax: 64, parallel: 2 } as const

/** Accounts, sessions and public profiles in Postgres. */
export function createProfilesStore(db: Queryable) {
  const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null
  const addressOf = batched(async (accountIds: readonly AccountId[]): Promise<(Address | null)[]> => {
    const rows = await db.query<{ accountId: AccountId; address: Address | null }>(addressesByIds, [accountIds])
    const byAccount = new Map(rows.map((row) => [row.accountId, row.address]))
    return accountIds.map((accountId) => byAccount.get(accountId) ?? null)
  }, addressBatches)
  return {
    /** Where an account wants its parcels. A crowd that asks at the same moment costs one statement. */
    addressOf,
    /** Atomic. Answers false when the e-mail address is taken. */
    insertAccount: async (account: {
      accountId: AccountId
      email: string
      passwordHash: string
      displayName: string
      roles: readonly Role[]
    }): Promise<boolean> => {
      const { accountId, email, passwordHash, displayName, roles } = account
      const rows = await db.query(insertAccount, [accountId, email, passwordHash, displayName, roles])
      return rows.length > 0
    },
    accountByEmail: (email: string) => first(db.query<AccountRecord>(byEmail, [email])),
    accountById: (accountId: AccountId) => first(db.query<AccountRecord>(byId, [accountId])),
    setAddress: async (accountId: AccountId, address: Address) => {
      await db.query(updateAddress, [accountId, JSON.stringify(address)])
    },
    insertSession: async (sessionId: string, accountId: AccountId, tokenHash: Buffer) => {
      await db.query(insertSession, [sessionId, accountId, tokenHash])
    },
    /** Trades a refresh token for the next. Atomic. Null when it is unknown, spent or its session is over. */
    rotateSession: (oldHash: Buffer, newHash: Buffer) => first(db.query<SessionRef>(rotateSession, [oldHash, newHash])),
    /** Ends the session whose newest token comes after the one shown: that one was spent, and somebody has a copy. */
    endStolenSession: (laterHashes: readonly Buffer[]) =>
      first(db.query<{ sessionId: string }>(endStolen, [laterHashes])),
    endSessionById: (sessionId: string) => first(db.query<{ sessionId: string }>(endById, [sessionId])),
    endSession: (tokenHash: Buffer) => first(db.query<{ sessionId: string }>(endByToken, [tokenHash])),
    creatorByHandle: (handle: string) => first(db.query<CreatorProfile>(creatorByHandle, [handle])),
    creatorsByIds: (ids: readonly string[]) => db.query<CreatorProfile>(creatorsByIds, [ids]),
    accountOfCreator: async (creatorId: string) =>
      (await first(db.query<{ accountId: AccountId }>(accountOfCreator, [creatorId])))?.accountId ?? null,
    brands: () => db.query<BrandProfile>(allBrands),
    brandsOfAccounts: async (accountIds: readonly AccountId[]) =>
      (await db.query<{ brandId: BrandId }>(brandsOfAccounts, [accountIds])).map((row) => row.brandId),
    /** The creator's own brand, its row locked; null where there is none yet, undefined where there is no creator. */
    lockBrandOfCreator: async (tx: Transaction, creatorId: CreatorId) =>
      (await tx.query<{ brandId: BrandId | null }>(lockCreator, [creatorId]))[0]?.brandId,
    makeBrandOfCreator: async (tx: Transaction, creatorId: CreatorId, brandId: BrandId) => {
      await tx.query(makeBrand, [creatorId, brandId])
    },
    brandsByIds: (ids: readonly string[]) => db.query<BrandProfile>(brandsByIds, [ids]),
  }
}

export type ProfilesStore = ReturnType<typeof createProfilesStore>
