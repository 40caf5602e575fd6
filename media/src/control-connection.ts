import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import {
  type ControlEvent,
  type ControlEventData,
  ControlRequestFrame,
  controlCloseCodes,
  heartbeatMs,
  isControlMethod,
  nodeDeadlineMs,
} from '../control.ts'
import { dispatch, type Outcome } from './dispatch.ts'
import { MediaRefusal, refusalOf, toControlError } from './errors.ts'
import { ownerCongestedBytes, ownerSlowBytes, pendingRequestsMax } from './limits.ts'
import type { MediaNode } from './node.ts'
import type { Owner } from './outbox.ts'
import type { MediaMetrics } from './stats.ts'

const unansweredPingsMax = 3

/** One API process on its WebSocket: reads requests, writes answers and events, notices when the other side is gone. */
export class ControlConnection implements Owner {
  readonly #socket: WebSocket
  readonly #node: MediaNode
  readonly #metrics: MediaMetrics
  readonly #log: Logger
  readonly #heartbeat: NodeJS.Timeout
  #unansweredPings = 0
  #pending = 0
  #closed = false

  constructor(socket: WebSocket, node: MediaNode, metrics: MediaMetrics, log: Logger) {
    this.#socket = socket
    this.#node = node
    this.#metrics = metrics
    this.#log = log
    socket.on('message', (data, isBinary) => this.#read(String(data), isBinary))
    socket.on('pong', () => {
      this.#unansweredPings = 0
    })
    socket.on('error', (error) => log.warn({ err: error }, 'control connection failed'))
    socket.on('close', (code) => this.#ended(code))
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    node.addOwner(this)
    log.info('api connected')
  }

  get congested(): boolean {
    return this.#socket.bufferedAmount > ownerCongestedBytes
  }

  send<E extends ControlEvent>(event: E, data: ControlEventData<E>): void {
    this.#write({ event, data })
  }

  close(): void {
    this.#socket.close(controlCloseCodes.stopping, 'the media node is stopping')
  }

  #ended(code: number): void {
    this.#closed = true
    clearInterval(this.#heartbeat)
    this.#node.removeOwner(this)
    this.#log.info({ code }, 'api disconnected')
  }

  #beat(): void {
    this.#unansweredPings += 1
    if (this.#unansweredPings > unansweredPingsMax) this.#socket.terminate()
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  #write(frame: object): void {
    if (this.#closed || this.#socket.readyState !== this.#socket.OPEN) return
    if (this.#socket.bufferedAmount > ownerSlowBytes) {
      this.#socket.close(controlCloseCodes.slowReader, 'too much is waiting to be read')
      return
    }
    this.#socket.send(JSON.stringify(frame), (error) => {
      if (error) this.#log.debug({ err: error }, 'frame not sent')
    })
  }

  #read(text: string, isBinary: boolean): void {
    const frame = isBinary ? undefined : parseFrame(text)
    if (frame === undefined) {
      this.#log.warn('a frame that is no request; the connection is closed')
      this.#socket.close(controlCloseCodes.badFrame, 'not a request frame')
      return
    }
    this.#answer(frame).catch((error: unknown) => this.#log.error({ err: error }, 'answering failed'))
  }

  async #answer({ id, method, params }: ControlRequestFrame): Promise<void> {
    const startedAtMs = performance.now()
    const named = isControlMethod(method) ? method : 'unknown'
    try {
      const { result, afterAnswer } = await this.#run(method, params)
      this.#write({ id, ok: true, result })
      afterAnswer?.()
      this.#metrics.answered(named, 'ok', startedAtMs)
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === undefined) this.#log.error({ err: error, method }, 'request failed')
      const answer = toControlError(refusal ?? new MediaRefusal('server.internal', 'the media node failed'))
      this.#write({ id, ok: false, error: answer })
      this.#metrics.answered(named, answer.code, startedAtMs)
    }
  }

  async #run(method: string, params: unknown): Promise<Outcome> {
    if (this.#pending >= pendingRequestsMax) throw new MediaRefusal('server.busy', 'too many requests at once')
    this.#pending += 1
    let late = false
    const work = dispatch(this.#node, method, params, this)
      .then((outcome) => {
        if (!late && !this.#closed) return outcome
        outcome.unwanted?.()
        throw new MediaRefusal('media.unavailable', 'nobody waits for this answer any more')
      })
      .finally(() => {
        this.#pending -= 1
      })
    const deadline = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late = true
      deadline.reject(new MediaRefusal('media.unavailable', 'the media node took too long'))
    }, nodeDeadlineMs)
    try {
      return await Promise.race([work, deadline.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}

const parseFrame = (text: string): ControlRequestFrame | undefined => {
  try {
    return ControlRequestFrame.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
