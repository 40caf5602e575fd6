import {
  type Ack,
  type ChatLine,
  type Cursor,
  type FeedFrame,
  joinShow,
  type Operation,
  protocolVersion,
  type RequestInputOf,
  type ResponseOf,
  type ShowId,
  type ShowLogEvent,
  type ShowSnapshot,
} from '@livelot/client/contracts'
import { io, type Socket } from 'socket.io-client'

/** A connection that follows one show strictly: any hole or repetition in what it is told is written down. */
export class Viewer {
  readonly socket: Socket
  readonly showId: ShowId
  readonly seen: ShowLogEvent[] = []
  readonly snapshots: ShowSnapshot[] = []
  readonly frames: FeedFrame[] = []
  readonly lines: ChatLine[] = []
  readonly removed: string[] = []
  readonly limited: string[] = []
  readonly wrong: string[] = []
  cut = 0
  cursor: Cursor | null = null
  answer: ResponseOf<typeof joinShow> | null = null
  readonly #waiting = new Set<() => void>()

  constructor(url: string, showId: ShowId, token?: string) {
    this.showId = showId
    this.socket = io(url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: token === undefined ? { protocol: protocolVersion } : { protocol: protocolVersion, token },
    })
    this.socket.on('show:feed', (frame: FeedFrame) => this.#take(frame))
    this.socket.on('show:snapshot-told', (snapshot: ShowSnapshot) => this.#takeSnapshot(snapshot))
    this.socket.on('chat:batch', (batch: { lines: ChatLine[]; cut: number; removed: string[] }) => {
      this.lines.push(...batch.lines)
      this.removed.push(...batch.removed)
      this.cut += batch.cut
    })
    this.socket.on('connection:limited', ({ reason }: { reason: string }) => this.limited.push(reason))
    // These listeners are called before those of the event itself.
    this.socket.onAny(() => queueMicrotask(() => this.#wake()))
    this.socket.on('connect', () => this.#wake())
    this.socket.on('disconnect', () => this.#wake())
    this.socket.on('connect_error', () => this.#wake())
  }

  get seqs(): number[] {
    return this.seen.map((event) => event.seq)
  }

  async ask<O extends Operation>(operation: O, request: RequestInputOf<O>): Promise<ResponseOf<O>> {
    const ack = await this.send(operation.name, request)
    if (!ack.ok) throw new Error(ack.problem.code)
    return ack.value as ResponseOf<O>
  }

  async send(name: string, ...args: unknown[]): Promise<Ack<unknown>> {
    return (await this.socket.timeout(5_000).emitWithAck(name, ...args)) as Ack<unknown>
  }

  async connected(): Promise<this> {
    await this.until(() => this.socket.connected)
    return this
  }

  async join(cursor?: Cursor): Promise<this> {
    await this.connected()
    // The answer is taken in the callback itself: what is told right after it must find the place set.
    await new Promise<void>((resolve, reject) => {
      this.socket
        .timeout(5_000)
        .emit(
          joinShow.name,
          { showId: this.showId, ...(cursor ? { cursor } : {}) },
          (error: Error | null, ack: Ack<ResponseOf<typeof joinShow>>) => {
            if (error) return reject(error)
            if (!ack.ok) return reject(new Error(ack.problem.code))
            this.#enter(ack.value, cursor)
            resolve()
          },
        )
    })
    return this
  }

  /** Waits until something told makes it so. */
  async until(isSo: () => boolean, withinMs = 10_000): Promise<void> {
    if (isSo()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check)
        reject(new Error(`not so within ${withinMs} ms; at ${JSON.stringify(this.cursor)}`))
      }, withinMs)
      const check = () => {
        if (!isSo()) return
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
    })
  }

  close(): void {
    this.socket.disconnect()
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check()
  }

  #enter(answer: ResponseOf<typeof joinShow>, cursor: Cursor | undefined): void {
    this.answer = answer
    if (answer.snapshot) this.#takeSnapshot(answer.snapshot)
    if (answer.resumed) {
      if (!answer.snapshot) this.cursor = cursor ?? null
      this.#take(answer.resumed)
    }
    if (!answer.snapshot && !answer.resumed) this.wrong.push('an answer without a place')
    this.#wake()
  }

  #takeSnapshot(snapshot: ShowSnapshot): void {
    this.snapshots.push(snapshot)
    this.cursor = { epoch: snapshot.epoch, seq: snapshot.seq }
  }

  #take(frame: FeedFrame): void {
    this.frames.push(frame)
    const { cursor } = this
    if (!cursor) return void this.wrong.push(`a frame before the answer: ${frame.fromSeq}`)
    if (frame.epoch !== cursor.epoch) this.wrong.push(`epoch ${frame.epoch} after ${cursor.epoch}`)
    if (frame.fromSeq !== cursor.seq + 1) this.wrong.push(`from ${frame.fromSeq} after ${cursor.seq}`)
    for (const event of frame.events) {
      if (event.seq < frame.fromSeq || event.seq > frame.toSeq) this.wrong.push(`${event.seq} outside its frame`)
      this.seen.push(event)
    }
    this.cursor = { epoch: frame.epoch, seq: frame.toSeq }
  }
}
