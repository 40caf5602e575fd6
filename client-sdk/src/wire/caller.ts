import type { Operation, ResponseOf } from '../../contracts/index.ts'
import { isRefusal, LivelotError, NetworkError } from '../errors.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import { retryDelayMs } from './backoff.ts'
import type { HttpTransport } from './http.ts'
import { type CallOptions, type CallRequest, type JsonObject, repeatsSafely, withOperationId } from './operations.ts'
import { deadlineSignal, delay } from './waiting.ts'

const CALL_TIMEOUT_MS = 15_000
/** One request may take this long before it is given up and, where that is safe, sent again. */
const ATTEMPT_TIMEOUT_MS = 10_000
const ATTEMPTS_MAX = 4

/** What the caller needs of the socket: one request with its answer. */
export interface SocketTransport {
  readonly online: boolean
  send(operation: Operation, request: JsonObject, options: { signal: AbortSignal; timeoutMs: number }): Promise<unknown>
}

export interface Route {
  /** `socket-if-online` takes the open socket and falls back to HTTP; otherwise HTTP is taken where there is one. */
  prefer?: 'http' | 'socket-if-online'
}

/** The one way out: operation id, access token, deadline, and retries as the error catalogue advises. */
export class Caller {
  readonly #http: HttpTransport
  readonly #session: SessionKeeper
  readonly #socket: SocketTransport
  #closed = false

  constructor(http: HttpTransport, session: SessionKeeper, socket: SocketTransport) {
    this.#http = http
    this.#session = session
    this.#socket = socket
  }

  close(): void {
    this.#closed = true
  }

  /** Repeats: the operation id is made once, so every retry asks for the same effect. */
  async call<O extends Operation>(
    operation: O,
    request: CallRequest<O>,
    options: CallOptions = {},
    route: Route = {},
  ): Promise<ResponseOf<O>> {
    const full = withOperationId(operation, { ...(request as JsonObject | undefined) })
    const waitMs = typeof full.waitMs === 'number' ? full.waitMs : 0
    const timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS + waitMs
    const deadline = deadlineSignal(timeoutMs, options.signal)
    try {
      const answer = await this.#attempts(operation, full, {
        signal: deadline.signal,
        attemptsMax: options.attemptsMax ?? ATTEMPTS_MAX,
        attemptTimeoutMs: Math.min(timeoutMs, (options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS) + waitMs),
        endsAtTick: performance.now() + timeoutMs,
        route,
      })
      return answer as ResponseOf<O>
    } finally {
      deadline.done()
    }
  }

  async #attempts(operation: Operation, request: JsonObject, plan: CallPlan): Promise<unknown> {
    let renewed = false
    for (let attempt = 0; ; attempt += 1) {
      if (this.#closed) throw new LivelotError({ code: 'client.closed' })
      try {
        return await this.#once(operation, request, plan)
      } catch (error) {
        if (plan.signal.aborted) throw plan.signal.reason
        if (!renewed && this.#tokenRefused(error)) {
          renewed = true
          if ((await this.#session.refresh()) !== null) continue
          throw error
        }
        const waitMs = retryDelayMs(error, attempt, repeatsSafely(operation))
        if (waitMs === null || attempt + 1 >= plan.attemptsMax) throw error
        // An answer now is worth more to a person than the same refusal at the deadline.
        if (performance.now() + waitMs >= plan.endsAtTick) throw error
        await delay(waitMs, plan.signal)
      }
    }
  }

  async #once(operation: Operation, request: JsonObject, plan: CallPlan): Promise<unknown> {
    const bySocket =
      operation.socket && (!operation.http || (plan.route.prefer === 'socket-if-online' && this.#socket.online))
    if (bySocket) {
      return this.#socket.send(operation, request, { signal: plan.signal, timeoutMs: plan.attemptTimeoutMs })
    }
    const token = await this.#tokenWithin(plan.signal)
    const answer = await this.#http.send(operation, request, {
      token,
      signal: plan.signal,
      timeoutMs: plan.attemptTimeoutMs,
    })
    return answer.value
  }

  /** A server that has lost or changed its key knows no token of before; the refresh token decides then. */
  #tokenRefused(error: unknown): boolean {
    if (isRefusal(error, 'auth.token_expired')) return true
    return isRefusal(error, 'auth.required') && this.#session.account !== null
  }

  async #tokenWithin(signal: AbortSignal): Promise<string | null> {
    const token = await this.#session.accessToken()
    if (signal.aborted) throw signal.reason ?? new NetworkError('client.timeout')
    return token
  }
}

interface CallPlan {
  signal: AbortSignal
  attemptsMax: number
  attemptTimeoutMs: number
  endsAtTick: number
  route: Route
}
