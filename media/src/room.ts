import type { ConsumerParams, RtpCapabilities } from '@livelot/client/contracts'
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { ControlEventData } from '../control.ts'
import { workerGone } from './errors.ts'
import type { MediaLimits } from './limits.ts'
import type { Farewell, Peer } from './peer.ts'
import { type OfferedTrack, Publisher } from './publisher.ts'
import { StartHold } from './start-hold.ts'
import { Topology } from './topology.ts'
import { type Track, Viewer } from './viewer.ts'
import type { WorkerSlot } from './worker-pool.ts'

export type ShowState = ControlEventData<'show-changed'>['state']

export interface RoomOptions {
  readonly showId: string
  readonly limits: MediaLimits
  readonly log: Logger
  readonly pipeListenInfo: types.TransportListenInfo
  readonly onPeer: (peer: Peer) => void
  readonly onPeerClosed: (peer: Peer) => void
  readonly onState: (state: ShowState) => void
  readonly onClosed: () => void
}

/** One show: its routers, its publisher, its viewers, and the promise that every viewer gets every track. */
export class Room {
  readonly showId: string
  readonly topology: Topology
  readonly #options: RoomOptions
  readonly #viewers = new Set<Viewer>()
  readonly #arriving = new Set<Publisher>()
  readonly #start: StartHold
  #publisher: Publisher | undefined
  #joining = 0
  #wasLive = false
  #closed = false
  #resumeTimer: NodeJS.Timeout | undefined
  #emptyTimer: NodeJS.Timeout | undefined

  constructor(options: RoomOptions) {
    this.showId = options.showId
    this.#options = options
    this.topology = new Topology(options.pipeListenInfo, options.log)
    this.#start = new StartHold(options.limits, options.log, () => [...this.#viewers])
  }

