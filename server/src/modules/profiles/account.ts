import type { Account, AccountId, Address, BrandId, CreatorId, Role } from '@livelot/client/contracts'

/** An account as the store keeps it. */
export interface AccountRecord {
  readonly accountId: AccountId
  readonly email: string
  readonly passwordHash: string
  readonly displayName: string
  readonly roles: readonly Role[]
  readonly creatorId: CreatorId | null
  readonly brandIds: readonly BrandId[]
  readonly address: Address | null
  readonly createdAtMs: number
}

/** What the account's owner may see of it: everything but the password's hash. */
export function toAccount(record: AccountRecord): Account {
  const { passwordHash: _hash, ...visible } = record
  return { ...visible, roles: [...record.roles], brandIds: [...record.brandIds] }
}

// The best-known passwords of eight characters and more, and what anybody would try first here.
const common = new Set(
  `password password1 password123 passw0rd 12345678 123456789 1234567890 qwertyuiop qwerty123 iloveyou sunshine princess
   football baseball welcome1 welcome123 admin123 administrator letmein1 letmein123 superman trustno1 abc12345 abcd1234
   11111111 00000000 88888888 12341234 123123123 987654321 1q2w3e4r 1qaz2wsx asdfghjkl zxcvbnm1 michelle jennifer
   computer starwars whatever dragon123 monkey123 changeme changeme1 livelot1 livelot123 liveshopping`.split(/\s+/),
)

/** True for passwords that are tried first in every attack, and for the account's own name. */
export function isCommonPassword(password: string, email: string): boolean {
  const lower = password.toLowerCase()
  return common.has(lower) || lower === email || lower === email.split('@')[0] || new Set(lower).size === 1
}
