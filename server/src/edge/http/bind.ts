import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ErrorCode, Operation, Session } from '@livelot/client/contracts'
import type { Request, Response, Router } from 'express'
import { traced } from '#infra/telemetry/trace'
import type { Actor } from '#kernel/actor'
import type { Caller } from '#kernel/caller'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import { StreamedJson } from '#kernel/streamed-json'
import { assertDeclared, checkAccess } from '../access.ts'
import { addressKey } from '../address-key.ts'
import { toProblem } from '../errors.ts'
import type { LoadLevel } from '../load.ts'
import { parseRequest } from '../parse-request.ts'
import { createSecurityLog, type SecurityEvent } from '../security-log.ts'
import { refuseWhenBusy } from '../shedding.ts'
import { faster } from '../sockets/rate.ts'
import { type Buckets, createBuckets } from '../token-bucket.ts'
import type { HttpMetrics } from './metrics.ts'
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from './refresh-cookie.ts'

export interface BindOptions {
  readonly authenticate: (token: string) => Promise<Actor>
  readonly log: Log
  readonly metrics: HttpMetrics
  readonly cookieSecure: boolean
  /** How many times faster than the operations declare accounts may ask: for load tests. */
  readonly paceFactor?: number
  /** How busy this process is, as sockets are told too. */
  readonly loadLevel?: () => LoadLevel
}

// Guesses with room for a family behind one address; signed-in callers have a bucket of their own.
const guestLimit = { burst: 300, perSecond: 60 }
const accountLimit = { burst: 100, perSecond: 30 }

/** Binds every route that has an HTTP way in. Throws for an operation that does not say who may call it. */
export function bindHttp(router: Router, routes: readonly Route[], options: BindOptions): void {
  const guests = createBuckets(guestLimit)
  const accounts = createBuckets(accountLimit)
  const tellSecurity = createSecurityLog(options.log)
  for (const one of routes) {
    assertDeclared(one.operation)
    const { http } = one.operation
    if (!http) continue
    const own = ownRate(one.operation, options.paceFactor)
    const path = http.path.replace(/\{(\w+)\}/g, ':$1')
    router[http.method](path, (request: Request, response: Response) => {
      void answerTo(one, request, response, options, { guests, accounts, own, tellSecurity })
    })
  }
}

/** Serves one request, in a span of its own that goes on from the caller's trace, and counts how it went. */
function answerTo(one: Route, request: Request, response: Response, options: BindOptions, limits: Limits) {
  const startedAt = performance.now()
  const { name, http } = one.operation
  const attributes = {
    'http.request.method': request.method,
    'http.route': http?.path ?? '',
    'livelot.operation': name,
  }
  const parent = request.get('traceparent') ?? null
  const who: Who = { accountId: null }
  return traced(`${request.method} ${http?.path}`, { kind: 'server', parent, attributes }, async (note) => {
    const code = await serve(one, request, response, options, limits, who).then(
      () => 'ok' as const,
      (error: unknown) => sendProblem(response, error, options.log, one.operation),
    )
    note({ 'http.response.status_code': response.statusCode, 'livelot.code': code })
    limits.tellSecurity({ operation: name, code, accountId: who.accountId })
    options.metrics.observe(name, response.statusCode, code, performance.now() - startedAt)
  })
}

type Limits = {
  guests: Buckets
  accounts: Buckets
  own: Buckets | null
  tellSecurity: (event: SecurityEvent) => void
}

/** Who a request came from, once that is known: also where it is refused afterwards. */
interface Who {
  accountId: string | null
}

/** What only accounts may do is as fast over HTTP as over sockets: no way in is a way around the other's limit. */
function ownRate({ access, socket }: Operation, paceFactor = 1): Buckets | null {
  return socket && access !== 'anyone' ? createBuckets(faster(socket.rate, paceFactor)) : null
}

