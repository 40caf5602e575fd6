import type { MediaPeerId } from '@livelot/client/contracts'
import {
  type ControlEvent,
  type ControlEventData,
  type ControlMethod,
  type ControlParams,
  type ControlResult,
  controlEvents,
  isControlEvent,
  type PeerEvent,
} from '@livelot/media/control'
import { Refusal } from '#kernel/errors'
import { type LinkOptions, MediaLink } from './link.ts'

export type MediaClientOptions = LinkOptions
export type MediaEventListener = <E extends PeerEvent>(event: E, data: ControlEventData<E>) => void
export type ShowChangedListener = (change: ControlEventData<'show-changed'>) => void

/** A peer that this API owns: what is needed to own it again after the link was down. */
interface OwnedPeer {
  readonly showId: string
  readonly peerSecret: string
  seq: number
}

type Welcome = ControlEventData<'welcome'>
/** Adoptions after a reconnection, kept well below the number of requests that the node lets wait. */
const adoptionsAtOnce = 100

/**
 * The API's side of one media node. It owns the peers that were made or adopted through it: their events come out in
 * order and once each, also over a reconnection; peers that the node has lost meanwhile get `rejoin`.
 */
export class MediaClient {
  readonly #link: MediaLink
  readonly #log: LinkOptions['log']
  readonly #peers = new Map<string, OwnedPeer>()
  readonly #peerListeners = new Set<MediaEventListener>()
  readonly #movedListeners = new Set<(peerId: string) => void>()
  readonly #showListeners = new Set<ShowChangedListener>()
  readonly #waiting = new Set<() => void>()
  #welcome: Welcome | undefined
  #greeted = false

