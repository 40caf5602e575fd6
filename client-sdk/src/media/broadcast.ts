import type { types } from 'mediasoup-client'
import type { MediaSource } from '../../contracts/index.ts'
import type { Client } from '../client.ts'
import { Emitter } from '../emitter.ts'
import { LivelotError } from '../errors.ts'
import { keepGoing, type Over } from './keep-going.ts'
import { kitOf } from './kit.ts'
import { Publishing, type WantedTrack } from './publishing.ts'
import { StatsReader, type StreamStats } from './statistics.ts'
import { newStreamToken } from './stream-token.ts'

export type BroadcastState = 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed'

export interface BroadcastEvents {
  state: BroadcastState
  /** Score 0 (worst) to 10 (best) of what arrives at the media node. */
  quality: { source: MediaSource; score: number }
  /** A track stopped by itself: the screen is no longer shared, the camera was pulled out. */
  trackEnded: { source: MediaSource }
  ended: { reason: string }
  error: LivelotError
}

export type BroadcastTracks = Partial<Record<MediaSource, MediaStreamTrack>>

export interface BroadcastOptions extends BroadcastTracks {
  /** Its first picture is sent as camera, its first sound as microphone. */
  stream?: MediaStream
  onState?: (state: BroadcastState) => void
  signal?: AbortSignal
}

/** A creator's tracks on their way to the show, published again by themselves after every loss, until stopped. */
export class BroadcastSession {
  readonly #client: Client
  readonly #showId: string
  readonly #emitter = new Emitter<BroadcastEvents>()
  readonly #stats = new StatsReader()
  readonly #abort = new AbortController()
  readonly #wanted = new Map<MediaSource, WantedTrack>()
  readonly #watched = new Map<MediaSource, () => void>()
  readonly #release: () => void
  #publishing: Publishing | null = null
  #state: BroadcastState = 'connecting'
  #error: LivelotError | null = null

