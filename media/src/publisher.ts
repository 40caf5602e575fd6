import { kindOfSource, type MediaSource, type RtpParameters } from '@livelot/client/contracts'
import type { types } from 'mediasoup'
import { MediaRefusal, withClientInput } from './errors.ts'
import { closeQuietly, Peer, type PeerOptions } from './peer.ts'

export interface OfferedTrack {
  readonly source: MediaSource
  readonly rtpParameters: RtpParameters
}

export interface SentTrack {
  readonly source: MediaSource
  readonly producer: types.Producer
  /** Video that is kept back until somebody can see it. */
  readonly held: boolean
  /** Still finding its bandwidth. */
  readonly young: boolean
}

/** A peer that only sends: one transport, at most one track of each source. */
export class Publisher extends Peer {
  readonly #sent = new Map<MediaSource, types.Producer>()
  readonly #arriving = new Set<MediaSource>()
  readonly #held = new Set<types.Producer>()
  readonly #madeAtMs = new WeakMap<types.Producer, number>()
  readonly #scoreTimers = new Map<string, NodeJS.Timeout>()

  constructor(options: PeerOptions) {
    super(options)
    this.expectConnection()
  }

  get tracks(): readonly SentTrack[] {
    return [...this.#sent].map(([source, producer]) => this.#describe(source, producer))
  }
  #describe(source: MediaSource, producer: types.Producer): SentTrack {
    const ageMs = performance.now() - (this.#madeAtMs.get(producer) ?? 0)
    return { source, producer, held: this.#held.has(producer), young: ageMs < this.limits.startLowMs }
  }
  get holding(): boolean {
    return this.#held.size > 0
  }

  /**
   * Makes one producer a track; all of them, or none. With `hold`, video waits for `letGo`.
   * Refuses: media.not_allowed for a source that is sent already or that does not fit its kind of codec.
   */
  async produce(offered: readonly OfferedTrack[], hold: boolean): Promise<SentTrack[]> {
    this.#reserve(offered)
    const settled = await Promise.allSettled(offered.map((track) => this.#produceOne(track, hold)))
    for (const { source } of offered) this.#arriving.delete(source)
    const made = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed === undefined) return made
    for (const { producer } of made) closeQuietly(producer, this.log)
    throw failed.reason
  }

  #reserve(offered: readonly OfferedTrack[]): void {
    const sources = offered.map(({ source }) => source)
    const taken = sources.find((source) => this.#sent.has(source) || this.#arriving.has(source))
    if (taken !== undefined) throw new MediaRefusal('media.not_allowed', `${taken} is sent already`)
    if (new Set(sources).size < sources.length) throw new MediaRefusal('media.not_allowed', 'a source is named twice')
    for (const { source, rtpParameters } of offered) {
      const kind = kindOfSource[source]
      if (rtpParameters.codecs.every((codec) => codec.mimeType.startsWith(`${kind}/`))) continue
      throw new MediaRefusal('media.not_allowed', `${source} must be ${kind}`)
    }
    for (const source of sources) this.#arriving.add(source)
  }

  async #produceOne({ source, rtpParameters }: OfferedTrack, hold: boolean): Promise<SentTrack> {
    const kind = kindOfSource[source]
    const held = hold && kind === 'video'
    const producer = await withClientInput(() =>
      this.transport.produce({
        kind,
        paused: held,
        rtpParameters: rtpParameters as types.RtpParameters,
        keyFrameRequestDelay: this.limits.keyFrameRequestDelayMs,
      }),
    )
    this.#sent.set(source, producer)
    this.#madeAtMs.set(producer, performance.now())
    if (held) this.#held.add(producer)
    producer.observer.once('close', () => {
      this.#sent.delete(source)
      this.#held.delete(producer)
      clearTimeout(this.#scoreTimers.get(producer.id))
      this.#scoreTimers.delete(producer.id)
    })
    producer.on('score', () => this.#noteScore(producer))
    return this.#describe(source, producer)
  }

  /** Lets held video flow; mediasoup asks for a key frame of every layer with it. Repeats: does nothing more. */
  async letGo(): Promise<void> {
    const producers = [...this.#held]
    this.#held.clear()
    await Promise.all(producers.filter(({ closed }) => !closed).map((producer) => producer.resume()))
  }

  #noteScore(producer: types.Producer): void {
    if (this.#scoreTimers.has(producer.id) || this.closed) return
    const tell = (): void => {
      this.#scoreTimers.delete(producer.id)
      const score = Math.max(0, ...producer.score.map((one) => one.score))
      this.outbox.hint('producer-quality', { producerId: producer.id, score })
    }
    this.#scoreTimers.set(producer.id, setTimeout(tell, this.limits.qualityIntervalMs))
  }

  #producersOf(trackIds: readonly string[]): types.Producer[] {
    const producers = [...this.#sent.values()]
    return trackIds.map((id) => {
      const producer = producers.find((one) => one.id === id)
      if (producer === undefined) throw new MediaRefusal('media.not_found', 'no such producer of this peer')
      return producer
    })
  }

  override async pauseTracks(trackIds: readonly string[]): Promise<void> {
    const producers = this.#producersOf(trackIds)
    await this.letGo()
    await Promise.all(producers.map((producer) => producer.pause()))
  }

  override async resumeTracks(trackIds: readonly string[]): Promise<void> {
    await Promise.all(this.#producersOf(trackIds).map((producer) => producer.resume()))
  }

  override closeTracks(trackIds: readonly string[]): void {
    for (const producer of this.#producersOf(trackIds)) closeQuietly(producer, this.log)
  }

  protected override onClosing(): void {
    for (const timer of this.#scoreTimers.values()) clearTimeout(timer)
    this.#scoreTimers.clear()
  }
}
