import {
  apiDeadlineMs,
  type ControlError,
  ControlEventFrame,
  type ControlMethod,
  ControlReplyFrame,
  type ControlResult,
  controlFrameBytesMax,
  controlMethods,
  controlPath,
  controlProtocol,
  heartbeatMs,
} from '@livelot/media/control'
import { type RawData, WebSocket } from 'ws'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'

export interface LinkOptions {
  /** Address of the media node's control port, such as ws://127.0.0.1:3100. */
  readonly url: string
  readonly secret: string
  readonly log: Log
  readonly deadlineMs?: number
}

interface LinkListeners {
  readonly onEvent: (event: string, data: unknown) => void
  readonly onDown: () => void
}

interface Pending {
  readonly method: ControlMethod
  readonly settle: (reply: { result: unknown } | { error: ControlError } | 'lost') => void
}

/** A node that restarts is back within a second or two; one that is gone is asked every five seconds. */
const reconnectDelayMs = { first: 100, max: 5_000 } as const
const unansweredPingsMax = 3
const unavailable = (): Refusal => new Refusal('media.unavailable', { retryAfterMs: 1_000 })

/**
 * The one WebSocket to a media node: requests with deadlines, events, heartbeat, and reconnection for as long as the API
 * lives. While it is down every request is refused at once with media.unavailable.
 */
export class MediaLink {
  readonly #options: LinkOptions
  readonly #listeners: LinkListeners
  readonly #pending = new Map<number, Pending>()
  #socket: WebSocket | undefined
  #heartbeat: NodeJS.Timeout | undefined
  #reconnect: NodeJS.Timeout | undefined
  #failures = 0
  #nextId = 1
  #closed = false

  constructor(options: LinkOptions, listeners: LinkListeners) {
    this.#options = options
    this.#listeners = listeners
    this.#connect()
  }

  /**
   * Asks the node. `onResult` runs before any later frame is read, so that what it records is known to their handlers;
   * it also hears, as `late`, of an answer that came after the deadline, when the caller has been refused already.
   * Refuses: as the node says, and media.unavailable when the link is down, breaks, or the deadline passes.
   */
  async request<M extends ControlMethod>(
    method: M,
    params: unknown,
    onResult?: (result: ControlResult<M>, late: boolean) => void,
  ): Promise<ControlResult<M>> {
    const socket = this.#socket
    if (socket?.readyState !== WebSocket.OPEN) throw unavailable()
    const id = this.#nextId++
    const answer = Promise.withResolvers<ControlResult<M>>()
    let late = false
    const timer = setTimeout(() => {
      late = true
      answer.reject(unavailable())
    }, this.#options.deadlineMs ?? apiDeadlineMs)
    const settle: Pending['settle'] = (reply) => {
      if (reply === 'lost') return answer.reject(unavailable())
      if ('error' in reply) return answer.reject(toThrown(method, reply.error))
      const parsed = controlMethods[method].result.safeParse(reply.result)
      if (!parsed.success) return answer.reject(new Error(`The media node answered ${method} in a wrong form`))
      onResult?.(parsed.data as ControlResult<M>, late)
      answer.resolve(parsed.data as ControlResult<M>)
    }
    this.#pending.set(id, { method, settle })
    socket.send(JSON.stringify({ id, method, params }), (error) => {
      if (error) this.#settle(id, 'lost')
    })
    try {
      return await answer.promise
    } finally {
      clearTimeout(timer)
    }
  }

  get up(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#reconnect)
    this.#socket?.close()
    this.#down()
  }

  #connect(): void {
    const { url, secret, log } = this.#options
    const socket = new WebSocket(new URL(controlPath, url), controlProtocol, {
      headers: { authorization: `Bearer ${secret}` },
      maxPayload: controlFrameBytesMax,
      perMessageDeflate: false,
      handshakeTimeout: apiDeadlineMs,
    })
    this.#socket = socket
    socket.on('open', () => {
      this.#failures = 0
      this.#startHeartbeat(socket)
      log.info({ url }, 'media node connected')
    })
    socket.on('message', (data, isBinary) => this.#read(socket, data, isBinary))
    socket.on('error', (error) => log.debug({ err: error, url }, 'media link failed'))
    socket.on('unexpected-response', (_request, response) => {
      const hint = { 401: 'MEDIA_CONTROL_SECRET differs', 426: 'another control version' }[response.statusCode ?? 0]
      if (this.#failures === 0) log.error({ url, status: response.statusCode, hint }, 'the media node refuses this API')
      socket.terminate()
    })
    socket.on('close', (code) => {
      if (this.#socket !== socket || this.#closed) return
      this.#down()
      this.#reconnectLater(code)
    })
  }

  #reconnectLater(code: number): void {
    const { log, url } = this.#options
    const ceiling = Math.min(reconnectDelayMs.max, reconnectDelayMs.first * 2 ** Math.min(this.#failures, 10))
    // Half fixed and half chance, so that many API processes do not come back in step.
    const delayMs = ceiling / 2 + (Math.random() * ceiling) / 2
    if (this.#failures === 0) log.warn({ url, code }, 'media node lost; reconnecting')
    this.#failures += 1
    this.#reconnect = setTimeout(() => this.#connect(), delayMs)
  }

  #down(): void {
    clearInterval(this.#heartbeat)
    for (const id of [...this.#pending.keys()]) this.#settle(id, 'lost')
    this.#listeners.onDown()
  }

  #startHeartbeat(socket: WebSocket): void {
    let unanswered = 0
    socket.on('pong', () => {
      unanswered = 0
    })
    clearInterval(this.#heartbeat)
    this.#heartbeat = setInterval(() => {
      unanswered += 1
      if (unanswered > unansweredPingsMax) socket.terminate()
      else if (socket.readyState === WebSocket.OPEN) socket.ping()
    }, heartbeatMs)
  }

  #settle(id: number, reply: Parameters<Pending['settle']>[0]): void {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    pending?.settle(reply)
  }

  #read(socket: WebSocket, data: RawData, isBinary: boolean): void {
    const frame = isBinary ? undefined : parseFrame(String(data))
    if (frame === undefined) {
      this.#options.log.error('the media node sent a frame that is neither answer nor event')
      socket.close(4400, 'not a control frame')
      return
    }
    if ('event' in frame) this.#listeners.onEvent(frame.event, frame.data)
    else this.#settle(frame.id, frame.ok ? { result: frame.result } : { error: frame.error })
  }
}

const parseFrame = (text: string) => {
  try {
    const value: unknown = JSON.parse(text)
    const isEvent = typeof value === 'object' && value !== null && 'event' in value
    return isEvent ? ControlEventFrame.parse(value) : ControlReplyFrame.parse(value)
  } catch {
    return undefined
  }
}

/** What the catalogue promises is a refusal; a failure inside the node is a fault of ours. */
const toThrown = (method: ControlMethod, error: ControlError): Error => {
  if (error.code === 'server.internal') return new Error(`The media node failed at ${method}: ${error.message}`)
  return new Refusal(error.code, error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs })
}
