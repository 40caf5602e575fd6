import { io, type Socket } from 'socket.io-client'
import type { Handshake } from '../../contracts/index.ts'
import { errorOfProblem, LivelotError, NetworkError } from '../errors.ts'

/** How a link ended; `problem` is the refusal of the handshake, where there was one. */
export interface LinkEnd {
  problem?: unknown
}

export interface LinkEvents {
  handshake(): Promise<Handshake>
  open(): void
  ended(end: LinkEnd): void
  told(name: string, data: unknown): void
}

const CONNECT_TIMEOUT_MS = 10_000

/** One socket from its opening to its end. It never comes back by itself: the connection makes a new one. */
export class Link {
  readonly #socket: Socket
  readonly #events: LinkEvents
  readonly #pending = new Set<(error: Error) => void>()
  #over = false

  constructor(baseUrl: string, events: LinkEvents) {
    this.#events = events
    this.#socket = io(baseUrl, {
      transports: ['websocket'],
      // Our own reconnecting knows about drains, refusals and the session; the library's does not.
      reconnection: false,
      // Without it all clients of one process would share one socket.
      forceNew: true,
      autoConnect: false,
      timeout: CONNECT_TIMEOUT_MS,
      auth: (give) => {
        events.handshake().then(give, () => this.#end({}))
      },
    })
    this.#socket.on('connect', () => {
      if (!this.#over) events.open()
    })
    this.#socket.on('connect_error', (error: Error & { data?: unknown }) => this.#end({ problem: error.data }))
    this.#socket.on('disconnect', () => this.#end({}))
    this.#socket.onAny((name: string, data: unknown) => {
      if (!this.#over) events.told(name, data)
    })
    this.#socket.connect()
  }

  /** Refuses: what the server refused, `client.network` when the link ends before the answer. */
  request(name: string, request: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(new NetworkError('client.network'))
      const fail = (error: Error) => {
        this.#pending.delete(fail)
        reject(error)
      }
      this.#pending.add(fail)
      this.#socket.emit(name, request, (ack: unknown) => {
        if (!this.#pending.delete(fail)) return
        if (isAnswer(ack)) resolve(ack.value)
        else if (isRefused(ack)) reject(errorOfProblem(ack.problem, null, null))
        else reject(new LivelotError({ code: 'client.protocol' }))
      })
    })
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#socket.disconnect()
    this.#failPending()
  }

  #end(end: LinkEnd): void {
    if (this.#over) return
    this.#over = true
    this.#socket.disconnect()
    this.#failPending()
    this.#events.ended(end)
  }

  #failPending(): void {
    for (const fail of [...this.#pending]) fail(new NetworkError('client.network'))
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isAnswer = (ack: unknown): ack is { ok: true; value: unknown } => isObject(ack) && ack.ok === true
const isRefused = (ack: unknown): ack is { ok: false; problem: unknown } => isObject(ack) && ack.ok === false
