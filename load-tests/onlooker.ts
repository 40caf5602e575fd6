import { connect, type Socket } from 'node:net'
import { clientFrame, openingRequest, readFrames } from './wire-frames.ts'

/** `room`: a viewer of a show. `library`: the main namespace of a stock Socket.IO server. `bare`: a WebSocket of no protocol. */
export type OnlookerKind = 'room' | 'library' | 'bare'

export interface OnlookerAim {
  readonly kind: OnlookerKind
  readonly port: number
  readonly showId: string | null
  readonly token: string | null
}

/** What a crowd counts together. */
export interface CrowdCounts {
  frames: number
  refused: number
  ended: number
  /** From the time that a frame tells to its arrival, of those who read what they get. */
  delaysMs: number[]
  /** The newest frame of the log that somebody read. */
  feedText: string
}

/** One buffer for everybody: what was read is looked at before the next one reads. */
const readBuffer = Buffer.allocUnsafe(64 * 1024)
const pong = clientFrame('3')
const feedStart = '42["show:feed"'
/** As clients of the platform wait: base and most of what doubles, a random half of it. */
const backoff = { baseMs: 400, maxMs: 5_000 }

const waitMs = (attempt: number): number => {
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** attempt)
  return ceiling / 2 + (Math.random() * ceiling) / 2
}

/**
 * One connection of a crowd of thousands: it counts frames by their heads and reads only what it must. A refused try is
 * repeated as the SDK repeats it; a lost connection comes back, with its place in the log, where `returnPort` is set.
 */
export class Onlooker {
  readonly #aim: OnlookerAim
  readonly #counts: CrowdCounts
  /** Reads each frame, for delays or for the place in the log. */
  readonly isReader: boolean
  #socket: Socket | null = null
  #stage: 'upgrade' | 'opening' | 'connecting' | 'joining' | 'in' | 'out' = 'out'
  #rest: Buffer | null = null
  #attempts = 0
  #isClosed = false
  #timer: NodeJS.Timeout | undefined
  #onIn: () => void = () => undefined
  epoch = ''
  seq = 0
  returnPort: number | null = null

  constructor(aim: OnlookerAim, counts: CrowdCounts, isReader: boolean) {
    this.#aim = aim
    this.#counts = counts
    this.isReader = isReader
  }

  get isIn(): boolean {
    return this.#stage === 'in'
  }

  /** Resolves when it is in, however often it had to try. */
  enter(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onIn = resolve
    this.#open(this.#aim.port)
    return promise
  }

  /** The connection is gone; the onlooker may come back. */
  drop(): void {
    this.#socket?.destroy()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#socket?.destroy()
  }

  #open(port: number): void {
    this.#stage = 'upgrade'
    this.#rest = null
    const onread = {
      buffer: readBuffer,
      callback: (bytes: number) => {
        this.#take(readBuffer.subarray(0, bytes))
        return true
      },
    }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket = socket
    socket.on('connect', () => socket.write(openingRequest(this.#aim.kind !== 'bare')))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#lost(port))
  }

  #lost(port: number): void {
    const wasIn = this.#stage === 'in'
    this.#stage = 'out'
    if (this.#isClosed) return
    if (wasIn) {
      this.#counts.ended += 1
      this.#attempts = 0
      if (this.returnPort === null) return
    }
    const next = this.returnPort ?? port
    this.#timer = setTimeout(() => this.#open(next), waitMs(this.#attempts))
    this.#attempts += 1
  }

  #take(chunk: Buffer): void {
    const data = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = null
    let from = 0
    if (this.#stage === 'upgrade') {
      const end = data.indexOf('\r\n\r\n')
      if (end < 0) this.#rest = Buffer.from(data)
      else if (data.toString('latin1', 0, 12) !== 'HTTP/1.1 101') this.#refuse()
      else {
        from = end + 4
        if (this.#aim.kind === 'bare') this.#arrive()
        else this.#stage = 'opening'
      }
      if (end < 0 || this.#stage === 'upgrade') return
    }
    const read = readFrames(data, from, (start, end) => this.#frame(data, start, end))
    if (read < data.length) this.#rest = Buffer.from(data.subarray(read))
  }

  #refuse(): void {
    this.#counts.refused += 1
    this.#socket?.destroy()
  }

  #frame(data: Buffer, start: number, end: number): void {
    if (this.#stage === 'in') {
      // Engine.IO's ping is one byte; nothing else is that short.
      if (end - start === 1) this.#socket?.write(pong)
      else {
        this.#counts.frames += 1
        if (this.isReader) this.#read(data.toString('utf8', start, end))
      }
      return
    }
    this.#shakeHands(data.toString('utf8', start, end))
  }

  #shakeHands(text: string): void {
    const { kind, token, showId } = this.#aim
    if (this.#stage === 'opening' && text.startsWith('0')) {
      this.#stage = 'connecting'
      this.#socket?.write(clientFrame(`40${JSON.stringify(token === null ? { protocol: 1 } : { protocol: 1, token })}`))
    } else if (this.#stage === 'connecting' && text.startsWith('40')) {
      if (kind === 'library') {
        this.#arrive()
        return
      }
      this.#stage = 'joining'
      const cursor = this.epoch === '' ? undefined : { epoch: this.epoch, seq: this.seq }
      this.#socket?.write(clientFrame(`420${JSON.stringify(['show:join', { showId, cursor }])}`))
    } else if (this.#stage === 'joining' && text.startsWith('430[{"ok":true')) {
      const [{ value }] = JSON.parse(text.slice(3)) as [{ value: JoinAnswer }]
      const { epoch, seq } = value.snapshot ?? { epoch: this.epoch, seq: this.seq }
      this.epoch = epoch
      this.seq = value.resumed?.toSeq ?? seq
      this.#arrive()
    } else if (text.startsWith('43') || text.startsWith('44')) this.#refuse()
  }

  #arrive(): void {
    this.#stage = 'in'
    this.#onIn()
  }

  #read(text: string): void {
    if (text.startsWith('42["show:snapshot-told"')) {
      const [, { epoch, seq }] = JSON.parse(text.slice(2)) as [string, { epoch: string; seq: number }]
      this.epoch = epoch
      this.seq = seq
    }
    if (!text.startsWith(feedStart)) return
    this.#counts.delaysMs.push(Date.now() - integerIn(text, '"nowMs":'))
    this.#counts.feedText = text
    this.seq = integerIn(text, '"toSeq":')
  }
}

interface JoinAnswer {
  readonly snapshot: { readonly epoch: string; readonly seq: number } | null
  readonly resumed: { readonly toSeq: number } | null
}

const integerIn = (text: string, name: string): number =>
  Number.parseInt(text.slice(text.indexOf(name) + name.length), 10)
