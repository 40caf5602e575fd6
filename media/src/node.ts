import { randomUUID } from 'node:crypto'
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { ControlEvent, ControlEventData, NodeStats } from '../control.ts'
import { routerRtpCapabilities } from './codecs.ts'
import type { MediaConfig } from './config.ts'
import { dumpedCounts, registryCounts } from './counts.ts'
import { MediaRefusal } from './errors.ts'
import type { MediaLimits } from './limits.ts'
import { LoadSampler } from './load-sampler.ts'
import type { Owner } from './outbox.ts'
import type { Peer } from './peer.ts'
import { placePublisher, placeViewer } from './placement.ts'
import { Publisher } from './publisher.ts'
import { Room } from './room.ts'
import { Viewer } from './viewer.ts'
import { pipeListenInfo, WorkerPool, type WorkerSlot } from './worker-pool.ts'

/** A lone worker that has died is replaced in about 100 ms; joins wait this long for it instead of failing. */
const workerWaitMs = 2_000
/** When everything is full: about the time in which some viewers leave or a sample shows less load. */
const fullRetryMs = 2_000

/** All rooms, peers and workers of one media node. It knows nothing of sockets; requests come in as method calls. */
export class MediaNode {
  readonly nodeId = randomUUID()
  readonly config: MediaConfig
  readonly #limits: MediaLimits
  readonly #log: Logger
  readonly #pool: WorkerPool
  readonly #sampler: LoadSampler
  readonly #rooms = new Map<string, Room>()
  readonly #peers = new Map<string, Peer>()
  readonly #owners = new Set<Owner>()
  readonly #startedAtMs = performance.now()
  #stopping = false

  constructor(config: MediaConfig, limits: MediaLimits, log: Logger) {
    this.config = config
    this.#limits = limits
    this.#log = log
    this.#pool = new WorkerPool({ config, limits, log, onDied: (slot) => this.#workerDied(slot) })
    this.#sampler = new LoadSampler(this.#pool)
  }

  async start(): Promise<void> {
    await this.#pool.start()
  }

  get ready(): boolean {
    return !this.#stopping && this.#pool.slots.length > 0
  }

  /** A new API connection: it is greeted, and hears of every show from now on. */
  addOwner(owner: Owner): void {
    this.#owners.add(owner)
    owner.send('welcome', {
      nodeId: this.nodeId,
      routerRtpCapabilities: routerRtpCapabilities as ControlEventData<'welcome'>['routerRtpCapabilities'],
      ownerGraceMs: this.#limits.ownerGraceMs,
    })
  }

  /** The connection is gone: its peers wait for an adoption. */
  removeOwner(owner: Owner): void {
    this.#owners.delete(owner)
    for (const peer of this.#peers.values()) if (peer.outbox.owner === owner) peer.detach()
  }

  /** The room of a show, made when it is not there yet. */
  room(showId: string): Room {
    const known = this.#rooms.get(showId)
    if (known !== undefined) return known
    if (this.#stopping) throw new MediaRefusal('media.unavailable', 'the media node is stopping', fullRetryMs)
    if (this.#rooms.size >= this.#limits.roomsMax) throw new MediaRefusal('media.full', 'too many shows', fullRetryMs)
    const room = new Room({
      showId,
      limits: this.#limits,
      log: this.#log,
      pipeListenInfo: pipeListenInfo(this.config),
      onPeer: (peer) => this.#peers.set(peer.peerId, peer),
      onPeerClosed: (peer) => this.#peers.delete(peer.peerId),
      onState: (state) => this.#broadcast('show-changed', { showId, state }),
      onClosed: () => this.#rooms.delete(showId),
    })
    this.#rooms.set(showId, room)
    return room
  }

  findRoom(showId: string): Room | undefined {
    return this.#rooms.get(showId)
  }

  findPeer(peerId: string): Peer | undefined {
    return this.#peers.get(peerId)
  }
  peer(peerId: string): Peer {
    const peer = this.#peers.get(peerId)
    if (peer === undefined) throw new MediaRefusal('media.no_peer', 'no such peer')
    return peer
  }
  viewer(peerId: string): Viewer {
    const peer = this.peer(peerId)
    if (peer instanceof Viewer) return peer
    throw new MediaRefusal('media.not_allowed', 'only viewers may do that')
  }
  publisher(peerId: string): Publisher {
    const peer = this.peer(peerId)
    if (peer instanceof Publisher) return peer
    throw new MediaRefusal('media.not_allowed', 'only the publisher of a show may do that')
  }

  /** A worker for one more viewer of the show. Refuses: media.full with a time to come back. */
  async placeViewer(room: Room): Promise<WorkerSlot> {
    const slot = placeViewer(await this.#candidates(room))?.slot
    if (slot === undefined) throw new MediaRefusal('media.full', 'every worker is at its limit', fullRetryMs)
    const join = slot.budget.takeJoin()
    if (join.taken) return slot
    throw new MediaRefusal('media.full', 'too many joins at once', join.retryAfterMs)
  }

  /** A worker for the creator; joins of viewers do not count against it. */
  async placePublisher(room: Room): Promise<WorkerSlot> {
    const slot = placePublisher(await this.#candidates(room))?.slot
    if (slot === undefined) throw new MediaRefusal('media.full', 'every worker is at its limit', fullRetryMs)
    return slot
  }

  async #candidates(room: Room) {
    await this.#pool.whenAvailable(workerWaitMs)
    const slots = this.#pool.slots
    if (slots.length === 0) throw new MediaRefusal('media.unavailable', 'no media worker is running', workerWaitMs)
    return slots.map((slot) => ({
      slot,
      state: slot.budget.state,
      load: slot.budget.load,
      hosting: room.topology.hosts(slot),
    }))
  }

  stats(): Omit<NodeStats, 'dumped'> {
    const rooms = [...this.#rooms.values()]
    const peers = [...this.#peers.values()]
    const slots = this.#pool.slots
    return {
      nodeId: this.nodeId,
      upMs: Math.round(performance.now() - this.#startedAtMs),
      ready: this.ready,
      workerDeaths: this.#pool.deaths,
      workers: slots.map(({ index, worker, budget }) => ({
        index,
        pid: worker.pid,
        cpuPercent: Math.round(budget.cpuPercent * 10) / 10,
        state: budget.state,
        viewers: budget.viewers,
        packetsPerSecond: budget.packetsPerSecond,
      })),
      owners: this.#owners.size,
      rooms: rooms.length,
      publishers: peers.filter((peer) => peer instanceof Publisher).length,
      viewers: peers.filter((peer) => peer instanceof Viewer).length,
      pipes: rooms.reduce((sum, room) => sum + room.topology.pipes.length, 0),
      registry: registryCounts(rooms, peers),
    }
  }

  async dumped(): Promise<NonNullable<NodeStats['dumped']>> {
    const workers: types.Worker[] = this.#pool.slots.map(({ worker }) => worker)
    return await dumpedCounts(workers, [...this.#rooms.values()])
  }

  /** Tells everybody to come again (elsewhere, or when the node is back) and closes all. */
  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    for (const room of [...this.#rooms.values()]) room.end({ event: 'rejoin', reason: 'node-stopping' })
    this.#sampler.close()
    await this.#pool.close()
  }

  #workerDied(slot: WorkerSlot): void {
    if (this.#stopping) return
    for (const room of [...this.#rooms.values()]) room.workerDied(slot)
  }

  #broadcast<E extends ControlEvent>(event: E, data: ControlEventData<E>): void {
    for (const owner of this.#owners) owner.send(event, data)
  }
}
