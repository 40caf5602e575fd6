import { setTimeout as delay } from 'node:timers/promises'
import type { Cursor, DataOf, FeedFrame, ShowId, ShowSnapshot, ToldEvent } from '@livelot/client/contracts'
import { feedFrameTold, pulseTold, snapshotTold } from '@livelot/client/contracts'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { LiveRooms } from '#modules/live'
import type { Connection, Place } from './connection.ts'
import type { FeedTarget } from './feed-reader.ts'
import { encode } from './frame.ts'
import { limits } from './limits.ts'
import { LogWindow, toFrame } from './log-window.ts'
import { SideLane } from './side-lane.ts'

export type OpenedState = Awaited<ReturnType<LiveRooms['read']>>
export type RoomRules = Awaited<ReturnType<LiveRooms['rules']>>

export interface RoomOptions {
  readonly showId: ShowId
  readonly source: LiveRooms
  readonly opened: OpenedState
  readonly rules: RoomRules
  /** The time that deadlines of the show are meant in. */
  readonly nowMs: () => number
  readonly log: Log
  /** The place in the log changed other than by reading on. */
  readonly onMoved: () => void
  /** So many connections were told something. */
  readonly onTold: (connections: number) => void
}

/** What somebody who enters is given: the missing part, or a snapshot with what came after it was taken. */
export type Entry =
  | { readonly resumed: FeedFrame; readonly snapshot: null }
  | { readonly resumed: FeedFrame | null; readonly snapshot: ShowSnapshot }

const entryTriesMax = 5
const retryReadMs = 500

/** One show as this process serves it: its log, its snapshot, and the connections that hear of it. */
export class Room implements FeedTarget, Place {
  readonly showId: ShowId
  readonly key: string
  readonly members = new Set<Connection>()
  readonly sideLane = new SideLane(this.members)
  rules: RoomRules
  audience = { viewerCount: 0, heartCount: 0 }
  readonly #options: RoomOptions
  readonly #window = new LogWindow(limits.windowEventsMax)
  readonly #waiting = new Set<() => void>()
  #stored: OpenedState['snapshot']
  #showState: DataOf<typeof snapshotTold>['show']['state']
  #renewal: Promise<void> | undefined
  #resync: Promise<void> | undefined
  #readAtMs = performance.now()
  #flushTimer: NodeJS.Timeout | undefined
  #flushedAtMs = Number.NEGATIVE_INFINITY
  #isLost = false
  #isClosed = false

  constructor(options: RoomOptions) {
    this.#options = options
    this.showId = options.showId
    this.key = options.source.feedKey(options.showId)
    this.rules = options.rules
    this.#stored = options.opened.snapshot
    this.#showState = options.opened.snapshot.show.state
    this.#window.reset(this.#stored.epoch, this.#stored.seq, options.opened.tail)
  }

  get lastSeq(): number {
    return this.#window.lastSeq
  }
  /** False while the place in the log is looked for anew: reading on from the old one would lead nowhere. */
  get isFollowing(): boolean {
    return !this.#isLost && !this.#isClosed
  }
  get epoch(): string {
    return this.#window.epoch
  }
  get isLive(): boolean {
    return this.#showState === 'live'
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#flushTimer)
    for (const wake of this.#waiting) wake()
  }

  // ——— the log ———

  accept(entries: readonly (readonly [string, string[]])[]): void {
    if (!this.isFollowing) return
    if (!entries.every(([id, flat]) => this.#take(id, flat))) {
      this.resync()
      return
    }
    for (const wake of this.#waiting) wake()
    const inMs = this.#flushedAtMs + limits.frameEveryMs - performance.now()
    if (inMs <= 0) this.flush()
    else this.#flushTimer ??= setTimeout(() => this.flush(), inMs)
  }

  /** False where the log does not go on from here: another epoch, a hole, or an entry that cannot be read. */
  #take(id: string, flat: readonly string[]): boolean {
    // A reading that was under way when the place moved on brings what is known already.
    if (Number.parseInt(id, 10) <= this.lastSeq) return true
    try {
      const event = this.#options.source.readEntry(id, flat)
      const verdict = this.#window.push(event)
      if (verdict === 'gap' || verdict === 'other-epoch') return false
      if (event.type === 'show:started') this.#showState = 'live'
      if (event.type === 'show:ended') this.#showState = 'ended'
      return true
    } catch (error) {
      this.#options.log.error({ err: error, showId: this.showId, id }, 'an entry of a log cannot be read')
      return false
    }
  }

  /** Tells everybody what was read since the last frame. */
  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    const untold = this.#window.takeUntold()
    if (!untold) return
    this.#flushedAtMs = performance.now()
    const span = { showId: this.showId, epoch: this.epoch, toSeq: this.#window.toldSeq, ...untold }
    this.broadcast(feedFrameTold, toFrame(span, this.#options.nowMs()))
  }

  /** What stands in Redis is not what was read so far: begins anew there and tells everybody the whole state. */
  resync(): void {
    if (this.#isClosed) return
    this.#isLost = true
    this.#resync ??= this.#readAgain().finally(() => {
      this.#resync = undefined
    })
  }

  async #readAgain(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#adopt(await this.#options.source.read(this.showId))
        return
      } catch (error) {
        this.#options.log.warn({ err: error, showId: this.showId }, 'a room cannot be read again yet')
        await this.#until(() => false, retryReadMs)
      }
    }
  }

