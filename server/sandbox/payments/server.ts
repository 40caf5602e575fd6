import { hash, timingSafeEqual } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { Reply } from './command.ts'
import type { SandboxConfig } from './config.ts'
import { Problem, problemDocument } from './problems.ts'

const bodyBytesMax = 16 * 1024
/** Longer than any caller waits, so that a silent answer is seen as silence and not as a closed connection. */
const silenceMs = 60_000
/** Longer than the idle time of clients' pools, so that the client is the one who closes. */
const keepAliveMs = 65_000

/** secret: our own server with the API key. browser: pages of the allowed origins. page: anyone, a document. */
export type Access = 'secret' | 'browser' | 'page'

export type RouteRequest = {
  readonly params: readonly string[]
  readonly query: URLSearchParams
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}
export type RouteReply = Reply & { readonly contentType?: string; readonly headers?: Readonly<Record<string, string>> }
export type Route = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Segments; ':id' stands for any one. */
  readonly path: string
  readonly access: Access
  readonly handle: (request: RouteRequest) => RouteReply | Promise<RouteReply>
}

type ServerParts = {
  readonly config: SandboxConfig
  readonly routes: readonly Route[]
  readonly log: Logger
  readonly durable: () => Promise<void>
}
export type HttpServer = { readonly url: string; close(): Promise<void> }

/** Serves the routes. Nothing that a peer sends ends the process, and no address, header or body goes to the log. */
export async function startHttpServer(parts: ServerParts): Promise<HttpServer> {
  const compiled = parts.routes.map((route) => ({ ...route, segments: route.path.split('/') }))
  const isOwnPage = (origin: string, request: http.IncomingMessage): boolean =>
    origin === parts.config.publicUrl || origin === `http://${request.headers.host}`
  const keyHash = hash('sha256', `Bearer ${parts.config.apiKey}`, 'buffer')

  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const [pathname = '', search = ''] = splitOnce(request.url ?? '', '?')
    const segments = pathname.split('/')
    const onPath = compiled.filter((route) => isOnPath(route.segments, segments))
    const origin = request.headers.origin
    if (origin !== undefined && onPath.some((route) => route.access === 'browser')) {
      if (!isOwnPage(origin, request) && !parts.config.allowedOrigins.includes(origin)) {
        throw new Problem('origin_refused')
      }
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('vary', 'origin')
      if (request.method === 'OPTIONS') return sendPreflight(response)
    }
    const route = onPath.find((one) => one.method === request.method)
    if (!route) throw new Problem(onPath.length > 0 ? 'method_not_allowed' : 'not_found')
    if (route.access === 'secret' && !isKey(request.headers.authorization, keyHash)) throw new Problem('unauthorised')
    const body = route.method === 'POST' ? await readBody(request) : ''
    const params = segments.filter((_, index) => route.segments[index] === ':id')
    const query = new URLSearchParams(search)
    const reply = await route.handle({ params, query, headers: request.headers, body })
    await parts.durable().catch(() => {
      throw new Problem('unavailable')
    })
    if (reply.silent) return keepSilent(response)
    const waitMs = (reply.notBeforeMs ?? 0) - Date.now()
    if (waitMs > 0) setTimeout(() => send(response, reply), waitMs)
    else send(response, reply)
  }

  const server = http.createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: keepAliveMs })
  server.on('request', (request, response) => {
    request.on('error', () => response.destroy())
    response.on('error', () => response.destroy())
    answer(request, response).catch((cause: unknown) => {
      if (!(cause instanceof Problem)) parts.log.error({ err: cause }, 'request failed')
      const document = cause instanceof Problem ? cause.document : problemDocument('internal')
      if (!request.complete) response.setHeader('connection', 'close')
      send(response, { status: document.status, body: JSON.stringify(document) })
    })
  })
  server.on('clientError', (_cause, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(parts.config.port, parts.config.host, resolve)
  })
  const { address, port, family } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  return { url, close: () => closeServer(server) }
}

function isOnPath(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false
  for (let index = 0; index < pattern.length; index++) {
    const expected = pattern[index]
    if (expected === ':id' ? segments[index] === '' : expected !== segments[index]) return false
  }
  return true
}

function isKey(header: string | undefined, keyHash: Buffer): boolean {
  return header !== undefined && timingSafeEqual(hash('sha256', header, 'buffer'), keyHash)
}

function readBody(request: http.IncomingMessage): Promise<string> {
  const contentType = request.headers['content-type']
  const declaredBytes = Number(request.headers['content-length'] ?? 0)
  if (declaredBytes > bodyBytesMax) throw new Problem('body_too_large')
  const hasBody = declaredBytes > 0 || request.headers['transfer-encoding'] !== undefined
  if (hasBody && contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw new Problem('unsupported_media_type')
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bodyBytesMax) {
        request.removeAllListeners('data')
        request.pause()
        reject(new Problem('body_too_large'))
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    request.on('close', () => {
      if (!request.complete) reject(new Problem('malformed_json'))
    })
  })
}

function send(response: http.ServerResponse, reply: RouteReply): void {
  if (response.headersSent || response.destroyed) return
  const fallbackType = reply.status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(reply.status, {
    'content-type': reply.contentType ?? fallbackType,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.replayed ? { 'idempotent-replayed': 'true' } : undefined),
    ...reply.headers,
  })
  response.end(reply.body)
}

function sendPreflight(response: http.ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '600',
  })
  response.end()
}

/** The answer is lost on its way: the connection stays open and nothing comes. */
function keepSilent(response: http.ServerResponse): void {
  const timer = setTimeout(() => response.destroy(), silenceMs)
  response.on('close', () => clearTimeout(timer))
}

/** Lets running requests end; idle and silent connections are cut. */
async function closeServer(server: http.Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), 1_000).unref()
  })
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
