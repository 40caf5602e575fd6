import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import { closeQuietly } from './peer.ts'

/**
 * Carries the tracks of one router to another worker's router, under the same producer ids. mediasoup's own
 * `pipeToRouter` leaves promises unawaited when a worker dies under it, which would end the process; here all are caught.
 */
export class Pipe {
  readonly #from: types.PipeTransport
  readonly #to: types.PipeTransport
  readonly #log: Logger
  readonly #carried = new Map<string, Promise<void>>()

  constructor(from: types.PipeTransport, to: types.PipeTransport, log: Logger) {
    this.#from = from
    this.#to = to
    this.#log = log
    from.observer.once('close', () => closeQuietly(to, log))
    to.observer.once('close', () => closeQuietly(from, log))
  }

  static async open(
    from: types.Router,
    to: types.Router,
    listenInfo: types.TransportListenInfo,
    log: Logger,
  ): Promise<Pipe> {
    const ends = await Promise.allSettled([
      from.createPipeTransport({ listenInfo }),
      to.createPipeTransport({ listenInfo }),
    ])
    const [near, far] = ends
    if (near.status === 'fulfilled' && far.status === 'fulfilled') {
      const pipe = new Pipe(near.value, far.value, log)
      await pipe.#connect()
      return pipe
    }
    for (const end of ends) if (end.status === 'fulfilled') closeQuietly(end.value, log)
    throw near.status === 'rejected' ? near.reason : (far as PromiseRejectedResult).reason
  }

  get closed(): boolean {
    return this.#from.closed || this.#to.closed
  }

  get carriedCount(): number {
    return this.#carried.size
  }

  onceClosed(listener: () => void): void {
    this.#from.observer.once('close', listener)
    if (this.closed) listener()
  }

  async #connect(): Promise<void> {
    try {
      await Promise.all([
        this.#from.connect({ ip: this.#to.tuple.localAddress, port: this.#to.tuple.localPort }),
        this.#to.connect({ ip: this.#from.tuple.localAddress, port: this.#from.tuple.localPort }),
      ])
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Makes the track available at the far router. Repeats: waits for the first call. */
  carry(producer: types.Producer): Promise<void> {
    const running = this.#carried.get(producer.id)
    if (running !== undefined) return running
    const carrying = this.#carry(producer)
    this.#carried.set(producer.id, carrying)
    carrying.catch(() => this.#carried.delete(producer.id))
    return carrying
  }

  async #carry(producer: types.Producer): Promise<void> {
    const near = await this.#from.consume({ producerId: producer.id })
    try {
      const far = await this.#to.produce({
        id: producer.id,
        kind: near.kind,
        rtpParameters: near.rtpParameters,
        paused: near.producerPaused,
      })
      this.#link(producer, near, far)
    } catch (error) {
      closeQuietly(near, this.#log)
      throw error
    }
  }

  /** The far end follows: pausing, resuming and closing, also what happened while it was being made. */
  #link(producer: types.Producer, near: types.Consumer, far: types.Producer): void {
    const follow = (step: () => Promise<void>): void => {
      step().catch((error: unknown) => this.#log.debug({ err: error }, 'pipe ended while it followed'))
    }
    const ended = (): void => {
      this.#carried.delete(producer.id)
      closeQuietly(far, this.#log)
    }
    near.observer.once('close', ended)
    near.observer.on('pause', () => follow(() => far.pause()))
    near.observer.on('resume', () => follow(() => far.resume()))
    far.observer.once('close', () => closeQuietly(near, this.#log))
    if (near.closed) ended()
    else if (near.producerPaused !== far.paused) follow(() => (near.producerPaused ? far.pause() : far.resume()))
  }

  close(): void {
    closeQuietly(this.#from, this.#log)
    closeQuietly(this.#to, this.#log)
  }
}
