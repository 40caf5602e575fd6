import type { Cursor, FeedFrame, ShowId, ShowLogEvent } from '@livelot/client/contracts'

export interface LoggedEvent {
  readonly epoch: string
  readonly seq: number
  readonly atMs: number
  readonly type: string
  readonly version: number
  readonly data: unknown
}

export type Verdict = 'next' | 'known' | 'gap' | 'other-epoch'

/**
 * The newest part of one show's log as this process knows it. `lastSeq` is what was read, `toldSeq` what the people in
 * the room were told; both count on without a hole within one epoch.
 */
export class LogWindow {
  readonly #sizeMax: number
  #epoch = ''
  #events: LoggedEvent[] = []
  #lastSeq = 0
  #toldSeq = 0
  #missed: { readonly afterSeq: number; readonly toSeq: number; readonly events: ShowLogEvent[] } | null = null

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get epoch(): string {
    return this.#epoch
  }
  get lastSeq(): number {
    return this.#lastSeq
  }
  get toldSeq(): number {
    return this.#toldSeq
  }

  /** Begins at a place that everybody is told otherwise (by a snapshot). */
  reset(epoch: string, seq: number, tail: readonly LoggedEvent[]): void {
    this.#epoch = epoch
    this.#events = [...tail]
    this.#lastSeq = seq
    this.#toldSeq = seq
    this.#missed = null
  }

  push(event: LoggedEvent): Verdict {
    if (event.epoch !== this.#epoch) return 'other-epoch'
    if (event.seq <= this.#lastSeq) return 'known'
    if (event.seq !== this.#lastSeq + 1) return 'gap'
    this.#events.push(event)
    this.#lastSeq = event.seq
    // Cut in halves: shifting one by one would move the whole array for each event.
    if (this.#events.length > 2 * this.#sizeMax) this.#events = this.#events.slice(-this.#sizeMax)
    return 'next'
  }

  /** Whether everything after `seq` is here. */
  covers(seq: number): boolean {
    return seq <= this.#lastSeq && seq >= this.#lastSeq - this.#events.length
  }

  /** Events after `afterSeq` up to `toSeq`, both of them covered. */
  between(afterSeq: number, toSeq: number): readonly LoggedEvent[] {
    const firstSeq = this.#lastSeq - this.#events.length + 1
    return this.#events.slice(afterSeq + 1 - firstSeq, toSeq + 1 - firstSeq)
  }

  /** Everything after `afterSeq`, which is covered, as a frame tells it; kept, for a crowd that comes back missed the same. */
  missedAfter(afterSeq: number): ShowLogEvent[] {
    const toSeq = this.#lastSeq
    if (this.#missed?.afterSeq !== afterSeq || this.#missed.toSeq !== toSeq)
      this.#missed = { afterSeq, toSeq, events: toldOf(this.between(afterSeq, toSeq)) }
    return this.#missed.events
  }

  /** What was read and not told yet; from now on it counts as told. */
  takeUntold(): { afterSeq: number; events: readonly LoggedEvent[] } | null {
    if (this.#toldSeq === this.#lastSeq) return null
    const afterSeq = this.#toldSeq
    this.#toldSeq = this.#lastSeq
    return { afterSeq, events: this.between(afterSeq, this.#lastSeq) }
  }

  /** Whether a person at this place can go on with what is here, in at most `eventsMax` events. */
  canResume(cursor: Cursor, eventsMax: number): boolean {
    if (cursor.epoch !== this.#epoch || !this.covers(cursor.seq)) return false
    return this.missedAfter(cursor.seq).length <= eventsMax
  }
}

/** Leaves out figures that a later event about the same sale, auction or giveaway replaces. */
export function compact(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const newest = new Map<unknown, number>()
  for (const event of events) {
    const subject = replacedBySubject(event)
    if (subject !== undefined) newest.set(subject, event.seq)
  }
  if (newest.size === 0) return events
  return events.filter((event) => {
    const subject = replacedBySubject(event)
    return subject === undefined || newest.get(subject) === event.seq
  })
}

interface Subject {
  readonly flashSaleId?: unknown
  readonly auctionId?: unknown
  readonly giveawayId?: unknown
  readonly room?: { readonly flashSaleId?: unknown }
}

/** What an event's figures are about, where the next ones about it make them worthless. */
function replacedBySubject({ type, data }: LoggedEvent): unknown {
  const subject = data as Subject | null
  if (type === 'flash-sale:stock-changed') return subject?.flashSaleId
  if (type === 'waiting-room:changed') return `waiting:${subject?.room?.flashSaleId}`
  if (type === 'auction:price-changed') return subject?.auctionId
  if (type === 'giveaway:entries-changed') return subject?.giveawayId
  return undefined
}

export interface FrameSpan {
  readonly showId: ShowId
  readonly epoch: string
  readonly afterSeq: number
  readonly toSeq: number
  readonly events: readonly LoggedEvent[]
}

/** One frame that covers everything after `afterSeq` up to `toSeq`. */
export function toFrame({ showId, epoch, afterSeq, toSeq, events }: FrameSpan, nowMs: number): FeedFrame {
  return { showId, epoch, fromSeq: afterSeq + 1, toSeq, nowMs, events: toldOf(events) }
}

function toldOf(events: readonly LoggedEvent[]): ShowLogEvent[] {
  const told = compact(events).map(({ seq, atMs, type, version, data }) => ({ seq, atMs, type, version, data }))
  return told as unknown as ShowLogEvent[]
}
