import type {
  AccountId,
  Address,
  BrandId,
  CreatorId,
  RequestOf,
  register,
  Session,
  signIn,
} from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import type { AccountActor, Actor } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { nowMs } from '#kernel/now'
import { type AccountRecord, isCommonPassword, toAccount } from './account.ts'
import type { Passwords } from './passwords.ts'
import type { Revocations } from './revocations.ts'
import type { ProfilesStore } from './store.pg.ts'
import { type AccessTokens, hashRefreshToken, newRefreshToken } from './tokens.ts'

/** Tries per e-mail address and per network address; answers milliseconds to wait, 0 to go on. */
export interface SignInLimits {
  take(email: string, ip: string): number
}

export interface ProfilesParts {
  readonly store: ProfilesStore
  readonly passwords: Passwords
  readonly tokens: AccessTokens
  readonly revocations: Revocations
  readonly limits: SignInLimits
}

const readCacheMax = 20_000
/** How many trades ago a spent refresh token still tells that somebody has a copy: most of a day. */
const spentTradesKnown = 100

export function createProfilesService(parts: ProfilesParts) {
  const { store, passwords, tokens, revocations, limits } = parts
  const readTokens = new Map<string, AccountActor>()

  const openSession = async (record: AccountRecord): Promise<Session> => {
    const sessionId = newId()
    const refreshToken = newRefreshToken()
    await store.insertSession(sessionId, record.accountId, hashRefreshToken(refreshToken))
    return await sessionOf(record, sessionId, refreshToken)
  }
  const sessionOf = async (record: AccountRecord, sessionId: string, refreshToken: string): Promise<Session> => {
    const { token, expiresAtMs } = await tokens.issue(record, sessionId)
    return { accessToken: token, accessTokenExpiresAtMs: expiresAtMs, refreshToken, account: toAccount(record) }
  }
  const laterHashes = (refreshToken: string): Buffer[] => {
    const hashes: Buffer[] = []
    let token = refreshToken
    for (let i = 0; i < spentTradesKnown; i += 1) {
      token = tokens.nextRefreshToken(token)
      hashes.push(hashRefreshToken(token))
    }
    return hashes
  }
  const accountRecord = async (accountId: AccountId): Promise<AccountRecord> => {
    const record = await store.accountById(accountId)
    assertThat(record, 'an account with a valid token exists')
    return record
  }
  const checkLimits = (email: string, ip: string) => {
    const retryAfterMs = limits.take(email, ip)
    if (retryAfterMs > 0) throw new Refusal('request.rate_limited', { retryAfterMs })
  }

  return {
    /** Creates a buyer and signs in. Refuses: auth.email_taken, auth.password_common, request.rate_limited, server.busy. */
    register: async (request: RequestOf<typeof register>, ip: string): Promise<Session> => {
      checkLimits(request.email, ip)
      if (isCommonPassword(request.password, request.email)) throw new Refusal('auth.password_common')
      const accountId = newId<AccountId>()
      const passwordHash = await passwords.hash(request.password)
      const { email, displayName } = request
      const isNew = await store.insertAccount({ accountId, email, passwordHash, displayName, roles: ['buyer'] })
      if (!isNew) throw new Refusal('auth.email_taken')
      return await openSession(await accountRecord(accountId))
    },

    /** Refuses: auth.wrong_credentials (never telling which was wrong), request.rate_limited, server.busy. */
    signIn: async (request: RequestOf<typeof signIn>, ip: string): Promise<Session> => {
      checkLimits(request.email, ip)
      const record = await store.accountByEmail(request.email)
      const isRight = await passwords.verify(record?.passwordHash ?? null, request.password)
      if (!record || !isRight) throw new Refusal('auth.wrong_credentials')
      return await openSession(record)
    },

    /** Trades a refresh token for a new session. A spent one shown again ends the session. Refuses: auth.required. */
    refresh: async (refreshToken: string | undefined): Promise<Session> => {
      if (!refreshToken) throw new Refusal('auth.required')
      const next = tokens.nextRefreshToken(refreshToken)
      const oldHash = hashRefreshToken(refreshToken)
      const session = await store.rotateSession(oldHash, hashRefreshToken(next))
      if (!session) {
        const stolen = await store.endStolenSession(laterHashes(refreshToken))
        if (stolen) await revocations.revoke(stolen.sessionId)
        throw new Refusal('auth.required')
      }
      return await sessionOf(await accountRecord(session.accountId), session.sessionId, next)
    },

    /** Ends the caller's session: by refresh token, or else by the access token. Repeats: nothing more happens. */
    signOut: async (refreshToken: string | undefined, actor: Actor): Promise<void> => {
      const ended = refreshToken
        ? await store.endSession(hashRefreshToken(refreshToken))
        : actor.kind === 'account' && (await store.endSessionById(actor.sessionId))
      if (ended) await revocations.revoke(ended.sessionId)
    },

    me: async (accountId: AccountId) => toAccount(await accountRecord(accountId)),

    setAddress: async (accountId: AccountId, address: Address) => {
      await store.setAddress(accountId, address)
      return toAccount(await accountRecord(accountId))
    },

    creatorByHandle: async (handle: string) => {
      const creator = await store.creatorByHandle(handle)
      if (!creator) throw new Refusal('profile.not_found')
      return creator
    },

    /** The actor of an access token. Refuses: auth.token_expired, auth.required. */
    authenticate: async (token: string): Promise<Actor> => {
      const known = readTokens.get(token)
      const actor = known && known.expiresAtMs > nowMs() ? known : await tokens.read(token)
      if (revocations.isRevoked(actor.sessionId)) throw new Refusal('auth.required')
      if (!known) {
        if (readTokens.size >= readCacheMax) readTokens.delete(readTokens.keys().next().value as string)
        readTokens.set(token, actor)
      } else if (known !== actor) readTokens.delete(token)
      return actor
    },

    addressOf: (accountId: AccountId): Promise<Address | null> => store.addressOf(accountId),
    accountOfCreator: (creatorId: string) => store.accountOfCreator(creatorId),
    accountById: (accountId: AccountId) => store.accountById(accountId),
    creatorsByIds: (ids: readonly string[]) => store.creatorsByIds(ids),
    brandsByIds: (ids: readonly string[]) => store.brandsByIds(ids),
    brands: () => store.brands(),
    /** Brands that any of these people sell for. */
    brandsOfAccounts: (accountIds: readonly AccountId[]): Promise<BrandId[]> =>
      accountIds.length === 0 ? Promise.resolve([]) : store.brandsOfAccounts(accountIds),

    /** The brand under which a creator sells what is made up in shows, made when it is first asked for. No list shows it. */
    brandOfCreator: async (tx: Transaction, creatorId: CreatorId): Promise<BrandId> => {
      const known = await store.lockBrandOfCreator(tx, creatorId)
      assertThat(known !== undefined, 'a brand is asked for by a creator who exists')
      if (known !== null) return known
      const brandId = newId<BrandId>()
      await store.makeBrandOfCreator(tx, creatorId, brandId)
      return brandId
    },
  }
}

export type ProfilesService = ReturnType<typeof createProfilesService>
