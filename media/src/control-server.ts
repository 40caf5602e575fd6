import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Logger } from 'pino'
import { WebSocketServer } from 'ws'
import { controlFrameBytesMax, controlPath, controlProtocol } from '../control.ts'
import type { MediaConfig } from './config.ts'
import { ControlConnection } from './control-connection.ts'
import type { MediaNode } from './node.ts'
import type { MediaMetrics } from './stats.ts'

export interface ControlServer {
  readonly port: number
  close(): Promise<void>
}

const stopWaitMs = 1_000

/** Compares digests, so that neither the length nor the first wrong character shows in the time it takes. */
const isAuthorised = (request: IncomingMessage, secret: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${secret}`))
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0] ?? ''

const refuseUpgrade = (socket: Duplex, status: string): void => {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Health, readiness and figures over HTTP; the control protocol over WebSocket; all on one port. */
export const startControlServer = async (
  node: MediaNode,
  metrics: MediaMetrics,
  config: MediaConfig,
  log: Logger,
): Promise<ControlServer> => {
  const connections = new Set<ControlConnection>()
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: controlFrameBytesMax,
    perMessageDeflate: false,
    handleProtocols: () => controlProtocol,
  })
  const server = createServer((request, response) => {
    answerHttp(request, response, node, metrics, config.controlSecret).catch((error: unknown) => {
      log.error({ err: error }, 'http request failed')
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'upgrade socket failed'))
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
    if (pathOf(request) !== controlPath) return refuseUpgrade(socket, '404 Not Found')
    if (!isAuthorised(request, config.controlSecret)) return refuseUpgrade(socket, '401 Unauthorized')
    if (!offered.includes(controlProtocol)) return refuseUpgrade(socket, '426 Upgrade Required')
    if (!node.ready) return refuseUpgrade(socket, '503 Service Unavailable')
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new ControlConnection(webSocket, node, metrics, log)
      connections.add(connection)
      webSocket.on('close', () => connections.delete(connection))
    })
  })
  await listen(server, config)
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const connection of connections) connection.close()
      const ended = once(server, 'close')
      server.close()
      // A peer that does not answer the close frame is cut off.
      const cut = setTimeout(() => {
        for (const client of sockets.clients) client.terminate()
        server.closeAllConnections()
      }, stopWaitMs)
      await ended
      clearTimeout(cut)
    },
  }
}

const listen = async (server: Server, { controlHost, controlPort }: MediaConfig): Promise<void> => {
  server.listen(controlPort, controlHost)
  try {
    await once(server, 'listening')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The control port ${controlHost}:${controlPort} cannot be opened (${reason}): free it or set MEDIA_CONTROL_PORT.`,
      { cause: error },
    )
  }
}

const answerHttp = async (
  request: IncomingMessage,
  response: ServerResponse,
  node: MediaNode,
  metrics: MediaMetrics,
  secret: string,
): Promise<void> => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const path = request.method === 'GET' ? pathOf(request) : undefined
  if (path === '/healthz') return answer(200, { ok: true })
  if (path === '/readyz') return answer(node.ready ? 200 : 503, { ready: node.ready })
  if (path !== '/metrics') return answer(404, { ok: false })
  if (!isAuthorised(request, secret)) return answer(401, { ok: false })
  const text = await metrics.registry.metrics()
  response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text)
}
