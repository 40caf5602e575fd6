import type { z } from 'zod'
import type { Operation, RequestInputOf } from '../../contracts/index.ts'

/** What a caller passes: the contract's request, where the operation id may be left out and is made once per call. */
export type CallRequest<O extends Operation> =
  RequestInputOf<O> extends { operationId: string }
    ? Omit<RequestInputOf<O>, 'operationId'> & { operationId?: string }
    : RequestInputOf<O>

/** Operations without anything to say may be called without an argument. */
export type CallArguments<O extends Operation> =
  Record<string, never> extends CallRequest<O>
    ? [request?: CallRequest<O>, options?: CallOptions]
    : [request: CallRequest<O>, options?: CallOptions]

export interface CallOptions {
  signal?: AbortSignal
  /** For the whole call with all its retries. Default 15,000, plus `waitMs` where the operation has one. */
  timeoutMs?: number
  /** For one request; what is silent for longer is given up and, where that is safe, sent again. Default 10,000. */
  attemptTimeoutMs?: number
  /** At most this many requests are sent. Default 4. */
  attemptsMax?: number
}

export type JsonObject = Record<string, unknown>

export function takesOperationId(operation: Operation): boolean {
  const shape = (operation.request as Partial<z.ZodObject>).shape
  return shape !== undefined && 'operationId' in shape
}

/** Whether a second identical request has the effect of one, so that a lost answer may be asked for again. */
export function repeatsSafely(operation: Operation): boolean {
  if (takesOperationId(operation)) return true
  return operation.http !== undefined && operation.http.method !== 'post'
}

/** The request with its operation id: the caller's own, or one that is made here and kept for every retry. */
export function withOperationId(operation: Operation, request: JsonObject): JsonObject {
  if (!takesOperationId(operation) || typeof request.operationId === 'string') return request
  return { ...request, operationId: newOperationId() }
}

/** NOTE: `crypto.randomUUID` exists on https and localhost only; a page opened over a plain LAN address has none. */
export function newOperationId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export interface HttpShape {
  method: string
  /** Path and query, without the base address. */
  target: string
  body: string | null
  idempotencyKey: string | null
}

/** Splits a request as the server joins it: path parameters, then query (get, delete) or JSON body (the others). */
export function httpShapeOf(operation: Operation, request: JsonObject): HttpShape {
  const { http } = operation
  if (!http) throw new TypeError(`${operation.name} has no HTTP address`)
  const rest = { ...request }
  const path = http.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    if (value === undefined || value === null) throw new TypeError(`${operation.name} needs ${name}`)
    return encodeURIComponent(String(value))
  })
  const operationId = request.operationId
  const idempotencyKey = operation.repeatable && typeof operationId === 'string' ? operationId : null
  if (http.method !== 'get' && http.method !== 'delete') {
    return { method: http.method.toUpperCase(), target: path, body: JSON.stringify(rest), idempotencyKey }
  }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined && value !== null) query.append(name, String(value))
  }
  const text = query.toString()
  return {
    method: http.method.toUpperCase(),
    target: text === '' ? path : `${path}?${text}`,
    body: null,
    idempotencyKey,
  }
}