  constructor(options: MediaClientOptions) {
    this.#log = options.log
    this.#link = new MediaLink(options, {
      onEvent: (event, data) => this.#onEvent(event, data),
      onDown: () => {
        this.#greeted = false
      },
    })
  }

  get connected(): boolean {
    return this.#greeted && this.#link.up
  }

  /** Resolves once the node has greeted, for start-up messages and tests. */
  async whenConnected(): Promise<void> {
    if (this.connected) return
    await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  /** What the node’s routers can do; the last known answer while the link is down. Refuses: media.unavailable. */
  capabilities(): Welcome['routerRtpCapabilities'] {
    if (this.#welcome === undefined) throw new Refusal('media.unavailable', { retryAfterMs: 1_000 })
    return this.#welcome.routerRtpCapabilities
  }

  /** Asks the node. Refuses: the codes of the operation of the same name, media.unavailable while the link is down. */
  async request<M extends ControlMethod>(
    method: M,
    params: ControlParams<M>,
    onResult?: (result: ControlResult<M>) => void,
  ): Promise<ControlResult<M>> {
    // Whether or not the node hears of it: a peer that was let go must not be adopted again.
    if (method === 'close' || method === 'release') this.#peers.delete((params as ControlParams<'close'>).peerId)
    return await this.#link.request(method, params, (result, late) => {
      if (late) return this.#undo(result)
      this.#track(method, params, result)
      onResult?.(result)
    })
  }

  onPeerEvent(listener: MediaEventListener): () => void {
    this.#peerListeners.add(listener)
    return () => this.#peerListeners.delete(listener)
  }
  /** Another API process has adopted the peer; no more events of it come here. */
  onPeerMoved(listener: (peerId: string) => void): () => void {
    this.#movedListeners.add(listener)
    return () => this.#movedListeners.delete(listener)
  }
  onShowChanged(listener: ShowChangedListener): () => void {
    this.#showListeners.add(listener)
    return () => this.#showListeners.delete(listener)
  }

  close(): void {
    this.#link.close()
    this.#peers.clear()
  }

  /** A peer that nobody waits for any more is closed, or the node would keep it for the whole grace time. */
  #undo(result: object): void {
    if (!('peerId' in result)) return
    this.#link.request('close', { peerId: result.peerId }).catch((error: unknown) => {
      this.#log.debug({ err: error }, 'a late media peer could not be closed')
    })
  }

  #track(method: ControlMethod, params: object, result: object): void {
    if (method === 'watch' || method === 'publish-start') {
      const { showId } = params as ControlParams<'watch'>
      const { peerId, peerSecret } = result as ControlResult<'watch'>
      this.#peers.set(peerId, { showId, peerSecret, seq: 0 })
    } else if (method === 'adopt') {
      const { peerId, peerSecret, showId, afterSeq } = params as ControlParams<'adopt'>
      this.#peers.set(peerId, { showId, peerSecret, seq: afterSeq })
    }
  }

  #onEvent(event: string, data: unknown): void {
    if (!isControlEvent(event)) {
      this.#log.warn({ event }, 'the media node told something unknown')
      return
    }
    const parsed = controlEvents[event].safeParse(data)
    if (!parsed.success) {
      this.#log.error({ event, err: parsed.error }, 'the media node told something in a wrong form')
      return
    }
    if (event === 'welcome') this.#onWelcome(parsed.data as Welcome)
    else if (event === 'show-changed') {
      for (const listener of this.#showListeners) {
        this.#safely(() => listener(parsed.data as ControlEventData<'show-changed'>))
      }
    } else if (event === 'peer-moved') this.#onMoved((parsed.data as ControlEventData<'peer-moved'>).peerId)
    else this.#onPeerEvent(event, parsed.data as ControlEventData<PeerEvent>)
  }

  #onMoved(peerId: string): void {
    this.#peers.delete(peerId)
    for (const listener of this.#movedListeners) this.#safely(() => listener(peerId))
  }

  #onPeerEvent(
    event: Exclude<ControlEvent, 'welcome' | 'show-changed' | 'peer-moved'>,
    data: ControlEventData<PeerEvent>,
  ): void {
    const peer = this.#peers.get(data.peerId)
    if (peer === undefined) return
    if ('seq' in data) {
      if (data.seq <= peer.seq) return
      peer.seq = data.seq
    }
    if (event === 'rejoin' || event === 'ended') this.#peers.delete(data.peerId)
    for (const listener of this.#peerListeners) this.#safely(() => listener(event, data))
  }

  #onWelcome(welcome: Welcome): void {
    const sameNode = this.#welcome === undefined || this.#welcome.nodeId === welcome.nodeId
    this.#welcome = welcome
    this.#greeted = true
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
    if (sameNode) this.#adoptAll().catch((error: unknown) => this.#log.error({ err: error }, 'adoption failed'))
    else for (const peerId of [...this.#peers.keys()]) this.#tellLost(peerId)
  }

  /** After a reconnection: every peer that is still there goes on, every other is told to join again. */
  async #adoptAll(): Promise<void> {
    const peerIds = [...this.#peers.keys()]
    for (let start = 0; start < peerIds.length; start += adoptionsAtOnce) {
      await Promise.all(peerIds.slice(start, start + adoptionsAtOnce).map((peerId) => this.#adopt(peerId)))
    }
  }

  async #adopt(peerId: string): Promise<void> {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) return
    try {
      const { showId, peerSecret, seq } = peer
      await this.#link.request('adopt', { peerId, peerSecret, showId, afterSeq: seq })
    } catch (error) {
      // With the link down again, the next welcome tries once more.
      if (error instanceof Refusal && error.code === 'media.no_peer') this.#tellLost(peerId)
      else this.#log.warn({ err: error }, 'a media peer could not be adopted yet')
    }
  }

  #tellLost(peerId: string): void {
    const seq = (this.#peers.get(peerId)?.seq ?? 0) + 1
    this.#onPeerEvent('rejoin', { peerId: peerId as MediaPeerId, seq, reason: 'node-lost' })
  }

  /** A listener that throws must not cost the others their event. */
  #safely(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.#log.error({ err: error }, 'a listener of media events failed')
    }
  }
}

/** Begins to connect and keeps connecting; the API may start before its media node does. */
export const connectMedia = (options: MediaClientOptions): MediaClient => new MediaClient(options)