async function serve(one: Route, request: Request, response: Response, options: BindOptions, limits: Limits, who: Who) {
  const { operation } = one
  refuseWhenBusy(operation, options.loadLevel?.() ?? 0)
  const ip = request.ip ?? ''
  const actor = await actorOf(request, options).catch((error: unknown) => {
    // Reading a token costs more than refusing it: whoever brings bad ones pays as a guest does.
    takeFrom(limits.guests, addressKey(ip))
    throw error
  })
  if (actor.kind === 'account') {
    who.accountId = actor.accountId
    takeFrom(limits.accounts, actor.accountId)
    if (limits.own) takeFrom(limits.own, actor.accountId)
  } else takeFrom(limits.guests, addressKey(ip))
  checkAccess(operation, actor)
  const parsed = parseRequest(operation, gather(operation, request))
  const caller: Caller = { actor, ip }
  const answer = await one.handle(parsed, caller)
  who.accountId ??= (answer as Partial<Session> | null)?.account?.accountId ?? null
  if (response.headersSent || response.destroyed) return
  if (answer instanceof StreamedJson) return await sendParts(response, answer)
  const body = throughCookie(operation, request, parsed, answer, response, options)
  response.status(operation.http?.status ?? 200).json(body)
}

/** A client that went away has ended it; nothing is read for it any more. */
async function sendParts(response: Response, { parts }: StreamedJson): Promise<void> {
  response.status(200).type('application/json')
  await pipeline(Readable.from(parts), response).catch((error: { code?: string }) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

function takeFrom(buckets: Buckets, key: string): void {
  const retryAfterMs = buckets.take(key)
  if (retryAfterMs > 0) throw new Refusal('request.rate_limited', { retryAfterMs })
}

async function actorOf(request: Request, options: BindOptions): Promise<Actor> {
  const header = request.headers.authorization
  if (!header) return { kind: 'guest' }
  const token = /^Bearer ([\w.-]{1,4096})$/.exec(header)?.[1]
  if (!token) throw new Refusal('auth.required')
  return await options.authenticate(token)
}

/** Path parameters, query or body, and the operation id, as one object. A field may come from one place only. */
function gather(operation: Operation, request: Request): Record<string, unknown> {
  const method = operation.http?.method
  const isRead = method === 'get' || method === 'delete'
  const body: unknown = isRead ? request.query : (request.body ?? {})
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Refusal('request.invalid')
  const fields: Record<string, unknown> = Object.assign(Object.create(null), body, request.params)
  const key = request.headers['idempotency-key']
  if (operation.repeatable) {
    if (typeof key === 'string') fields.operationId ??= key
    if (fields.operationId === undefined) throw new Refusal('idempotency.key_missing')
  }
  if (operation.name === 'account:refresh-session' || operation.name === 'account:sign-out')
    fields.refreshToken ??= readRefreshCookie(request)
  return { ...fields }
}

/** Browsers get the refresh token as a cookie that scripts cannot read; it is then left out of the body. */
function throughCookie(
  operation: Operation,
  request: Request,
  parsed: unknown,
  answer: unknown,
  response: Response,
  options: BindOptions,
): unknown {
  if (operation.name === 'account:sign-out') {
    if (readRefreshCookie(request)) clearRefreshCookie(response, options.cookieSecure)
    return answer
  }
  if ((parsed as { transport?: string }).transport !== 'cookie' && !cameByCookie(operation, request)) return answer
  const session = answer as Session
  if (session.refreshToken) setRefreshCookie(response, session.refreshToken, options.cookieSecure)
  return { ...session, refreshToken: null }
}

/** A token that came where scripts cannot read must not leave where they can, whatever the request asks for. */
function cameByCookie(operation: Operation, request: Request): boolean {
  const { refreshToken } = (request.body ?? {}) as { refreshToken?: unknown }
  const isRefresh = operation.name === 'account:refresh-session'
  return isRefresh && refreshToken === undefined && readRefreshCookie(request) !== undefined
}

/** Answers with the problem document, and says which code it has. */
export function sendProblem(response: Response, error: unknown, log: Log, operation?: Operation): ErrorCode {
  const problem = toProblem(error, log, operation ? { operation: operation.name } : {})
  if (response.headersSent) {
    response.end()
    return problem.code
  }
  const retryAfterMs = problem.details?.retryAfterMs
  if (typeof retryAfterMs === 'number') response.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1_000)))
  else if (problem.retry === 'later') response.setHeader('Retry-After', 1)
  if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  return problem.code
}

/** Bodies that express refuses before a route is reached. */
export function fromBodyParser(error: unknown): unknown {
  const type = (error as { type?: unknown }).type
  if (type === 'entity.too.large') return new Refusal('request.too_large')
  if (type === 'encoding.unsupported' || type === 'charset.unsupported')
    return new Refusal('request.unsupported_media_type')
  const status = (error as { status?: unknown }).status
  return typeof status === 'number' && status >= 400 && status < 500 ? new Refusal('request.invalid') : error
}
