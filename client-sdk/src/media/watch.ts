import type { types } from 'mediasoup-client'
import type { Client } from '../client.ts'
import { Emitter } from '../emitter.ts'
import type { LivelotError } from '../errors.ts'
import { keepGoing, type Over } from './keep-going.ts'
import { kitOf } from './kit.ts'
import { type Fit, layerForHeight, PictureFit } from './picture-fit.ts'
import type { Prefetched } from './prefetch.ts'
import { Screen } from './screen.ts'
import { StatsReader, type StreamStats } from './statistics.ts'
import { newStreamToken } from './stream-token.ts'
import { type Reception, Viewing } from './viewing.ts'

/**
 * `joining`; `waiting`: joined, but the creator sends no picture now; `playing`; `reconnecting`: the way is broken and
 * is being mended; `ended`: the show's video is over; `failed`: it cannot be played here.
 */
export type WatchState = 'joining' | 'waiting' | 'playing' | 'reconnecting' | 'ended' | 'failed'

export interface WatchEvents {
  state: WatchState
  /** The first picture is on the screen, this long after the call. */
  playing: { joinMs: number }
  waiting: { reason: string }
  /** The picture moves again after a new join. */
  rejoined: { gapMs: number; reason: string }
  /** Score 0 (worst) to 10 (best), and the simulcast layer that is being sent. */
  quality: { score: number; layer: number | null }
  /** The browser refused sound before a gesture; the element was muted. */
  muted: undefined
  ended: { reason: string }
  error: LivelotError
}

export interface WatchOptions {
  /** Where the picture is shown; it stays the page's own, with its `muted` and its style. */
  element: HTMLVideoElement
  /** From `prefetch`, made before the tap. */
  prefetched?: Prefetched
  signal?: AbortSignal
}

export interface WatchStats {
  streams: StreamStats[]
  joinMs: number | null
  layer: number | null
  score: number | null
}

/** A picture out of sight costs nothing after this; a short scroll past does not interrupt it. */
const PAUSE_OUT_OF_SIGHT_MS = 3_000
/** No picture although the way stands: the decoder may have missed the key frame. */
const KEY_FRAME_AFTER_MS = 2_500

/** The video of one show on one element, kept alive until it is closed or the show is over. */
export class WatchSession {
  readonly #client: Client
  readonly #showId: string
  readonly #screen: Screen
  readonly #fit: PictureFit
  readonly #emitter = new Emitter<WatchEvents>()
  readonly #stats = new StatsReader()
  readonly #abort = new AbortController()
  readonly #startTick = performance.now()
  readonly #release: () => void
  #prefetched: Prefetched | null
  #viewing: Viewing | null = null
  #picture: Reception | null = null
  #state: WatchState = 'joining'
  #joinMs: number | null = null
  #quality: { score: number | null; layer: number | null } = { score: null, layer: null }
  #lost: { tick: number; reason: string } | null = null
  #wantedLayer: number | null = null
  #stopWaitingForFrame: () => void = () => undefined
  #sightTimer: ReturnType<typeof setTimeout> | undefined

  constructor(client: Client, showId: string, options: WatchOptions) {
    this.#client = client
    this.#showId = showId
    this.#prefetched = options.prefetched ?? null
    this.#release = client.connection.hold()
    this.#screen = new Screen(options.element, () => this.#emitter.emit('muted', undefined))
    this.#fit = new PictureFit(options.element, (fit) => this.#fitChanged(fit))
    options.signal?.addEventListener('abort', () => this.close(), { once: true })
    keepGoing({
      signal: this.#abort.signal,
      run: (_, signal) => this.#run(signal),
      again: (reason, error) => this.#again(reason, error),
    }).then((outcome) => {
      if (outcome.kind === 'failed') {
        this.#emitter.emit('error', outcome.error)
        this.#finish('failed', outcome.error.code)
      } else this.#finish('ended', outcome.reason)
    })
    if (options.signal?.aborted) this.close()
  }

  get state(): WatchState {
    return this.#state
  }

  get stream(): MediaStream {
    return this.#screen.stream
  }

  on<N extends keyof WatchEvents>(name: N, listener: (data: WatchEvents[N]) => void): () => void {
    return this.#emitter.on(name, listener)
  }

  /** The highest layer to ask for (0 lowest), or null to go by the size of the picture again. */
  setLayer(layer: number | null): void {
    this.#wantedLayer = layer
    this.#fitChanged(this.#fit.current)
  }

