import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/** What an account may be. One account can hold several roles; everyone who signs in is a buyer. */
export const roles = ['buyer', 'creator', 'seller', 'operator'] as const
export type Role = (typeof roles)[number]

/**
 * Who may call: `anyone` (guests too), `signed-in` (any account), or accounts with one of the listed roles.
 * Whether the caller owns the object is decided by the verb; this is the first gate, and nothing is bound without it.
 */
export type Access = 'anyone' | 'signed-in' | readonly Role[]

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete'

/**
 * Token bucket of one caller for one operation: `burst` calls at once, refilled at `perSecond`. Over sockets it holds for
 * everybody, over HTTP for accounts where nobody else may call.
 */
export interface RateLimit {
  readonly burst: number
  readonly perSecond: number
}

/**
 * One thing a client may ask for. HTTP routes, socket handlers, SDK, OpenAPI and tests are all bound from it.
 * Over HTTP the request is the union of path parameters, query (get, delete) and JSON body (the others).
 * `repeatable` commands take a client-made operation id: field `operationId`, or the header `Idempotency-Key`.
 */
export interface Operation {
  readonly name: string
  readonly summary: string
  readonly access: Access
  readonly http?: { readonly method: HttpMethod; readonly path: `/${string}`; readonly status?: number }
  readonly socket?: { readonly rate: RateLimit }
  readonly request: z.ZodType
  readonly response: z.ZodType
  readonly errors: readonly ErrorCode[]
  readonly repeatable?: true
}

/** Something the server tells over the socket, past tense, versioned: a new version is a new meaning, never a silent change. */
export interface ToldEvent {
  readonly name: string
  readonly version: number
  readonly summary: string
  readonly data: z.ZodType
}

export type RequestOf<O extends Operation> = z.infer<O['request']>
export type RequestInputOf<O extends Operation> = z.input<O['request']>
export type ResponseOf<O extends Operation> = z.infer<O['response']>
export type DataOf<E extends ToldEvent> = z.infer<E['data']>

export const operation = <const O extends Operation>(definition: O): O => definition
export const toldEvent = <const E extends ToldEvent>(definition: E): E => definition
