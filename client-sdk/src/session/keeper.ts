import { type Account, type Operation, refreshSession, type Session } from '../../contracts/index.ts'
import { isRefusal, LivelotError } from '../errors.ts'
import type { HttpAnswer, HttpTransport } from '../wire/http.ts'
import type { JsonObject } from '../wire/operations.ts'
import type { SessionStorage } from './storage.ts'

/** An access token is renewed this long before its end, so that a slow request still arrives with a valid one. */
const RENEW_BEFORE_MS = 20_000
const REFRESH_TIMEOUT_MS = 10_000

interface LiveSession {
  accessToken: string
  /** By this process's monotonic clock. */
  expiresAtTick: number
  account: Account
}

export interface SessionListener {
  /** The account changed: signed in, signed out, or the server ended the session. */
  accountChanged?(account: Account | null): void
  /** The same account has a fresh access token. */
  tokenRenewed?(token: string): void
}

/** Holds the access token, renews it one request at a time, and tells when the account changes. */
export class SessionKeeper {
  readonly #http: HttpTransport
  readonly #storage: SessionStorage | null
  readonly #listeners = new Set<SessionListener>()
  #session: LiveSession | null = null
  #refreshing: Promise<string | null> | null = null

  constructor(http: HttpTransport, storage: SessionStorage | null) {
    this.#http = http
    this.#storage = storage
  }

  get account(): Account | null {
    return this.#session?.account ?? null
  }

  /** Whether the refresh token travels as a cookie. */
  get usesCookie(): boolean {
    return this.#storage === null
  }

  /** Milliseconds until the access token ends; null for guests. */
  get expiresInMs(): number | null {
    return this.#session === null ? null : this.#session.expiresAtTick - performance.now()
  }

  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A token that is good for the next request, or null for a guest. */
  async accessToken(): Promise<string | null> {
    if (this.#refreshing) return this.#refreshing
    const session = this.#session
    if (session === null) return null
    if (session.expiresAtTick - performance.now() > RENEW_BEFORE_MS) return session.accessToken
    try {
      return await this.refresh()
    } catch (error) {
      // The old token may still be good for a moment when only the renewal is out of reach.
      if (session.expiresAtTick > performance.now()) return session.accessToken
      throw error
    }
  }

  /** Repeats: calls that meet share one request. Gives null, and tells so, when the session is over. */
  refresh(): Promise<string | null> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  /** Takes over a session that the server gave: at sign-in, at register, or made elsewhere. */
  async adopt(session: Session, dateMs: number | null = null): Promise<void> {
    if (this.#storage !== null && session.refreshToken !== null) {
      await this.#storage.save({ refreshToken: session.refreshToken })
    }
    const lifetimeMs = session.accessTokenExpiresAtMs - (dateMs ?? Date.now())
    const before = this.#session
    this.#session = {
      accessToken: session.accessToken,
      expiresAtTick: performance.now() + lifetimeMs,
      account: session.account,
    }
    if (before?.account.accountId === session.account.accountId) {
      for (const listener of this.#listeners) listener.tokenRenewed?.(session.accessToken)
    } else {
      this.#tellAccount()
    }
  }

  /** Shows a change of the account itself (address, name) without a new session. */
  showAccount(account: Account): void {
    if (this.#session?.account.accountId !== account.accountId) return
    this.#session.account = account
  }

  async clear(): Promise<void> {
    const had = this.#session !== null
    this.#session = null
    if (this.#storage !== null) await this.#storage.save(null)
    if (had) this.#tellAccount()
  }

  /** What an operation that ends or trades the session must carry. */
  async secret(): Promise<JsonObject> {
    const stored = this.#storage === null ? null : await this.#storage.load()
    return stored === null ? {} : { refreshToken: stored.refreshToken }
  }

  send(operation: Operation, request: JsonObject): Promise<HttpAnswer> {
    return this.#http.send(operation, request, {
      token: null,
      timeoutMs: REFRESH_TIMEOUT_MS,
      withCookies: this.usesCookie,
    })
  }

  async #refreshOnce(): Promise<string | null> {
    if (this.#storage !== null && (await this.#storage.load()) === null) {
      await this.clear()
      return null
    }
    try {
      return await this.#alone(async () => {
        const request = { ...(await this.secret()), transport: this.usesCookie ? 'cookie' : 'body' }
        const { value, dateMs } = await this.send(refreshSession, request)
        const session = value as Session
        await this.adopt(session, dateMs)
        return session.accessToken
      })
    } catch (error) {
      const over = isRefusal(error, 'auth.required') || isRefusal(error, 'auth.token_expired')
      if (!over && !(error instanceof LivelotError && error.status === 401)) throw error
      await this.clear()
      return null
    }
  }

  /** A refresh token works once and all tabs share the cookie: two tabs must not spend the same one. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const locks = this.usesCookie && typeof navigator !== 'undefined' ? navigator.locks : undefined
    return locks ? locks.request('livelot:session', work) : work()
  }

  #tellAccount(): void {
    for (const listener of this.#listeners) listener.accountChanged?.(this.account)
  }
}
