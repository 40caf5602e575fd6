import { existsSync } from 'node:fs'
import { join } from 'node:path'
import compression from 'compression'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import type { Registry } from 'prom-client'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { LoadLevel } from '../load.ts'
import { type BindOptions, bindHttp, fromBodyParser, sendProblem } from './bind.ts'
import { requireHost } from './broken-requests.ts'
import { docsPage } from './docs-page.ts'
import { countWebhooks, createHttpMetrics } from './metrics.ts'
import { isFromOwnNetwork } from './private-only.ts'

export interface AppOptions {
  readonly routes: readonly Route[]
  readonly authenticate: BindOptions['authenticate']
  readonly log: Log
  readonly registry: Registry
  readonly allowedOrigins: readonly string[]
  readonly publicUrl: string
  readonly trustProxyHops: number
  readonly paceFactor?: number
  readonly loadLevel?: () => LoadLevel
  /** Origin of the payment provider's hosted pages, which ours may frame. */
  readonly paymentOrigin: string
  readonly webDistDir: string
  readonly picturesDir: string | null
  readonly openApi: unknown
  readonly eventCatalogue: unknown
  /** Gets the body as bytes, because the signature covers the bytes. */
  readonly paymentWebhook: RequestHandler
  readonly readiness: () => Promise<Record<string, boolean>>
  /** Whether live video answers: told, but no reason to take the API out of service. */
  readonly video?: () => boolean
}

const bodyBytesMax = '16kb'

/** The HTTP edge: security headers, API under /v1, documentation, health, and the built pages. */
export function createApp(options: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', options.trustProxyHops)
  app.set('query parser', 'simple')
  app.set('etag', false)
  app.use(securityHeaders(options), requireHost)
  bindHealth(app, options)
  const webhookBody = express.raw({ type: '*/*', limit: '64kb' })
  app.post('/v1/webhooks/payments', countWebhooks(options.registry), webhookBody, options.paymentWebhook)
  bindApi(app, options)
  bindDocs(app, options)
  bindPages(app, options)
  app.use((_request, response) => void sendProblem(response, new Refusal('request.not_found'), options.log))
  app.use(
    (error: unknown, _request: Request, response: Response, _next: NextFunction) =>
      void sendProblem(response, fromBodyParser(error), options.log),
  )
  return app
}

function securityHeaders(options: AppOptions): RequestHandler {
  const isSecure = options.publicUrl.startsWith('https:')
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // React sets a few measured sizes as style attributes; style elements stay forbidden.
        'style-src-attr': ["'unsafe-inline'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'media-src': ["'self'", 'blob:'],
        'font-src': ["'self'"],
        'connect-src': [
          "'self'",
          ...options.allowedOrigins.map((origin) => origin.replace(/^http/, 'ws')),
          options.paymentOrigin,
        ],
        'frame-src': [options.paymentOrigin],
        'frame-ancestors': ["'none'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        ...(isSecure ? { 'upgrade-insecure-requests': [] } : {}),
      },
    },
    strictTransportSecurity: isSecure ? { maxAge: 31_536_000 } : false,
    crossOriginEmbedderPolicy: false,
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  })
}

/** Other sites' scripts may call the API only from listed origins; the refresh cookie never leaves its own site. */
function originCheck(options: AppOptions): RequestHandler {
  const allowed = new Set(options.allowedOrigins)
  return (request, response, next) => {
    const { origin } = request.headers
    if (origin === undefined) return next()
    if (!allowed.has(origin)) return void sendProblem(response, new Refusal('request.origin_refused'), options.log)
    response.setHeader('Access-Control-Allow-Origin', origin)
    response.setHeader('Vary', 'Origin')
    if (request.method !== 'OPTIONS') return next()
    response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE')
    response.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, Idempotency-Key')
    response.setHeader('Access-Control-Max-Age', '600')
    response.status(204).end()
  }
}

function requireJson(options: AppOptions): RequestHandler {
  return (request, response, next) => {
    const hasBody =
      Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'] !== undefined
    if (hasBody && !request.is('application/json'))
      return void sendProblem(response, new Refusal('request.unsupported_media_type'), options.log)
    next()
  }
}

function bindApi(app: Express, options: AppOptions): void {
  const api = express.Router({ caseSensitive: true, strict: true })
  api.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  api.use(originCheck(options), requireJson(options), express.json({ limit: bodyBytesMax, strict: true }))
  bindHttp(api, options.routes, {
    authenticate: options.authenticate,
    log: options.log,
    metrics: createHttpMetrics(options.registry),
    ...(options.loadLevel ? { loadLevel: options.loadLevel } : {}),
    cookieSecure: options.publicUrl.startsWith('https:'),
    paceFactor: options.paceFactor ?? 1,
  })
  app.use(api)
}

function bindDocs(app: Express, options: AppOptions): void {
  app.get('/openapi.json', (_request, response) => void response.json(options.openApi))
  app.get('/events.json', (_request, response) => void response.json(options.eventCatalogue))
  const page = docsPage(options.openApi)
  app.get('/docs', (_request, response) => void response.type('html').send(page.html))
  app.get('/docs.css', (_request, response) => void response.type('css').send(page.css))
}

function bindHealth(app: Express, options: AppOptions): void {
  app.get('/healthz', (_request, response) => void response.json({ ok: true }))
  app.get('/metrics', async (request, response) => {
    if (!isFromOwnNetwork(request)) return void sendProblem(response, new Refusal('request.not_found'), options.log)
    response.type(options.registry.contentType).send(await options.registry.metrics())
  })
  app.get('/readyz', async (_request, response) => {
    const parts = await options.readiness()
    response
      .status(Object.values(parts).every(Boolean) ? 200 : 503)
      .json({ ...parts, video: options.video?.() ?? false })
  })
}

function bindPages(app: Express, options: AppOptions): void {
  app.use(compression())
  if (options.picturesDir)
    app.use('/media-files', express.static(options.picturesDir, { immutable: false, maxAge: '1h', index: false }))
  const index = join(options.webDistDir, 'index.html')
  if (!existsSync(index)) return
  app.use(
    '/assets',
    express.static(join(options.webDistDir, 'assets'), { immutable: true, maxAge: '365d', index: false }),
  )
  app.use(express.static(options.webDistDir, { index: false, maxAge: '1h' }))
  app.get(/^\/(?!v1\/|assets\/|media-files\/|socket\.io\/)[^.]*$/, (_request, response) => {
    response.setHeader('Cache-Control', 'no-cache')
    response.sendFile(index)
  })
}
