import type { types } from 'mediasoup-client'
import {
  closeMediaTracks,
  type MediaSource,
  pauseMedia,
  produceMedia,
  resumeMedia,
  startPublishing,
} from '../../contracts/index.ts'
import type { Client } from '../client.ts'
import { LivelotError } from '../errors.ts'
import { audioCodecOptions, layersFor, preferredVideoCodec, videoCodecOptions } from './encodings.ts'
import type { Over } from './keep-going.ts'
import type { Kit } from './kit.ts'
import { PeerLink } from './peer-link.ts'

/** What a creator wants to send: the track, and whether it rests. */
export interface WantedTrack {
  track: MediaStreamTrack
  muted: boolean
}

export interface PublishingEvents {
  quality(source: MediaSource, score: number): void
  connection(state: types.ConnectionState): void
}

/** One publication of a show, from the request to its end. */
export class Publishing {
  readonly over: Promise<Over>
  readonly #client: Client
  readonly #showId: string
  readonly #kit: Kit
  readonly #events: PublishingEvents
  readonly #link: PeerLink
  readonly #producers = new Map<MediaSource, types.Producer>()
  #transport: types.Transport | null = null

  constructor(client: Client, showId: string, kit: Kit, events: PublishingEvents) {
    this.#client = client
    this.#showId = showId
    this.#kit = kit
    this.#events = events
    let end: (over: Over) => void = () => undefined
    this.over = new Promise((resolve) => {
      end = resolve
    })
    this.#link = new PeerLink(client, showId, {
      event: (event) => {
        if (event.name !== 'media:producer-quality') return
        const { producerId, score } = event.data
        const found = [...this.#producers].find(([, producer]) => producer.id === producerId)
        if (found) this.#events.quality(found[0], score)
      },
      over: (over) => {
        this.#shut()
        end(over)
      },
    })
  }

  async start(streamToken: string, signal: AbortSignal): Promise<void> {
    const { device, identity } = this.#kit
    const session = await this.#client.call(
      startPublishing,
      {
        showId: this.#showId,
        streamToken,
        ...(identity === null ? {} : { dtlsParameters: identity.dtlsParameters }),
      },
      { signal, attemptsMax: 1 },
    )
    const transport = device.createSendTransport({
      ...(session.transport as unknown as types.TransportOptions),
      iceServers: session.iceServers,
      additionalSettings: identity === null ? {} : { certificates: [identity.certificate] },
    })
    this.#transport = transport
    this.#link.watchTransport(transport, this.#kit)
    transport.on('connectionstatechange', (state) => this.#events.connection(state))
    transport.on('produce', ({ rtpParameters, appData }, done, failed) => {
      this.#produceOnServer(appData.source as MediaSource, rtpParameters).then((id) => done({ id }), failed)
    })
    this.#link.begin(session)
  }

  /** Sends this track as `source`: a new one, or in place of the one that is sent now, without a gap. */
  async set(source: MediaSource, { track, muted }: WantedTrack): Promise<void> {
    const producer = this.#producers.get(source)
    if (producer && !producer.closed) {
      await producer.replaceTrack({ track })
      return
    }
    const transport = this.#transport
    if (transport === null) return
    const isAudio = track.kind === 'audio'
    const made = await transport.produce({
      track,
      appData: { source },
      // The page owns its tracks: it shows them as a preview and may send them again.
      stopTracks: false,
      ...(isAudio
        ? { codecOptions: audioCodecOptions }
        : {
            encodings: layersFor(source, track.getSettings().height ?? 720),
            codecOptions: videoCodecOptions,
            codec: preferredVideoCodec(this.#kit.device.sendRtpCapabilities.codecs ?? []),
          }),
    })
    this.#producers.set(source, made)
    if (muted) await this.rest(source, true)
  }

  async rest(source: MediaSource, muted: boolean): Promise<void> {
    const producer = this.#producers.get(source)
    if (!producer || producer.paused === muted) return
    if (muted) producer.pause()
    else producer.resume()
    await this.#link.ask(muted ? pauseMedia : resumeMedia, { trackIds: [producer.id] })
  }

  async end(source: MediaSource): Promise<void> {
    const producer = this.#producers.get(source)
    if (!producer) return
    this.#producers.delete(source)
    producer.close()
    await this.#link.ask(closeMediaTracks, { trackIds: [producer.id] })
  }

  async getStats(): Promise<RTCStatsReport | null> {
    return this.#transport === null || this.#transport.closed ? null : this.#transport.getStats()
  }

  close(): void {
    this.#link.close()
    this.#shut()
  }

  async #produceOnServer(source: MediaSource, rtpParameters: types.RtpParameters): Promise<string> {
    const { producers } = await this.#link.ask(produceMedia, {
      tracks: [{ source, rtpParameters: rtpParameters as never }],
    })
    const made = producers.find((one) => one.source === source)
    if (!made) throw new LivelotError({ code: 'client.protocol' })
    return made.producerId
  }

  #shut(): void {
    this.#transport?.close()
    this.#transport = null
    this.#producers.clear()
  }
}
