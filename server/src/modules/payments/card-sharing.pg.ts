import type { AccountId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'

/** One card on more accounts than these is a number for tests, not a family. */
const sharersMax = 500

// Removed cards count: taking a card away does not make two people of one.
const sharing = `FROM payment_cards own JOIN payment_cards other
    ON other.fingerprint = own.fingerprint AND other.provider = own.provider AND other.account_id <> own.account_id
  WHERE own.account_id = $1`
const selectAmong = statement(
  'payments.card_sharers_among',
  `SELECT DISTINCT other.account_id AS "accountId" ${sharing} AND other.account_id = ANY($2::uuid[])`,
)
const selectSome = statement(
  'payments.card_sharers',
  `SELECT DISTINCT other.account_id AS "accountId" ${sharing} ORDER BY other.account_id LIMIT ${sharersMax}`,
)

/** Accounts with a card in common, told by its fingerprint. */
export async function cardSharersAmong(
  on: Queryable,
  accountId: AccountId,
  others: readonly AccountId[],
): Promise<AccountId[]> {
  if (others.length === 0) return []
  return (await on.query<{ accountId: AccountId }>(selectAmong, [accountId, others])).map((row) => row.accountId)
}

export async function cardSharers(on: Queryable, accountId: AccountId): Promise<AccountId[]> {
  return (await on.query<{ accountId: AccountId }>(selectSome, [accountId])).map((row) => row.accountId)
}
