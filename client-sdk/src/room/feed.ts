import type { z } from 'zod'
import {
  type Cursor,
  type DataOf,
  feedFrameTold,
  joinShow,
  pulseTold,
  type ShowLogEvent,
} from '../../contracts/index.ts'
import { LivelotError } from '../errors.ts'
import { backoffMs, connectionBackoff } from '../wire/backoff.ts'
import type { Connection } from '../wire/connection.ts'
import { isBehind, judgeFrame, knownEvents, type LooseFrame, LooseJoin, readFrame } from './log.ts'

type JoinAnswer = z.infer<typeof LooseJoin>

export interface FeedEvents {
  /** Entered, or entered again: snapshot or missing part have been told before this. */
  joined(answer: JoinAnswer): void
  snapshot(snapshot: NonNullable<JoinAnswer['snapshot']>): void
  /** The next events in order, each told once. */
  events(events: readonly ShowLogEvent[], cursor: Cursor): void
  pulse(pulse: DataOf<typeof pulseTold>): void
  /** The server says no for good. */
  refused(error: LivelotError): void
}

const JOIN_TIMEOUT_MS = 8_000
/** Viewers who missed the same frame must not all ask in the same moment. */
const RESYNC_JITTER_MS = 1_000
/** Frames that arrive while a join is under way; more than this is a join that hangs, and a new one helps. */
const EARLY_FRAMES_MAX = 500

/** Keeps one show's log without gap or double: judges each frame, and asks again from its cursor where one is missing. */
export class Feed {
  readonly #connection: Connection
  readonly #showId: string
  readonly #events: FeedEvents
  readonly #stop: (() => void)[]
  #cursor: Cursor | null = null
  #joining: AbortController | null = null
  #early: LooseFrame[] = []
  #resyncTimer: ReturnType<typeof setTimeout> | undefined
  #needs: (() => boolean)[] = []
  #failures = 0
  #over = false

  constructor(connection: Connection, showId: string, events: FeedEvents) {
    this.#connection = connection
    this.#showId = showId
    this.#events = events
    this.#stop = [
      connection.events.on('online', () => this.#join()),
      connection.events.on('state', ({ status }) => {
        if (status !== 'online') this.#interrupt()
      }),
      connection.listenRaw(feedFrameTold.name, (data) => this.#hearFrame(data)),
      connection.listen(pulseTold, (pulse) => this.#hearPulse(pulse)),
    ]
    if (connection.online) this.#join()
  }

  get cursor(): Cursor | null {
    return this.#cursor
  }

  close(): void {
    this.#over = true
    this.#interrupt()
    for (const stop of this.#stop) stop()
  }

  #interrupt(): void {
    clearTimeout(this.#resyncTimer)
    this.#resyncTimer = undefined
    this.#needs = []
    this.#joining?.abort()
    this.#joining = null
    this.#early = []
  }

  #join(): void {
    if (this.#over) return
    this.#interrupt()
    const joining = new AbortController()
    this.#joining = joining
    this.#askToJoin(joining.signal).then(
      (answer) => {
        if (this.#joining === joining) this.#take(answer)
      },
      (error: unknown) => {
        if (this.#joining === joining) this.#joinFailed(error)
      },
    )
  }

  async #askToJoin(signal: AbortSignal): Promise<JoinAnswer> {
    const request = { showId: this.#showId, ...(this.#cursor === null ? {} : { cursor: this.#cursor }) }
    const looseJoin = { ...joinShow, response: LooseJoin }
    return (await this.#connection.send(looseJoin, request, { signal, timeoutMs: JOIN_TIMEOUT_MS })) as JoinAnswer
  }

  #take(answer: JoinAnswer): void {
    this.#joining = null
    const early = this.#early
    this.#early = []
    if (!this.#takePlace(answer)) {
      // An answer that does not join on to what is here: only a snapshot helps.
      this.#cursor = null
      this.#resync()
      return
    }
    this.#failures = 0
    this.#events.joined(answer)
    for (const frame of early) this.#offer(frame)
  }

  #takePlace({ snapshot, resumed }: JoinAnswer): boolean {
    if (snapshot !== null) {
      const { epoch, seq } = snapshot
      // A server that lags behind the one before may know less than we do; its frames will catch up.
      const older = this.#cursor?.epoch === epoch && seq < this.#cursor.seq
      if (!older) {
        this.#cursor = { epoch, seq }
        this.#events.snapshot(snapshot)
      }
      // A snapshot is kept for many; the frame beside it holds what has come since it was taken.
      if (resumed === null) return true
    }
    if (resumed === null || this.#cursor === null) return false
    const judgement = judgeFrame(this.#cursor, resumed)
    if (judgement === 'known') return true
    return judgement === 'next' && this.#apply(resumed)
  }

  #joinFailed(error: unknown): void {
    this.#joining = null
    this.#early = []
    const failure = error instanceof LivelotError ? error : new LivelotError({ code: 'client.protocol', cause: error })
    if (failure.retry === 'never') {
      this.#events.refused(failure)
      return
    }
    const waitMs = Math.max(backoffMs(this.#failures, connectionBackoff), failure.retryAfterMs ?? 0)
    this.#failures += 1
    this.#joinIn(waitMs)
  }

  #hearFrame(data: unknown): void {
    if ((data as { showId?: unknown } | null)?.showId !== this.#showId) return
    let frame: LooseFrame
    try {
      frame = readFrame(data)
    } catch {
      this.#resync()
      return
    }
    if (this.#joining === null) {
      this.#offer(frame)
      return
    }
    this.#early.push(frame)
    if (this.#early.length > EARLY_FRAMES_MAX) this.#join()
  }

  #offer(frame: LooseFrame): void {
    if (this.#cursor === null) return
    const judgement = judgeFrame(this.#cursor, frame)
    if (judgement === 'known') return
    if (judgement !== 'next' || !this.#apply(frame)) this.#resync()
  }

  /** False when an event that we should know cannot be read: what it says is in the next snapshot. */
  #apply(frame: LooseFrame): boolean {
    const seq = this.#cursor?.seq ?? 0
    let events: ShowLogEvent[]
    try {
      events = knownEvents(frame).filter((event) => event.seq > seq)
    } catch {
      this.#cursor = null
      return false
    }
    this.#cursor = { epoch: frame.epoch, seq: frame.toSeq }
    this.#events.events(events, this.#cursor)
    return true
  }

  #hearPulse(pulse: DataOf<typeof pulseTold>): void {
    if (pulse.showId !== this.#showId) return
    this.#events.pulse(pulse)
    if (this.#cursor === null || this.#joining !== null || !isBehind(this.#cursor, pulse)) return
    // The frame may still be on its way: what the pulse proves is looked at again when the jitter is over.
    const behindOf = { epoch: pulse.epoch, seq: pulse.seq }
    this.#resync(() => this.#cursor !== null && isBehind(this.#cursor, behindOf))
  }

  #resync(isNeeded: () => boolean = () => true): void {
    this.#joinIn(Math.random() * RESYNC_JITTER_MS, isNeeded)
  }

  /** One join answers all that asks for it until then, and none when everything has come by itself. */
  #joinIn(waitMs: number, isNeeded: () => boolean = () => true): void {
    if (this.#joining !== null || this.#over) return
    this.#needs.push(isNeeded)
    if (this.#resyncTimer !== undefined) return
    this.#resyncTimer = setTimeout(() => {
      this.#resyncTimer = undefined
      const isStillNeeded = this.#needs.splice(0).some((need) => need())
      if (this.#connection.online && isStillNeeded) this.#join()
    }, waitMs)
  }
}
