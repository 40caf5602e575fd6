import type { AccountId, BrandId, CreatorId, Role } from '@livelot/client/contracts'
import pg from 'pg'
import { newId } from '#kernel/ids'
import type { AccountRecord } from '../../src/modules/profiles/account.ts'
import { createAccessTokens } from '../../src/modules/profiles/tokens.ts'
import type { TestPlatform } from './platform.ts'

/** Accounts of a running platform and access tokens for them, without the cost of passwords. */
export async function peopleOf(platform: TestPlatform) {
  const db = new pg.Client({ connectionString: platform.databaseUrl })
  await db.connect()
  const tokens = createAccessTokens(platform.env.AUTH_PRIVATE_KEY ?? '')
  const rows = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
    (await db.query<Row>(text, values)).rows
  const byEmail = async (email: string): Promise<AccountRecord> => {
    const found = await rows<AccountRecord>(
      `SELECT a.id AS "accountId", a.email, a.password_hash AS "passwordHash", a.display_name AS "displayName", a.roles,
         a.address, 0 AS "createdAtMs", (SELECT c.id FROM creators c WHERE c.account_id = a.id) AS "creatorId",
         ARRAY(SELECT m.brand_id FROM brand_members m WHERE m.account_id = a.id) AS "brandIds"
       FROM accounts a WHERE a.email = $1`,
      [email],
    )
    if (!found[0]) throw new Error(`There is no account ${email}`)
    return found[0]
  }
  const tokenOf = async (account: AccountRecord) => (await tokens.issue(account, newId())).token
  return {
    rows,
    byEmail,
    tokenOf,
    tokenFor: async (email: string) => tokenOf(await byEmail(email)),
    /** Makes an account. */
    add: async (roles: readonly Role[]): Promise<AccountRecord> => {
      const accountId = newId<AccountId>()
      const email = `${accountId}@shop.test`
      await rows(
        `INSERT INTO accounts (id, email, password_hash, display_name, roles) VALUES ($1, $2, 'none', 'Somebody', $3)`,
        [accountId, email, roles],
      )
      const creatorId: CreatorId | null = null
      const brandIds: BrandId[] = []
      const kept = { passwordHash: 'none', displayName: 'Somebody', address: null, createdAtMs: 0 }
      return { accountId, email, roles, creatorId, brandIds, ...kept }
    },
    close: () => db.end(),
  }
}

export type People = Awaited<ReturnType<typeof peopleOf>>
