import { once } from 'node:events'
import { WebSocket } from 'ws'
import {
  type ControlEvent,
  type ControlEventData,
  type ControlMethod,
  type ControlParams,
  ControlReplyFrame,
  type ControlResult,
  controlEvents,
  controlMethods,
  controlPath,
  controlProtocol,
  isControlEvent,
} from '../../control.ts'
import { cameraTrack, dtlsParameters, microphoneTrack, viewerCapabilities } from './fixtures.ts'
import { afterTest, secret, type TestNode } from './node.ts'

interface Told {
  readonly event: ControlEvent
  readonly data: unknown
}

/** An API process as the node sees it, with every answer and event checked against the contract. */
export class TestApi {
  readonly socket: WebSocket
  readonly told: Told[] = []
  readonly #waiting: { readonly fits: (told: Told) => boolean; readonly resolve: () => void }[] = []
  readonly #pending = new Map<number, (reply: unknown) => void>()
  #nextId = 1

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => this.#read(JSON.parse(String(data))))
  }

  static async connect(node: Pick<TestNode, 'url'>): Promise<TestApi> {
    const api = new TestApi(openSocket(node))
    await api.next('welcome')
    afterTest(async () => api.socket.terminate())
    return api
  }

  #read(frame: { event?: string; id?: number; data?: unknown }): void {
    if (frame.event === undefined) {
      const reply = ControlReplyFrame.parse(frame)
      this.#pending.get(reply.id)?.(reply)
      return
    }
    if (!isControlEvent(frame.event)) throw new Error(`unknown event ${frame.event}`)
    const told = { event: frame.event, data: controlEvents[frame.event].parse(frame.data) }
    this.told.push(told)
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.fits(told)) waiting.resolve()
      else this.#waiting.push(waiting)
    }
  }

  async raw(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++
    const answer = Promise.withResolvers<unknown>()
    this.#pending.set(id, answer.resolve)
    this.socket.send(JSON.stringify({ id, method, params }))
    return await answer.promise
  }

  /** The result of a request that must succeed. */
  async ask<M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> {
    const reply = ControlReplyFrame.parse(await this.raw(method, params))
    if (!reply.ok) throw new Error(`${method} was refused: ${reply.error.code} ${reply.error.message}`)
    return controlMethods[method].result.parse(reply.result) as ControlResult<M>
  }

  /** The code of a request that must be refused. */
  async refusal(method: string, params: unknown): Promise<string> {
    const reply = ControlReplyFrame.parse(await this.raw(method, params))
    return reply.ok ? 'ok' : reply.error.code
  }

  /** The first event of that kind, past or future, optionally of one peer. It is taken off the list. */
  async next<E extends ControlEvent>(event: E, peerId?: string): Promise<ControlEventData<E>> {
    const fits = (told: Told): boolean =>
      told.event === event && (peerId === undefined || (told.data as { peerId?: string }).peerId === peerId)
    if (!this.told.some(fits)) await new Promise<void>((resolve) => this.#waiting.push({ fits, resolve }))
    const [told] = this.told.splice(this.told.findIndex(fits), 1)
    return told?.data as ControlEventData<E>
  }

  /** Waits until everything that the node had to say before now has arrived. */
  async settled(): Promise<void> {
    await this.ask('node-stats', {})
  }

  eventsOf(peerId: string): ControlEvent[] {
    return this.told.filter(({ data }) => (data as { peerId?: string }).peerId === peerId).map(({ event }) => event)
  }

  async disconnect(): Promise<void> {
    const closed = once(this.socket, 'close')
    this.socket.terminate()
    await closed
  }
}

export const openSocket = (
  node: Pick<TestNode, 'url'>,
  options: { path?: string; protocol?: string; authorization?: string } = {},
): WebSocket =>
  new WebSocket(new URL(options.path ?? controlPath, node.url), options.protocol ?? controlProtocol, {
    headers: { authorization: options.authorization ?? `Bearer ${secret}` },
  })

type ShowId = ControlParams<'watch'>['showId']

export const watch = async (api: TestApi, showId: ShowId): Promise<ControlResult<'watch'>> =>
  await api.ask('watch', { showId, rtpCapabilities: viewerCapabilities, dtlsParameters: dtlsParameters() })

/** A creator with camera and microphone. */
export const goLive = async (api: TestApi, showId: ShowId) => {
  const session = await api.ask('publish-start', { showId, dtlsParameters: dtlsParameters() })
  const { producers } = await api.ask('produce', {
    peerId: session.peerId,
    tracks: [cameraTrack(), microphoneTrack()],
  })
  return { ...session, producers }
}