  async getStats(): Promise<WatchStats> {
    const report = await this.#viewing?.getStats()
    return { streams: report ? this.#stats.read(report) : [], joinMs: this.#joinMs, ...this.#quality }
  }

  /** Repeats: closing twice is closing once. */
  close(): void {
    this.#abort.abort()
    this.#viewing?.close()
    this.#finish('ended', 'closed')
  }

  async #run(signal: AbortSignal): Promise<Over> {
    const kit = this.#prefetched?.kit ?? (await kitOf(this.#client))
    const token = this.#prefetched?.takeToken() ?? (await newStreamToken(this.#client, this.#showId, 'watch', signal))
    this.#prefetched?.dispose()
    this.#prefetched = null
    const viewing = new Viewing(this.#client, this.#showId, kit, {
      receptions: (all) => this.#show(viewing, all),
      waiting: (reason) => this.#wait(reason),
      quality: (score, layer) => {
        this.#quality = { score, layer }
        this.#emitter.emit('quality', { score, layer })
      },
      connection: (state) => this.#connectionChanged(state),
    })
    this.#viewing = viewing
    try {
      await viewing.join(token.streamToken, signal)
      return await Promise.race([viewing.over, aborted(signal)])
    } finally {
      viewing.close()
      if (this.#viewing === viewing) this.#viewing = null
    }
  }

  #again(reason: string, error: LivelotError | null): void {
    if (error !== null) this.#emitter.emit('error', error)
    this.#stopWaitingForFrame()
    this.#picture = null
    if (this.#joinMs !== null) this.#lost ??= { tick: performance.now(), reason }
    if (reason === 'broadcaster-gone') this.#wait(reason)
    else if (this.#joinMs !== null) this.#setState('reconnecting')
  }

  #show(viewing: Viewing, all: readonly Reception[]): void {
    const before = this.#picture
    this.#picture = this.#screen.show(all)
    const hidden = all.filter(({ consumer }) => consumer.kind === 'video' && consumer !== this.#picture?.consumer)
    for (const { consumer } of hidden) settleQuietly(viewing.setFlow(consumer.id, false))
    if (this.#picture === null) {
      this.#wait('creator-absent')
      return
    }
    if (before?.consumer !== this.#picture.consumer || this.#state !== 'playing') this.#awaitFrame(viewing)
    this.#fitChanged(this.#fit.current)
  }

  #awaitFrame(viewing: Viewing): void {
    this.#stopWaitingForFrame()
    const consumerId = this.#picture?.consumer.id
    const retry = setTimeout(() => {
      if (consumerId !== undefined) settleQuietly(viewing.requestKeyFrame(consumerId))
    }, KEY_FRAME_AFTER_MS)
    const stopFrame = this.#screen.onNextFrame(() => {
      clearTimeout(retry)
      this.#framePlayed()
    })
    this.#stopWaitingForFrame = () => {
      clearTimeout(retry)
      stopFrame()
    }
  }

  #framePlayed(): void {
    this.#setState('playing')
    if (this.#joinMs === null) {
      this.#joinMs = Math.round(performance.now() - this.#startTick)
      this.#emitter.emit('playing', { joinMs: this.#joinMs })
    }
    if (this.#lost === null) return
    const { tick, reason } = this.#lost
    this.#lost = null
    this.#emitter.emit('rejoined', { gapMs: Math.round(performance.now() - tick), reason })
  }

  #wait(reason: string): void {
    this.#setState('waiting')
    this.#emitter.emit('waiting', { reason })
  }

  #connectionChanged(state: types.ConnectionState): void {
    if (state === 'disconnected' && this.#state === 'playing') {
      this.#lost ??= { tick: performance.now(), reason: 'connection-disturbed' }
      this.#setState('reconnecting')
    }
    if (state === 'connected' && this.#state === 'reconnecting' && this.#viewing !== null)
      this.#awaitFrame(this.#viewing)
  }

  #fitChanged({ visible, heightPx }: Fit): void {
    const viewing = this.#viewing
    const picture = this.#picture
    clearTimeout(this.#sightTimer)
    if (viewing === null || picture === null) return
    const { id } = picture.consumer
    if (!visible) {
      this.#sightTimer = setTimeout(() => settleQuietly(viewing.setFlow(id, false)), PAUSE_OUT_OF_SIGHT_MS)
      return
    }
    settleQuietly(viewing.setFlow(id, true))
    if (heightPx > 0) settleQuietly(viewing.setLayer(id, this.#wantedLayer ?? layerForHeight(heightPx)))
  }

  #finish(state: 'ended' | 'failed', reason: string): void {
    if (this.#state === 'ended' || this.#state === 'failed') return
    this.#stopWaitingForFrame()
    clearTimeout(this.#sightTimer)
    this.#prefetched?.dispose()
    this.#fit.close()
    this.#screen.clear()
    this.#release()
    this.#setState(state)
    this.#emitter.emit('ended', { reason })
    this.#emitter.clear()
  }

  #setState(state: WatchState): void {
    if (this.#state === state) return
    this.#state = state
    this.#emitter.emit('state', state)
  }
}

/** Shows the video of a live show on an element. Everything that happens is told by events; nothing is thrown. */
export function watch(client: Client, showId: string, options: WatchOptions): WatchSession {
  return new WatchSession(client, showId, options)
}

const aborted = (signal: AbortSignal): Promise<Over> =>
  new Promise((resolve) => {
    const end = () => resolve({ next: 'end', reason: 'closed' })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })

/** Wishes about quality: where one is lost the picture still plays, and the next change asks again. */
function settleQuietly(wish: Promise<unknown>): void {
  wish.catch(() => undefined)
}