  #adopt(opened: OpenedState): void {
    this.flush()
    this.#stored = opened.snapshot
    this.#showState = opened.snapshot.show.state
    this.#readAtMs = performance.now()
    this.#window.reset(opened.snapshot.epoch, opened.snapshot.seq, opened.tail)
    this.#isLost = false
    for (const wake of this.#waiting) wake()
    this.broadcast(snapshotTold, this.#snapshot())
    this.#options.onMoved()
  }

  // ——— entering ———

  /**
   * Takes a connection in and answers where it stands, in one step that nothing can come between: it misses no event
   * and gets none twice. Refuses: server.busy when the place in the log cannot be made sure in time.
   */
  async enter(connection: Connection, cursor: Cursor | undefined, take: (entry: Entry) => void): Promise<void> {
    for (let tries = 0; tries < entryTriesMax; tries++) {
      if (this.#resync) await Promise.race([this.#resync, delay(limits.catchUpMs, undefined, { ref: false })])
      if (cursor && cursor.epoch === this.epoch && cursor.seq > this.lastSeq)
        await this.#until(() => cursor.epoch !== this.epoch || this.lastSeq >= cursor.seq, limits.catchUpMs)
      if (connection.isEnding) return
      const entry = this.#entryAt(cursor)
      if (entry) {
        this.members.add(connection)
        connection.places.set(this.showId, this)
        take(entry)
        return
      }
      await this.#renewSnapshot()
    }
    throw new Refusal('server.busy', { retryAfterMs: 1_000 })
  }

  #entryAt(cursor: Cursor | undefined): Entry | null {
    if (this.#resync || this.#isClosed) return null
    const { showId, epoch } = this
    const window = this.#window
    const nowMs = this.#options.nowMs()
    // What was read but not told yet is told now, so that the answer ends exactly where the next frame begins.
    if (cursor && window.canResume(cursor, limits.resumeEventsMax)) {
      this.flush()
      const span = { showId, epoch, fromSeq: cursor.seq + 1, toSeq: window.toldSeq, nowMs }
      return { resumed: { ...span, events: window.missedAfter(cursor.seq) }, snapshot: null }
    }
    const { seq } = this.#stored
    if (this.#stored.epoch !== epoch || !window.covers(seq) || this.#isStale()) return null
    this.flush()
    const span = { showId, epoch, afterSeq: seq, toSeq: window.toldSeq, events: window.between(seq, window.toldSeq) }
    const resumed = seq === window.toldSeq ? null : toFrame(span, nowMs)
    return { resumed, snapshot: this.#snapshot() }
  }

  /** A snapshot far behind is read anew, but never more often than twice a second. */
  #isStale(): boolean {
    const isBehind = this.#window.lastSeq - this.#stored.seq > limits.snapshotStaleEvents
    return isBehind && performance.now() - this.#readAtMs >= limits.snapshotEveryMs
  }

  #renewSnapshot(): Promise<void> {
    this.#renewal ??= this.#readSnapshot().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #readSnapshot(): Promise<void> {
    await this.#until(() => false, this.#readAtMs + limits.snapshotEveryMs - performance.now())
    this.#readAtMs = performance.now()
    const opened = await this.#options.source.read(this.showId)
    const { epoch, seq } = opened.snapshot
    if (this.#resync) return
    // The reader may be a moment behind; a snapshot from the future would make the next frame a repetition.
    const isReached = await this.#until(() => epoch !== this.epoch || this.lastSeq >= seq, limits.catchUpMs)
    if (this.#resync) return
    if (!isReached || epoch !== this.epoch) this.#adopt(opened)
    else this.#stored = opened.snapshot
  }

  #snapshot(): ShowSnapshot {
    const { viewerCount } = this.audience
    const show = { ...this.#stored.show, viewerCount: this.#stored.show.state === 'live' ? viewerCount : 0 }
    return { ...this.#stored, show, nowMs: this.#options.nowMs() }
  }

  /** True as soon as `isSo`, looked at after each change of the log; false when the time is over or the room closed. */
  async #until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    if (isSo()) return true
    if (withinMs <= 0 || this.#isClosed) return false
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => {
      if (isSo() || this.#isClosed) resolve()
    }
    const timer = setTimeout(resolve, withinMs)
    this.#waiting.add(wake)
    await promise
    clearTimeout(timer)
    this.#waiting.delete(wake)
    return isSo()
  }

  // ——— members ———

  remove(connection: Connection): void {
    this.members.delete(connection)
  }

  /** Encodes once and sends to every member. */
  broadcast<E extends ToldEvent>(event: E, data: DataOf<E>): void {
    if (this.members.size === 0) return
    this.#options.onTold(this.members.size)
    const packet = encode(event, data)
    for (const member of [...this.members]) member.deliver(packet)
  }

  /** As broadcast, for what nobody bids or buys by: in slices, and left out where it `mayBeLeftOut`. */
  broadcastAside<E extends ToldEvent>(event: E, data: DataOf<E>, mayBeLeftOut: boolean): void {
    if (this.members.size === 0) return
    this.#options.onTold(this.members.size)
    this.sideLane.send(encode(event, data), mayBeLeftOut)
  }

  /** Viewers, hearts and the newest told place. */
  pulse(): void {
    const data = {
      showId: this.showId,
      ...this.audience,
      epoch: this.epoch,
      seq: this.#window.toldSeq,
      nowMs: this.#options.nowMs(),
    }
    this.broadcastAside(pulseTold, data, true)
  }
}
