import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import { routerCodecs } from './codecs.ts'
import { workerGone } from './errors.ts'
import { closeQuietly } from './peer.ts'
import { Pipe } from './pipe.ts'
import type { WorkerSlot } from './worker-pool.ts'

interface Host {
  readonly router: Promise<types.Router>
  /** The pipe that feeds this router, and the worker that it comes from. */
  feed: { readonly from: WorkerSlot; readonly pipe: Promise<Pipe> } | undefined
}

/**
 * The routers of one show: one on each worker that has somebody of it, made when first needed. The origin is the one
 * that the creator sends to; every other is an edge, fed by one pipe from the origin.
 */
export class Topology {
  readonly #listenInfo: types.TransportListenInfo
  readonly #log: Logger
  readonly #hosts = new Map<WorkerSlot, Host>()
  readonly #routers = new Set<types.Router>()
  readonly #pipes = new Set<Pipe>()
  #closed = false

  constructor(listenInfo: types.TransportListenInfo, log: Logger) {
    this.#listenInfo = listenInfo
    this.#log = log
  }

  /** Routers that exist now, for statistics and dumps. */
  get routers(): readonly types.Router[] {
    return [...this.#routers]
  }
  get pipes(): readonly Pipe[] {
    return [...this.#pipes]
  }
  hosts(slot: WorkerSlot): boolean {
    return this.#hosts.has(slot)
  }

  /** The show's router on a worker. Two calls at once get the same one. */
  async routerOn(slot: WorkerSlot): Promise<types.Router> {
    if (this.#closed || slot.worker.closed) throw workerGone()
    const known = this.#hosts.get(slot)
    if (known !== undefined) return await known.router
    const host: Host = { router: this.#makeRouter(slot), feed: undefined }
    this.#hosts.set(slot, host)
    try {
      return await host.router
    } catch (error) {
      if (this.#hosts.get(slot) === host) this.#hosts.delete(slot)
      throw error
    }
  }

  /** Makes the producers of the origin known to the router on `to`. Repeats: does only what is missing. */
  async feed(origin: WorkerSlot, to: WorkerSlot, producers: readonly types.Producer[]): Promise<void> {
    if (origin === to || producers.length === 0) return
    const pipe = await this.#pipe(origin, to)
    await Promise.all(producers.map((producer) => pipe.carry(producer)))
  }

  workerDied(slot: WorkerSlot): void {
    this.#hosts.delete(slot)
    for (const host of this.#hosts.values()) if (host.feed?.from === slot) this.#dropFeed(host)
  }

  close(): void {
    this.#closed = true
    for (const host of this.#hosts.values()) this.#dropFeed(host)
    this.#hosts.clear()
    for (const router of this.#routers) closeQuietly(router, this.#log)
  }

  async #makeRouter(slot: WorkerSlot): Promise<types.Router> {
    const router = await slot.worker.createRouter({ mediaCodecs: routerCodecs })
    this.#routers.add(router)
    router.observer.once('close', () => this.#routers.delete(router))
    if (!this.#closed) return router
    closeQuietly(router, this.#log)
    throw workerGone()
  }

  async #pipe(origin: WorkerSlot, to: WorkerSlot): Promise<Pipe> {
    const host = this.#hosts.get(to)
    if (host === undefined) throw workerGone()
    const known = host.feed
    if (known?.from === origin) {
      const pipe = await known.pipe
      if (!pipe.closed) return pipe
      if (host.feed !== known) return await this.#pipe(origin, to)
    }
    this.#dropFeed(host)
    const pipe = this.#openPipe(origin, host)
    const feed = { from: origin, pipe }
    host.feed = feed
    try {
      return await pipe
    } catch (error) {
      if (host.feed === feed) host.feed = undefined
      throw error
    }
  }

  async #openPipe(origin: WorkerSlot, host: Host): Promise<Pipe> {
    const [from, to] = await Promise.all([this.routerOn(origin), host.router])
    const pipe = await Pipe.open(from, to, this.#listenInfo, this.#log)
    this.#pipes.add(pipe)
    pipe.onceClosed(() => this.#pipes.delete(pipe))
    return pipe
  }

  #dropFeed(host: Host): void {
    host.feed?.pipe.then(
      (pipe) => pipe.close(),
      () => undefined,
    )
    host.feed = undefined
  }
}
