import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { Log } from '#kernel/log'
import { isFromOwnNetwork } from './private-only.ts'

export interface StatusServerOptions {
  readonly host: string
  readonly port: number
  readonly registry: Registry
  readonly readiness: () => Promise<Record<string, boolean>>
  /** Reads what is read only when it is asked for. */
  readonly beforeScrape: () => Promise<void>
  readonly log: Log
}

export interface StatusServer {
  readonly port: number
  close(): Promise<void>
}

/** Health, readiness and figures of a process that serves nobody else over HTTP. */
export async function startStatusServer(options: StatusServerOptions): Promise<StatusServer> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    answer(request, response, options).catch((error: unknown) => {
      options.log.warn({ err: error }, 'a question about the status was not answered')
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, options: StatusServerOptions): Promise<void> {
  const json = (status: number, body: object) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const path = request.method === 'GET' ? (request.url ?? '').split('?', 1)[0] : ''
  if (path === '/healthz') return json(200, { ok: true })
  if (path === '/readyz') {
    const parts = await options.readiness()
    return json(Object.values(parts).every(Boolean) ? 200 : 503, parts)
  }
  if (path !== '/metrics' || !isFromOwnNetwork(request)) return json(404, { ok: false })
  await options.beforeScrape()
  const text = await options.registry.metrics()
  response.writeHead(200, { 'content-type': options.registry.contentType }).end(text)
}
