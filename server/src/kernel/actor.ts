import type { AccountId, BrandId, CreatorId, Role } from '@livelot/client/contracts'
import { Refusal } from './errors.ts'

export interface AccountActor {
  readonly kind: 'account'
  readonly accountId: AccountId
  readonly sessionId: string
  readonly displayName: string
  readonly roles: readonly Role[]
  readonly creatorId: CreatorId | null
  readonly brandIds: readonly BrandId[]
  /** When the access token that proved all this ends. */
  readonly expiresAtMs: number
}

/** Who acts: a guest, or an account as its access token describes it. */
export type Actor = { readonly kind: 'guest' } | AccountActor

export const guest: Actor = { kind: 'guest' }

/** The account behind the actor. Refuses: auth.required for guests. */
export function accountOf(actor: Actor): AccountActor {
  if (actor.kind !== 'account') throw new Refusal('auth.required')
  return actor
}

/** The creator behind the actor. Refuses: auth.required for guests, auth.forbidden for accounts without a creator profile. */
export function creatorOf(actor: Actor): AccountActor & { readonly creatorId: CreatorId } {
  const account = accountOf(actor)
  const { creatorId } = account
  if (creatorId === null) throw new Refusal('auth.forbidden')
  return { ...account, creatorId }
}