  constructor(client: Client, showId: string, tracks: BroadcastTracks) {
    this.#client = client
    this.#showId = showId
    this.#release = client.connection.hold()
    for (const [source, track] of Object.entries(tracks)) this.#want(source as MediaSource, track)
    keepGoing({
      signal: this.#abort.signal,
      run: (_, signal) => this.#run(signal),
      again: (_, error) => {
        if (error !== null) this.#emitter.emit('error', error)
        if (this.#state === 'live') this.#setState('reconnecting')
      },
    }).then((outcome) => {
      if (outcome.kind === 'failed') {
        this.#error = outcome.error
        this.#emitter.emit('error', outcome.error)
        this.#finish('failed', outcome.error.code)
      } else this.#finish('ended', outcome.reason)
    })
  }

  get state(): BroadcastState {
    return this.#state
  }

  /** Why it failed. */
  get error(): LivelotError | null {
    return this.#error
  }

  /** What is being sent, by source. */
  get tracks(): ReadonlyMap<MediaSource, Readonly<WantedTrack>> {
    return this.#wanted
  }

  on<N extends keyof BroadcastEvents>(name: N, listener: (data: BroadcastEvents[N]) => void): () => void {
    return this.#emitter.on(name, listener)
  }

  /** Sends another camera, another microphone, a screen; null stops that source. Viewers see no gap on a change. */
  async setTrack(source: MediaSource, track: MediaStreamTrack | null): Promise<void> {
    if (track === null) {
      this.#unwant(source)
      await this.#publishing?.end(source)
      return
    }
    const wanted = this.#want(source, track)
    await this.#publishing?.set(source, wanted)
  }

  mute(source: MediaSource): Promise<void> {
    return this.#rest(source, true)
  }

  unmute(source: MediaSource): Promise<void> {
    return this.#rest(source, false)
  }

  /** Frames, bitrate, loss and round trip of each layer; rates from the second call on. */
  async getStats(): Promise<StreamStats[]> {
    const report = await this.#publishing?.getStats()
    return report ? this.#stats.read(report) : []
  }

  /** Ends the broadcast; the show itself is ended by `client.shows.end`. The tracks stay the page's own. Repeats. */
  stop(): void {
    this.#abort.abort()
    this.#publishing?.close()
    this.#finish('ended', 'stopped')
  }

  async #run(signal: AbortSignal): Promise<Over> {
    const [kit, token] = await Promise.all([
      kitOf(this.#client),
      newStreamToken(this.#client, this.#showId, 'publish', signal),
    ])
    const publishing = new Publishing(this.#client, this.#showId, kit, {
      quality: (source, score) => this.#emitter.emit('quality', { source, score }),
      connection: (state) => this.#connectionChanged(state),
    })
    this.#publishing = publishing
    const abort = () => publishing.close()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await publishing.start(token.streamToken, signal)
      for (const [source, wanted] of [...this.#wanted]) {
        if (wanted.track.readyState === 'live') await publishing.set(source, wanted)
      }
      this.#setState('live')
      return await Promise.race([publishing.over, stopped(signal)])
    } finally {
      signal.removeEventListener('abort', abort)
      publishing.close()
      if (this.#publishing === publishing) this.#publishing = null
    }
  }

  #connectionChanged(state: types.ConnectionState): void {
    if (state === 'disconnected' && this.#state === 'live') this.#setState('reconnecting')
    if (state === 'connected' && this.#state === 'reconnecting') this.#setState('live')
  }

  #want(source: MediaSource, track: MediaStreamTrack): WantedTrack {
    const expected = source === 'microphone' ? 'audio' : 'video'
    if (track.kind !== expected) throw new TypeError(`${source} takes a ${expected} track`)
    this.#watched.get(source)?.()
    const onEnded = () => this.#emitter.emit('trackEnded', { source })
    track.addEventListener('ended', onEnded)
    this.#watched.set(source, () => track.removeEventListener('ended', onEnded))
    const wanted = { track, muted: this.#wanted.get(source)?.muted ?? false }
    this.#wanted.set(source, wanted)
    return wanted
  }

  #unwant(source: MediaSource): void {
    this.#watched.get(source)?.()
    this.#watched.delete(source)
    this.#wanted.delete(source)
  }

  async #rest(source: MediaSource, muted: boolean): Promise<void> {
    const wanted = this.#wanted.get(source)
    if (!wanted) return
    wanted.muted = muted
    await this.#publishing?.rest(source, muted)
  }

  #finish(state: 'ended' | 'failed', reason: string): void {
    if (this.#state === 'ended' || this.#state === 'failed') return
    for (const stop of this.#watched.values()) stop()
    this.#release()
    this.#setState(state)
    this.#emitter.emit('ended', { reason })
    this.#emitter.clear()
  }

  #setState(state: BroadcastState): void {
    if (this.#state === state) return
    this.#state = state
    this.#emitter.emit('state', state)
  }
}

/**
 * Goes live with these tracks; resolves when the media node has them. The show must have been started.
 * Refuses: auth.forbidden, show.not_found, show.not_live, media.unsupported, media.full after some tries.
 */
export function broadcast(client: Client, showId: string, options: BroadcastOptions): Promise<BroadcastSession> {
  const { stream, onState, signal, camera, microphone, screen } = options
  const tracks: BroadcastTracks = { camera: camera ?? stream?.getVideoTracks()[0] }
  tracks.microphone = microphone ?? stream?.getAudioTracks()[0]
  tracks.screen = screen
  const given = Object.fromEntries(Object.entries(tracks).filter(([, track]) => track !== undefined))
  if (Object.keys(given).length === 0) return Promise.reject(new TypeError('There is no track to broadcast.'))
  const session = new BroadcastSession(client, showId, given)
  signal?.addEventListener('abort', () => session.stop(), { once: true })
  return new Promise((resolve, reject) => {
    session.on('state', (state) => {
      onState?.(state)
      if (state === 'live') resolve(session)
      if (state === 'failed' || state === 'ended') {
        reject(session.error ?? signal?.reason ?? new LivelotError({ code: 'client.closed' }))
      }
    })
    if (signal?.aborted) session.stop()
  })
}

const stopped = (signal: AbortSignal): Promise<Over> =>
  new Promise((resolve) => {
    const end = () => resolve({ next: 'end', reason: 'stopped' })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
