import type { DataOf, Operation, ToldEvent } from '../../contracts/index.ts'
import { limitTold, protocolVersion, renewSocket } from '../../contracts/index.ts'
import { Emitter } from '../emitter.ts'
import { errorOfProblem, isRefusal, LivelotError, NetworkError } from '../errors.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import { readAnswer, readToldOrNull } from './answers.ts'
import { backoffMs, connectionBackoff } from './backoff.ts'
import type { SocketTransport } from './caller.ts'
import type { ConnectionState, ConnectionStatus } from './connection-state.ts'
import { Link, type LinkEnd } from './link.ts'
import { deviceIsOffline, watchNetwork } from './network.ts'
import type { JsonObject } from './operations.ts'
import { Told } from './told.ts'
import { abortable, deadlineSignal } from './waiting.ts'

interface ConnectionEvents {
  state: ConnectionState
  /** A new socket stands: rooms and video take up again from where they were. */
  online: undefined
}

/** A page that goes from one room to the next keeps its socket; so does a component that is mounted twice. */
const LINGER_MS = 1_000
/** Before the token's end, a fresh one is handed in on the open socket. */
const RENEW_SOCKET_BEFORE_MS = 60_000
/** A server that gives tokens of less than a minute must not be asked without a pause. */
const RENEW_SOCKET_PAUSE_MS = 2_000

/** One socket for all rooms of a client. Opened while somebody holds it, and kept open through losses. */
export class Connection implements SocketTransport {
  readonly events = new Emitter<ConnectionEvents>()
  readonly #baseUrl: string
  readonly #session: SessionKeeper
  readonly #told = new Told()
  #state: ConnectionState = { status: 'idle', nextRetryAtMs: null }
  #link: Link | null = null
  /** A second link while a drained server is left: the old one stays until this one stands. */
  #nextLink: Link | null = null
  #holders = 0
  #failures = 0
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #renewTimer: ReturnType<typeof setTimeout> | undefined
  #lingerTimer: ReturnType<typeof setTimeout> | undefined
  #stopListening: (() => void)[] = []

