import { type ErrorCode, errorCodes, Problem } from '../contracts/index.ts'

/** What can go wrong on the client's own side, beside the codes of the server's catalogue. */
export const clientErrorCodes = {
  'client.network': { retry: 'same', says: 'The server cannot be reached.' },
  'client.timeout': { retry: 'same', says: 'The server did not answer in time.' },
  'client.protocol': { retry: 'never', says: 'The server answered in a form that this client does not know.' },
  'client.bid_unknown': { retry: 'same', says: 'Whether the bid was taken is not known.' },
  'client.closed': { retry: 'never', says: 'This client has been closed.' },
} as const

export type ClientErrorCode = keyof typeof clientErrorCodes
export type LivelotErrorCode = ErrorCode | ClientErrorCode
export type RetryAdvice = 'never' | 'same' | 'later'

export interface LivelotErrorFacts {
  code: LivelotErrorCode
  retry?: RetryAdvice
  status?: number | null
  details?: Readonly<Record<string, unknown>>
  incidentId?: string | null
  retryAfterMs?: number | null
  cause?: unknown
}

const known = { ...errorCodes, ...clientErrorCodes } as const

/** Every failure of this client: a refusal of the server by its catalogue code, or a `client.…` code. */
export class LivelotError extends Error {
  override readonly name: string = 'LivelotError'
  readonly code: LivelotErrorCode
  /** Whether the same request can succeed: never, at once with the same operation id, or later. */
  readonly retry: RetryAdvice
  /** HTTP status, null where nothing came back. */
  readonly status: number | null
  readonly details: Readonly<Record<string, unknown>>
  /** Quote it to support; the server's log holds the cause. */
  readonly incidentId: string | null
  /** How long the server asked to wait. */
  readonly retryAfterMs: number | null

  constructor(facts: LivelotErrorFacts) {
    super(known[facts.code].says, { cause: facts.cause })
    this.code = facts.code
    this.retry = facts.retry ?? known[facts.code].retry
    this.status = facts.status ?? null
    this.details = facts.details ?? {}
    this.incidentId = facts.incidentId ?? null
    this.retryAfterMs = facts.retryAfterMs ?? null
  }
}

/** Nothing came back: whether the request took effect is unknown. Commands with an operation id can be sent again. */
export class NetworkError extends LivelotError {
  override readonly name = 'NetworkError'
  constructor(code: 'client.network' | 'client.timeout', cause?: unknown) {
    super({ code, cause })
  }
}

/** Whether `error` is a refusal with this code; narrows for `switch`-free handling of single cases. */
export function isRefusal<C extends LivelotErrorCode>(error: unknown, code: C): error is LivelotError & { code: C } {
  return error instanceof LivelotError && error.code === code
}

const nonNegative = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null

/** Turns a problem document or a socket's refusal into an error; anything else becomes `client.protocol`. */
export function errorOfProblem(body: unknown, status: number | null, retryAfterMs: number | null): LivelotError {
  const parsed = Problem.safeParse(body)
  if (parsed.success) {
    const { code, retry, details, incidentId } = parsed.data
    return new LivelotError({
      code,
      retry,
      status: status ?? parsed.data.status,
      details,
      incidentId,
      retryAfterMs: nonNegative(details?.retryAfterMs) ?? retryAfterMs,
    })
  }
  if (status !== null && status >= 500) return new LivelotError({ code: 'server.unavailable', status, retryAfterMs })
  return new LivelotError({ code: 'client.protocol', status, cause: parsed.error })
}
