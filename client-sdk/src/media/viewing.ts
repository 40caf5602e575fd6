import type { types } from 'mediasoup-client'
import {
  type ConsumerParams,
  closeMediaTracks,
  type MediaSource,
  pauseMedia,
  requestMediaKeyFrame,
  resumeMedia,
  setMediaLayers,
  watchMedia,
} from '../../contracts/index.ts'
import type { Client } from '../client.ts'
import type { Over } from './keep-going.ts'
import type { Kit } from './kit.ts'
import { type MediaEvent, PeerLink } from './peer-link.ts'

export interface Reception {
  readonly source: MediaSource
  readonly consumer: types.Consumer
  readonly hasLayers: boolean
}

export interface ViewingEvents {
  /** Tracks came or went: what there is now. */
  receptions(all: readonly Reception[]): void
  /** Nobody sends at present; tracks come by themselves. */
  waiting(reason: string): void
  quality(score: number, layer: number | null): void
  connection(state: types.ConnectionState): void
}

/** One join of a show's video, from the request to its end. */
export class Viewing {
  readonly over: Promise<Over>
  readonly #client: Client
  readonly #showId: string
  readonly #kit: Kit
  readonly #events: ViewingEvents
  readonly #link: PeerLink
  readonly #receptions = new Map<string, Reception>()
  /** Consumers whose flow the page has stopped. */
  readonly #resting = new Set<string>()
  #transport: types.Transport | null = null
  #closed = false

  constructor(client: Client, showId: string, kit: Kit, events: ViewingEvents) {
    this.#client = client
    this.#showId = showId
    this.#kit = kit
    this.#events = events
    let end: (over: Over) => void = () => undefined
    this.over = new Promise((resolve) => {
      end = resolve
    })
    this.#link = new PeerLink(client, showId, {
      event: (event) => this.#hear(event),
      over: (over) => {
        this.#shut()
        end(over)
      },
    })
  }

  /** One round trip: capabilities, fingerprints and token go out; transport and flowing consumers come back. */
  async join(streamToken: string, signal: AbortSignal): Promise<void> {
    const { device, identity } = this.#kit
    const session = await this.#client.call(
      watchMedia,
      {
        showId: this.#showId,
        rtpCapabilities: device.recvRtpCapabilities as never,
        streamToken,
        ...(identity === null ? {} : { dtlsParameters: identity.dtlsParameters }),
      },
      { signal, attemptsMax: 1 },
    )
    if (this.#closed) return
    const transport = device.createRecvTransport({
      ...(session.transport as unknown as types.TransportOptions),
      iceServers: session.iceServers,
      additionalSettings: identity === null ? {} : { certificates: [identity.certificate] },
    })
    this.#transport = transport
    this.#link.watchTransport(transport, this.#kit)
    transport.on('connectionstatechange', (state) => this.#events.connection(state))
    this.#link.begin(session)
    if (session.consumers.length > 0) await this.#receive(session.consumers)
    else this.#events.waiting('creator-absent')
  }

  /** All in one go, so that the browser negotiates once. */
  async #receive(list: readonly ConsumerParams[]): Promise<void> {
    const transport = this.#transport
    if (transport === null) return
    await Promise.all(
      list.map(async ({ consumerId, producerId, kind, source, rtpParameters, type }) => {
        const consumer = await transport.consume({
          id: consumerId,
          producerId,
          kind,
          rtpParameters: rtpParameters as types.RtpParameters,
          // Sound and picture of one creator belong together; without a common stream id they are not kept in step.
          streamId: source === 'screen' ? 'screen' : 'creator',
        })
        this.#receptions.set(consumerId, { source, consumer, hasLayers: type !== 'simple' })
      }),
    )
    this.#tellReceptions()
    const paused = list.filter((one) => one.paused).map(({ consumerId }) => consumerId)
    if (paused.length > 0) await this.#link.ask(resumeMedia, { trackIds: paused })
  }

  /** Asks for the layer that fits; the media node takes it as the most that it sends. */
  async setLayer(consumerId: string, spatialLayer: number): Promise<void> {
    if (this.#receptions.get(consumerId)?.hasLayers) {
      await this.#link.ask(setMediaLayers, { consumerId, spatialLayer })
    }
  }

  /** Stops or starts the flow of one track; the last word wins. */
  async setFlow(consumerId: string, flows: boolean): Promise<void> {
    if (!this.#receptions.has(consumerId) || this.#resting.has(consumerId) !== flows) return
    if (flows) this.#resting.delete(consumerId)
    else this.#resting.add(consumerId)
    await this.#link.ask(flows ? resumeMedia : pauseMedia, { trackIds: [consumerId] })
  }

  async requestKeyFrame(consumerId: string): Promise<void> {
    await this.#link.ask(requestMediaKeyFrame, { consumerId })
  }

  async drop(consumerId: string): Promise<void> {
    this.#forget(consumerId)
    await this.#link.ask(closeMediaTracks, { trackIds: [consumerId] })
  }

  async getStats(): Promise<RTCStatsReport | null> {
    return this.#transport === null || this.#transport.closed ? null : this.#transport.getStats()
  }

  close(): void {
    this.#link.close()
    this.#shut()
  }

  #shut(): void {
    this.#closed = true
    this.#transport?.close()
    this.#transport = null
  }

  #hear(event: MediaEvent): void {
    switch (event.name) {
      case 'media:consumers-added':
        this.#receive(event.data.consumers).catch(() => {
          // The page cannot play what was added: a new join is the one way to a known state.
          this.#events.waiting('track-unplayable')
        })
        return
      case 'media:consumer-closed':
        this.#forget(event.data.consumerId)
        return
      case 'media:consumer-paused':
      case 'media:producer-lost':
        if (event.name === 'media:producer-lost') this.#events.waiting('creator-lost')
        else if (this.#isPicture(event.data.consumerId)) this.#events.waiting('paused')
        return
      case 'media:consumer-resumed':
        if (this.#isPicture(event.data.consumerId)) this.#tellReceptions()
        return
      case 'media:consumer-quality':
        this.#events.quality(event.data.score, event.data.layers?.spatialLayer ?? null)
        return
      default:
        return
    }
  }

  #isPicture(consumerId: string): boolean {
    return this.#receptions.get(consumerId)?.consumer.kind === 'video'
  }

  #forget(consumerId: string): void {
    const reception = this.#receptions.get(consumerId)
    if (!reception) return
    this.#receptions.delete(consumerId)
    this.#resting.delete(consumerId)
    reception.consumer.close()
    this.#tellReceptions()
  }

  #tellReceptions(): void {
    if (!this.#closed) this.#events.receptions([...this.#receptions.values()])
  }
}