  constructor(baseUrl: string, session: SessionKeeper) {
    this.#baseUrl = baseUrl
    this.#session = session
    this.#stopListening.push(
      session.listen({
        accountChanged: () => this.#reconnectNow(),
        tokenRenewed: (token) => this.#handInToken(token),
      }),
      watchNetwork({ back: () => this.#networkBack(), gone: () => this.#networkGone() }),
    )
  }

  get state(): ConnectionState {
    return this.#state
  }

  get online(): boolean {
    return this.#state.status === 'online'
  }

  /** Keeps the connection open until the given function is called. */
  hold(): () => void {
    if (this.#state.status === 'closed') throw new LivelotError({ code: 'client.closed' })
    this.#holders += 1
    clearTimeout(this.#lingerTimer)
    if (this.#state.status === 'idle') this.#open('connecting')
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holders -= 1
      if (this.#holders === 0 && this.#state.status !== 'closed') {
        this.#lingerTimer = setTimeout(() => this.#rest(), LINGER_MS)
      }
    }
  }

  /** Hears an event that the server tells. Data that is not as the contract says is dropped, never passed on. */
  listen<E extends ToldEvent>(event: E, listener: (data: DataOf<E>) => void): () => void {
    return this.#told.listen(event, listener)
  }

  /** As it came, for those who check it themselves. */
  listenRaw(name: string, listener: (data: unknown) => void): () => void {
    return this.#told.listenRaw(name, listener)
  }

  /** Resolves when the socket stands; holds nothing. */
  whenOnline(signal?: AbortSignal): Promise<void> {
    if (this.online) return Promise.resolve()
    const stop: (() => void)[] = []
    const stands = new Promise<void>((resolve, reject) => {
      stop.push(
        this.events.on('online', () => resolve()),
        this.events.on('state', ({ status }) => {
          if (status === 'closed') reject(new LivelotError({ code: 'client.closed' }))
        }),
      )
    })
    return abortable(stands, signal).finally(() => {
      for (const off of stop) off()
    })
  }

  /** Opens the socket where needed, asks once, and reads the answer. */
  async send(
    operation: Operation,
    request: JsonObject,
    { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs: number },
  ): Promise<unknown> {
    const release = this.hold()
    const deadline = deadlineSignal(timeoutMs, signal)
    try {
      await this.whenOnline(deadline.signal)
      const link = this.#link
      if (link === null) throw new NetworkError('client.network')
      const value = await abortable(link.request(operation.name, request), deadline.signal)
      return readAnswer(operation.response, value)
    } finally {
      deadline.done()
      release()
    }
  }

  close(): void {
    this.#rest()
    for (const stop of this.#stopListening) stop()
    this.#stopListening = []
    this.#setState('closed', null)
    this.#told.clear()
    this.events.clear()
  }

  #open(status: 'connecting' | 'reconnecting'): void {
    clearTimeout(this.#retryTimer)
    this.#setState(status, null)
    this.#link?.close()
    this.#link = this.#makeLink((link) => {
      if (this.#link === link) this.#stands()
    })
  }

  #makeLink(onOpen: (link: Link) => void): Link {
    const link = new Link(this.#baseUrl, {
      handshake: async () => {
        const token = await this.#session.accessToken()
        return token === null ? { protocol: protocolVersion } : { protocol: protocolVersion, token }
      },
      open: () => onOpen(link),
      ended: (end) => this.#linkEnded(link, end),
      told: (name, data) => {
        if (link === this.#link) this.#hear(name, data)
      },
    })
    return link
  }

  #stands(): void {
    this.#failures = 0
    this.#setState('online', null)
    this.#planRenewal()
    this.events.emit('online', undefined)
  }

  #linkEnded(link: Link, end: LinkEnd): void {
    if (link === this.#nextLink) {
      this.#nextLink = null
      // The balancer sent it to a server that takes nobody; the old link stands until the time of the drain is over.
      if (this.online) this.#moveOverIn(backoffMs(0, connectionBackoff))
      return
    }
    if (link !== this.#link) return
    this.#link = null
    clearTimeout(this.#renewTimer)
    void this.#planRetry(end)
  }

  /** A refusal of the handshake may carry its own waiting time; a token that ran out is renewed before the next try. */
  async #planRetry(end: LinkEnd): Promise<void> {
    const error = end.problem === undefined ? null : errorOfProblem(end.problem, null, null)
    const backoff = backoffMs(this.#failures, connectionBackoff)
    this.#failures += 1
    this.#retryIn(Math.max(backoff, error?.retryAfterMs ?? 0))
    if (!isRefusal(error, 'auth.token_expired') && !isRefusal(error, 'auth.required')) return
    try {
      await this.#session.refresh()
    } catch {
      // Out of reach now; the planned retry asks for a token again.
      return
    }
    if (this.#state.status === 'reconnecting') this.#retryIn(0)
  }

  #retryIn(waitMs: number): void {
    clearTimeout(this.#retryTimer)
    this.#setState(deviceIsOffline() ? 'offline' : 'reconnecting', Date.now() + waitMs)
    this.#retryTimer = setTimeout(() => this.#open('reconnecting'), waitMs)
  }

  #hear(name: string, data: unknown): void {
    if (name === limitTold.name) {
      const limited = readToldOrNull(limitTold, data)
      if (limited !== null) this.#limited(limited)
    }
    this.#told.hear(name, data)
  }

  /**
   * Drain: everybody leaves this server at a random moment of the time given, the new socket first, then the old one.
   * Otherwise the socket is about to be cut; coming back before the time given would only be cut again.
   */
  #limited({ reason, retryAfterMs }: DataOf<typeof limitTold>): void {
    if (reason === 'drain') {
      this.#moveOverIn(Math.random() * retryAfterMs)
      return
    }
    this.#link?.close()
    this.#link = null
    clearTimeout(this.#renewTimer)
    this.#retryIn(retryAfterMs + Math.random() * connectionBackoff.baseMs)
  }

  #moveOverIn(waitMs: number): void {
    clearTimeout(this.#retryTimer)
    this.#retryTimer = setTimeout(() => this.#moveOver(), waitMs)
  }

  #moveOver(): void {
    if (!this.online || this.#nextLink !== null) return
    this.#nextLink = this.#makeLink((link) => {
      if (link !== this.#nextLink) return
      this.#nextLink = null
      const old = this.#link
      this.#link = link
      old?.close()
      this.#stands()
    })
  }

  /** Another account must not go on with the socket of the one before. */
  #reconnectNow(): void {
    if (this.#state.status !== 'idle' && this.#state.status !== 'closed') this.#open('reconnecting')
  }

  #planRenewal(): void {
    clearTimeout(this.#renewTimer)
    const expiresInMs = this.#session.expiresInMs
    if (expiresInMs === null) return
    const renew = () => {
      // A failure here is not the end: the server closes at expiry, and the next handshake renews again.
      this.#session.refresh().catch(() => this.#planRenewal())
    }
    this.#renewTimer = setTimeout(renew, Math.max(RENEW_SOCKET_PAUSE_MS, expiresInMs - RENEW_SOCKET_BEFORE_MS))
  }

  #handInToken(token: string): void {
    if (!this.online || this.#link === null) return
    this.#planRenewal()
    // Refused or lost: the server closes the socket at expiry, and the reconnect carries the new token.
    this.#link.request(renewSocket.name, { token }).catch(() => undefined)
  }

  #networkBack(): void {
    if (this.#state.status !== 'offline' && this.#state.status !== 'reconnecting') return
    this.#failures = 0
    this.#open('reconnecting')
  }

  #networkGone(): void {
    if (this.#state.status === 'reconnecting') this.#setState('offline', this.#state.nextRetryAtMs)
  }

  #rest(): void {
    clearTimeout(this.#lingerTimer)
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#renewTimer)
    this.#nextLink?.close()
    this.#nextLink = null
    this.#link?.close()
    this.#link = null
    this.#failures = 0
    if (this.#state.status !== 'closed') this.#setState('idle', null)
  }

  #setState(status: ConnectionStatus, nextRetryAtMs: number | null): void {
    if (this.#state.status === status && this.#state.nextRetryAtMs === nextRetryAtMs) return
    this.#state = { status, nextRetryAtMs }
    this.events.emit('state', this.#state)
  }
}
