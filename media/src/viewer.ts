import type { ConsumerParams, MediaSource, RtpCapabilities } from '@livelot/client/contracts'
import type { types } from 'mediasoup'
import { MediaRefusal, withClientInput } from './errors.ts'
import { packetsPerSecondOf } from './limits.ts'
import { closeQuietly, Peer, type PeerOptions } from './peer.ts'

/** One track of a show as viewers find it; its id is the same on every router. */
export interface Track {
  readonly producerId: string
  readonly source: MediaSource
  readonly kind: types.MediaKind
  /** Paused by the room for a moment until it can be seen; the creator has not paused it. */
  readonly held: boolean
  /** Just begun: its upper layers are not to be relied on yet. */
  readonly young: boolean
}

interface Layers {
  readonly spatialLayer: number
  readonly temporalLayer?: number
}

interface Reception {
  readonly consumer: types.Consumer
  readonly source: MediaSource
  /** What the viewer believes; a track that is held back for its start is not told as paused. */
  toldPaused: boolean
  /** While a young track is shown in its lowest layer: what it is to be afterwards. */
  layersLater: Layers | undefined
}

/** Above what any simulcast has; mediasoup takes the highest that there is. */
const topLayers: Layers = { spatialLayer: 7 }

export interface ViewerOptions extends PeerOptions {
  readonly router: types.Router
  readonly rtpCapabilities: RtpCapabilities
  /** The viewer could see everything that it has, from this moment on. */
  readonly onReady: () => void
}

/** A peer that only receives: one transport, at most one consumer for each track of the show. */
export class Viewer extends Peer {
  readonly #router: types.Router
  readonly #rtpCapabilities: types.RtpCapabilities
  readonly #onReady: () => void
  readonly #receptions = new Map<string, Reception>()
  /** Tracks that the viewer does not want, or cannot decode. */
  readonly #left = new Set<string>()
  readonly #changed = new Set<string>()
  #qualityTimer: NodeJS.Timeout | undefined
  #raiseTimer: NodeJS.Timeout | undefined
  #lastSync: Promise<unknown> = Promise.resolve()
  #handedOut = false

  constructor(options: ViewerOptions) {
    super(options)
    this.#router = options.router
    this.#rtpCapabilities = options.rtpCapabilities as types.RtpCapabilities
    this.#onReady = options.onReady
    this.slot.budget.viewerAdded()
  }

