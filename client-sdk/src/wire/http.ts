import type { Operation } from '../../contracts/index.ts'
import { errorOfProblem, LivelotError, NetworkError } from '../errors.ts'
import { readAnswer } from './answers.ts'
import { httpShapeOf, type JsonObject } from './operations.ts'
import { deadlineSignal } from './waiting.ts'

/** The part of a fetch answer that is read here. */
export interface FetchAnswer {
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** The platform's own `fetch`, or anything of its form: through a proxy, with tracing, on sockets of your own. */
export type Fetch = (input: string, init: RequestInit) => Promise<FetchAnswer>

export interface HttpOptions {
  token: string | null
  signal?: AbortSignal
  timeoutMs: number
  /** Cookies travel with the session's own operations only, so that no other request can be forged with them. */
  withCookies?: boolean
}

export interface HttpAnswer {
  value: unknown
  /** Server time in epoch milliseconds, to the second; null where the header cannot be read (other origin). */
  dateMs: number | null
}

/** One request, one answer: no retries here. */
export class HttpTransport {
  readonly #baseUrl: string
  readonly #fetch: Fetch

  constructor(baseUrl: string, fetchWith: Fetch | undefined) {
    this.#baseUrl = baseUrl.replace(/\/+$/, '')
    this.#fetch = fetchWith ?? ((input, init) => fetch(input, init))
  }

  /** Refuses: the server's codes as LivelotError, NetworkError when nothing came back, the signal's reason on abort. */
  async send(operation: Operation, request: JsonObject, options: HttpOptions): Promise<HttpAnswer> {
    const shape = httpShapeOf(operation, request)
    const headers: Record<string, string> = { accept: 'application/json' }
    if (shape.body !== null) headers['content-type'] = 'application/json'
    if (options.token !== null) headers.authorization = `Bearer ${options.token}`
    if (shape.idempotencyKey !== null) headers['idempotency-key'] = shape.idempotencyKey
    const deadline = deadlineSignal(options.timeoutMs, options.signal)
    try {
      const response = await this.#fetch(this.#baseUrl + shape.target, {
        method: shape.method,
        headers,
        body: shape.body,
        credentials: options.withCookies ? 'include' : 'omit',
        signal: deadline.signal,
      })
      const body = await readBody(response)
      if (!response.ok) throw errorOfProblem(body, response.status, retryAfterMs(response.headers.get('retry-after')))
      const dateMs = Date.parse(response.headers.get('date') ?? '')
      return { value: readAnswer(operation.response, body), dateMs: Number.isNaN(dateMs) ? null : dateMs }
    } catch (error) {
      if (error instanceof LivelotError) throw error
      if (deadline.signal.aborted) throw deadline.signal.reason
      throw new NetworkError('client.network', error)
    } finally {
      deadline.done()
    }
  }
}

/** An empty answer (204) stands for an empty object; text that is not JSON for nothing that can be read. */
async function readBody(response: FetchAnswer): Promise<unknown> {
  const text = await response.text()
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Seconds or an HTTP date. Source: RFC 9110 10.2.3, read 2026-11-22. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now())
}