  get publisher(): Publisher | undefined {
    return this.#publisher
  }
  get peers(): readonly Peer[] {
    return [...(this.#publisher === undefined ? [] : [this.#publisher]), ...this.#arriving, ...this.#viewers]
  }
  get live(): boolean {
    return this.#publisher !== undefined
  }

  /** Joins a viewer on the given worker: transport, router, pipe and consumers as far as they are needed. */
  async watch(
    slot: WorkerSlot,
    rtpCapabilities: RtpCapabilities,
    prepare: (viewer: Viewer) => Promise<void>,
  ): Promise<{ viewer: Viewer; consumers: ConsumerParams[]; live: boolean }> {
    return await this.#join(async () => {
      const router = await this.topology.routerOn(slot)
      const options = await this.#peerOptions(slot, router)
      const viewer = new Viewer({ ...options, router, rtpCapabilities, onReady: () => this.#start.viewerReady() })
      this.#viewers.add(viewer)
      this.#start.viewerJoined()
      this.#options.onPeer(viewer)
      try {
        const [consumers] = await Promise.all([this.#serve(viewer), prepare(viewer)])
        if (viewer.closed) throw workerGone()
        return { viewer, consumers, live: this.live }
      } catch (error) {
        viewer.close(undefined)
        throw error
      }
    })
  }

  /** Opens the creator's side. The earlier publisher, if any, goes on until this one sends its first track. */
  async startPublishing(slot: WorkerSlot, prepare: (publisher: Publisher) => Promise<void>): Promise<Publisher> {
    return await this.#join(async () => {
      const router = await this.topology.routerOn(slot)
      const publisher = new Publisher(await this.#peerOptions(slot, router))
      for (const earlier of this.#arriving) earlier.close({ event: 'ended', reason: 'replaced' })
      this.#arriving.add(publisher)
      this.#options.onPeer(publisher)
      try {
        await prepare(publisher)
        if (publisher.closed) throw workerGone()
        return publisher
      } catch (error) {
        publisher.close(undefined)
        throw error
      }
    })
  }

  async produce(publisher: Publisher, offered: readonly OfferedTrack[]) {
    const made = await publisher.produce(offered, this.#start.isAwaited())
    if (publisher.closed) throw workerGone()
    if (this.#arriving.delete(publisher)) this.#takeOver(publisher)
    if (publisher.holding) this.#start.begin(publisher)
    this.#announceAll()
    return made
  }

  /** Everybody on the worker is told to come again; the others learn that the creator is gone if that is so. */
  workerDied(slot: WorkerSlot): void {
    this.topology.workerDied(slot)
    const lost = this.peers.filter((peer) => peer.slot === slot)
    this.#start.expectRejoins(lost.filter((peer) => peer instanceof Viewer).length)
    for (const peer of lost) peer.close({ event: 'rejoin', reason: 'worker-died' })
  }

  /** Ends the show for all that are in it. */
  end(farewell: Farewell): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#resumeTimer)
    clearTimeout(this.#emptyTimer)
    this.#start.cancel()
    for (const peer of this.peers) peer.close(farewell)
    this.topology.close()
    if (this.#wasLive) this.#options.onState('ended')
    this.#options.onClosed()
  }

  async #join<T>(join: () => Promise<T>): Promise<T> {
    if (this.#closed) throw workerGone()
    clearTimeout(this.#emptyTimer)
    this.#joining += 1
    try {
      return await join()
    } finally {
      this.#joining -= 1
      this.#closeIfEmpty()
    }
  }

  async #peerOptions(slot: WorkerSlot, router: types.Router) {
    const { limits, log } = this.#options
    const transport = await router.createWebRtcTransport({
      webRtcServer: slot.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: false,
      initialAvailableOutgoingBitrate: limits.initialOutgoingBitrate,
      iceConsentTimeout: limits.iceConsentTimeoutSeconds,
    })
    if (this.#closed || transport.closed) throw workerGone()
    return { showId: this.showId, slot, transport, limits, log, onClosed: (peer: Peer) => this.#peerClosed(peer) }
  }

  readonly #tracks = (): readonly Track[] =>
    (this.#publisher?.tracks ?? []).map(({ source, producer, held, young }) => ({
      producerId: producer.id,
      source,
      kind: producer.kind,
      held,
      young,
    }))

  async #serve(viewer: Viewer): Promise<ConsumerParams[]> {
    await this.#feed(viewer.slot)
    return await viewer.sync(this.#tracks)
  }

  async #feed(slot: WorkerSlot): Promise<void> {
    const publisher = this.#publisher
    if (publisher === undefined) return
    const producers = publisher.tracks.map(({ producer }) => producer)
    await this.topology.feed(publisher.slot, slot, producers)
  }

  /** First the pipes, one per worker, then every viewer of that worker. */
  #announceAll(): void {
    for (const slot of new Set([...this.#viewers].map((viewer) => viewer.slot))) {
      this.#announceOn(slot).catch((error: unknown) => {
        this.#options.log.warn(
          { err: error, showId: this.showId, worker: slot.index },
          'tracks not brought to a worker',
        )
      })
    }
  }

  async #announceOn(slot: WorkerSlot): Promise<void> {
    await this.#feed(slot)
    const viewers = [...this.#viewers].filter((viewer) => viewer.slot === slot)
    const settled = await Promise.allSettled(viewers.map((viewer) => viewer.announce(this.#tracks)))
    const failed = settled.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  #takeOver(publisher: Publisher): void {
    const earlier = this.#publisher
    this.#publisher = publisher
    clearTimeout(this.#resumeTimer)
    this.#resumeTimer = undefined
    this.#wasLive = true
    earlier?.close({ event: 'ended', reason: 'replaced' })
    this.#options.onState('live')
  }

  #peerClosed(peer: Peer): void {
    if (peer instanceof Viewer) this.#viewers.delete(peer)
    else if (peer instanceof Publisher) this.#publisherClosed(peer)
    this.#options.onPeerClosed(peer)
    this.#closeIfEmpty()
  }

  #publisherClosed(publisher: Publisher): void {
    this.#arriving.delete(publisher)
    if (publisher !== this.#publisher) return
    this.#publisher = undefined
    if (this.#closed) return
    const { resumeGraceMs } = this.#options.limits
    for (const viewer of this.#viewers) viewer.outbox.tell('producer-lost', { graceMs: resumeGraceMs })
    this.#resumeTimer = setTimeout(() => this.end({ event: 'ended', reason: 'broadcaster-gone' }), resumeGraceMs)
    this.#options.onState('lost')
  }

  #closeIfEmpty(): void {
    clearTimeout(this.#emptyTimer)
    const waitedFor = this.#joining > 0 || this.#resumeTimer !== undefined
    if (this.#closed || waitedFor || this.peers.length > 0) return
    this.#emptyTimer = setTimeout(() => this.end(undefined), this.#options.limits.emptyRoomMs)
  }
}