  get consumerCount(): number {
    return this.#receptions.size
  }
  /** Whether a picture sent now would arrive. */
  get ready(): boolean {
    const consumers = [...this.#receptions.values()].map(({ consumer }) => consumer)
    const flowing = consumers.length > 0 && consumers.every((consumer) => !consumer.paused)
    return flowing && this.transport.dtlsState === 'connected'
  }

  protected override onConnected(): void {
    if (this.ready) this.#onReady()
  }

  /**
   * Consumes those of the given tracks that are not consumed yet, and answers with them. One call after the other, so
   * that a join and a new track at the same moment never make two consumers of one track.
   * Refuses: media.unsupported when there are tracks and the device can decode none.
   */
  sync(tracks: () => readonly Track[]): Promise<ConsumerParams[]> {
    const run = this.#lastSync.then(() => this.#consumeMissing(tracks()))
    this.#lastSync = run.catch(() => undefined)
    return run
  }

  /** As `sync`, and tells the viewer of what is new. */
  async announce(tracks: () => readonly Track[]): Promise<void> {
    const consumers = await this.sync(tracks)
    if (consumers.length > 0 && !this.closed) this.outbox.tell('consumers-added', { consumers })
  }

  async #consumeMissing(tracks: readonly Track[]): Promise<ConsumerParams[]> {
    const known = new Set([...this.#receptions.values()].map(({ consumer }) => consumer.producerId))
    const missing = tracks.filter((track) => !known.has(track.producerId) && !this.#left.has(track.producerId))
    const decodable = missing.filter((track) => this.#canConsume(track))
    for (const track of missing) if (!decodable.includes(track)) this.#left.add(track.producerId)
    if (missing.length > 0 && decodable.length === 0 && known.size === 0) {
      throw new MediaRefusal('media.unsupported', 'none of the tracks can be decoded by this device')
    }
    // The first tracks may flow at once: nothing is sent before DTLS is up, and then mediasoup asks for a key frame.
    const paused = this.#handedOut
    const settled = await Promise.allSettled(decodable.map((track) => this.#consume(track, paused)))
    const consumers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    for (const result of settled) {
      if (result.status === 'rejected') this.log.info({ err: result.reason }, 'track ended while it was being joined')
    }
    if (consumers.length > 0) {
      this.#handedOut = true
      this.expectConnection()
    }
    return consumers
  }

  #canConsume(track: Track): boolean {
    return this.#router.canConsume({ producerId: track.producerId, rtpCapabilities: this.#rtpCapabilities })
  }

  async #consume(track: Track, paused: boolean): Promise<ConsumerParams> {
    const consumer = await withClientInput(() =>
      this.transport.consume({
        producerId: track.producerId,
        rtpCapabilities: this.#rtpCapabilities,
        paused,
        ...(track.young && track.kind === 'video' ? { preferredLayers: { spatialLayer: 0 } } : {}),
      }),
    )
    const reception: Reception = {
      consumer,
      source: track.source,
      toldPaused: consumer.producerPaused && !track.held,
      layersLater: track.young && consumer.type !== 'simple' ? topLayers : undefined,
    }
    this.#receptions.set(consumer.id, reception)
    if (reception.layersLater !== undefined) this.#raiseLater()
    this.slot.budget.flowAdded(packetsPerSecondOf[consumer.kind])
    consumer.observer.once('close', () => {
      this.#receptions.delete(consumer.id)
      this.slot.budget.flowRemoved(packetsPerSecondOf[consumer.kind])
    })
    this.#watch(reception)
    return {
      consumerId: consumer.id,
      producerId: consumer.producerId,
      source: track.source,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters as ConsumerParams['rtpParameters'],
      type: consumer.type as ConsumerParams['type'],
      paused: consumer.paused,
      producerPaused: reception.toldPaused,
    }
  }

  #watch(reception: Reception): void {
    const { consumer } = reception
    const consumerId = consumer.id
    const tellPaused = (paused: boolean): void => {
      if (reception.toldPaused === paused) return
      reception.toldPaused = paused
      this.outbox.tell(paused ? 'consumer-paused' : 'consumer-resumed', { consumerId })
    }
    consumer.on('producerclose', () => this.outbox.tell('consumer-closed', { consumerId }))
    consumer.on('producerpause', () => tellPaused(true))
    consumer.on('producerresume', () => tellPaused(false))
    if (consumer.kind !== 'video') return
    consumer.on('score', () => this.#noteQuality(consumerId))
    consumer.on('layerschange', () => this.#noteQuality(consumerId))
  }

  #raiseLater(): void {
    clearTimeout(this.#raiseTimer)
    this.#raiseTimer = setTimeout(() => this.#raise(), this.limits.startLowMs + this.limits.startHoldMs)
  }

  #raise(): void {
    for (const reception of this.#receptions.values()) {
      const layers = reception.layersLater
      if (layers === undefined) continue
      reception.layersLater = undefined
      reception.consumer
        .setPreferredLayers(layers)
        .catch((error: unknown) => this.log.debug({ err: error }, 'ended before its layers rose'))
    }
  }

  #noteQuality(consumerId: string): void {
    if (this.closed) return
    this.#changed.add(consumerId)
    this.#qualityTimer ??= setTimeout(() => this.#tellQuality(), this.limits.qualityIntervalMs)
  }

  #tellQuality(): void {
    this.#qualityTimer = undefined
    for (const consumerId of this.#changed) {
      const consumer = this.#receptions.get(consumerId)?.consumer
      if (consumer === undefined) continue
      this.outbox.hint('consumer-quality', {
        consumerId,
        score: consumer.score.score,
        layers: consumer.currentLayers ?? null,
      })
    }
    this.#changed.clear()
  }

  #receptionOf(consumerId: string): Reception {
    const reception = this.#receptions.get(consumerId)
    if (reception === undefined) throw new MediaRefusal('media.not_found', 'no such consumer of this peer')
    return reception
  }

  #consumerOf(consumerId: string): types.Consumer {
    return this.#receptionOf(consumerId).consumer
  }

  /** What a young track shall have is remembered until it is old enough. */
  async setLayers(consumerId: string, spatialLayer: number, temporalLayer: number | undefined): Promise<void> {
    const reception = this.#receptionOf(consumerId)
    if (reception.consumer.type === 'simple') return
    const layers = { spatialLayer, ...(temporalLayer === undefined ? {} : { temporalLayer }) }
    if (reception.layersLater === undefined) await reception.consumer.setPreferredLayers(layers)
    else reception.layersLater = layers
  }

  async requestKeyFrame(consumerId: string): Promise<void> {
    const consumer = this.#consumerOf(consumerId)
    if (consumer.kind !== 'video') throw new MediaRefusal('media.not_allowed', 'only video has key frames')
    await consumer.requestKeyFrame()
  }

  override async pauseTracks(trackIds: readonly string[]): Promise<void> {
    const consumers = trackIds.map((id) => this.#consumerOf(id))
    await Promise.all(consumers.map((consumer) => consumer.pause()))
  }

  override async resumeTracks(trackIds: readonly string[]): Promise<void> {
    const consumers = trackIds.map((id) => this.#consumerOf(id))
    await Promise.all(consumers.map((consumer) => consumer.resume()))
    if (this.ready) this.#onReady()
  }

  override closeTracks(trackIds: readonly string[]): void {
    for (const consumer of trackIds.map((id) => this.#consumerOf(id))) {
      this.#left.add(consumer.producerId)
      closeQuietly(consumer, this.log)
    }
  }

  protected override onClosing(): void {
    clearTimeout(this.#qualityTimer)
    clearTimeout(this.#raiseTimer)
    this.slot.budget.viewerRemoved()
  }
}
