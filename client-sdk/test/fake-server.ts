import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ErrorCode, errorCodes } from '@livelot/client/contracts'
import { Server, type Socket } from 'socket.io'

export interface SeenRequest {
  method: string
  path: string
  query: Record<string, string>
  headers: IncomingMessage['headers']
  body: unknown
}

export type HttpAnswer = { status?: number; body?: unknown; headers?: Record<string, string> } | 'cut'
type HttpHandler = (request: SeenRequest, count: number) => HttpAnswer | Promise<HttpAnswer>
type SocketHandler = (request: Record<string, unknown>, socket: Socket) => unknown

export const problem = (code: ErrorCode, details: Record<string, unknown> = {}) => ({
  type: `urn:livelot:problem:${code}`,
  title: errorCodes[code].says,
  status: errorCodes[code].status,
  code,
  retry: errorCodes[code].retry,
  details,
})

export const refusal = (code: ErrorCode, details: Record<string, unknown> = {}): HttpAnswer => ({
  status: errorCodes[code].status,
  body: problem(code, details),
})

/** Thrown by a socket handler, it becomes the refusal in the acknowledgement. */
export class Refused extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown>
  constructor(code: ErrorCode, details: Record<string, unknown> = {}) {
    super(code)
    this.code = code
    this.details = details
  }
}

/** Never acknowledges: the reply is lost. */
export const lostReply = Symbol('lost reply')

/**
 * Speaks the contracts' outer form and lets a test hold, double, drop and reorder what it says: the edge cases of the
 * protocol that a healthy server shows once in a thousand hours. Everything else is tested against the platform.
 */
export class FakeServer {
  readonly seen: SeenRequest[] = []
  readonly asked: { name: string; request: Record<string, unknown>; socketId: string }[] = []
  readonly http = new Map<string, HttpHandler>()
  readonly socket = new Map<string, SocketHandler>()
  /** Refuses or admits a handshake; the thrown object's `data` is what the client is told. */
  handshake: (auth: Record<string, unknown>) => void = () => undefined
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  readonly #io = new Server(this.#server, { transports: ['websocket'], serveClient: false })
  readonly #counts = new Map<string, number>()
  readonly #arrivals = new Set<() => void>()

  async start(): Promise<this> {
    this.#io.use((socket, next) => {
      try {
        this.handshake(socket.handshake.auth as Record<string, unknown>)
        next()
      } catch (error) {
        next(error as Error)
      }
    })
    this.#io.on('connection', (socket) => this.#connected(socket))
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get sockets(): Socket[] {
    return [...this.#io.sockets.sockets.values()]
  }

  tell(name: string, data: unknown): void {
    this.#io.emit(name, data)
  }

  /** Ends every connection without a goodbye, as a dying server does. */
  cutSockets(): void {
    for (const socket of this.sockets) socket.conn.close()
  }

  askedFor(name: string): Record<string, unknown>[] {
    return this.asked.filter((one) => one.name === name).map((one) => one.request)
  }

  /** Resolves when `isTrue` holds, looked at after each request that arrives. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => this.#arrivals.add(resolve))
  }

  async stop(): Promise<void> {
    await this.#io.close()
    this.#server.closeAllConnections()
  }

  #arrived(): void {
    for (const resolve of [...this.#arrivals]) resolve()
    this.#arrivals.clear()
  }

  #connected(socket: Socket): void {
    this.#arrived()
    socket.onAny((name: string, request: Record<string, unknown>, ack: (answer: unknown) => void) => {
      this.asked.push({ name, request, socketId: socket.id })
      const handler = this.socket.get(name)
      Promise.resolve()
        .then(() => (handler ? handler(request, socket) : Promise.reject(new Refused('request.unknown_event'))))
        .then(
          (value) => value !== lostReply && ack({ ok: true, value }),
          (error: unknown) => {
            if (!(error instanceof Refused)) throw error
            ack({ ok: false, problem: problem(error.code, error.details) })
          },
        )
        .finally(() => this.#arrived())
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const method = request.method ?? 'GET'
    const one: SeenRequest = {
      method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text === '' ? null : JSON.parse(text),
    }
    this.seen.push(one)
    const key = `${method} ${url.pathname}`
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    const handler = this.http.get(key)
    const answer = handler ? await handler(one, count) : refusal('request.not_found')
    this.#arrived()
    if (answer === 'cut') {
      response.destroy()
      return
    }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    response.end(JSON.stringify(answer.body ?? {}))
  }
}
