import type { ControlEvent, ControlEventData, PeerEvent } from '../control.ts'

/** The API connection that a peer's events go to. */
export interface Owner {
  send<E extends ControlEvent>(event: E, data: ControlEventData<E>): void
  /** Too much is waiting already: leave out what only the newest of matters. */
  readonly congested: boolean
}

type Sequenced = Exclude<PeerEvent, 'consumer-quality' | 'producer-quality'>
type Unnumbered<E extends PeerEvent> = Omit<ControlEventData<E>, 'peerId' | 'seq'>

/**
 * The events of one peer, numbered and kept for a while, so that a new owner can be told what the old one may have lost.
 * Without an owner it keeps on numbering, until the grace time is over.
 */
export class Outbox {
  readonly #peerId: string
  readonly #keptMax: number
  #kept: { readonly seq: number; readonly send: (owner: Owner) => void }[] = []
  #seq = 0
  #owner: Owner | undefined

  constructor(peerId: string, keptMax: number) {
    this.#peerId = peerId
    this.#keptMax = keptMax
  }

  get owner(): Owner | undefined {
    return this.#owner
  }
  get seq(): number {
    return this.#seq
  }

  /** Tells an event that must arrive in order, now or on adoption. */
  tell<E extends Sequenced>(event: E, data: Unnumbered<E>): void {
    this.#seq += 1
    const full = { ...data, peerId: this.#peerId, seq: this.#seq } as unknown as ControlEventData<E>
    const entry = { seq: this.#seq, send: (owner: Owner) => owner.send(event, full) }
    this.#kept.push(entry)
    if (this.#kept.length > this.#keptMax) this.#kept.shift()
    if (this.#owner !== undefined) entry.send(this.#owner)
  }

  /** Tells something of which only the newest matters. */
  hint<E extends 'consumer-quality' | 'producer-quality'>(event: E, data: Unnumbered<E>): void {
    if (this.#owner === undefined || this.#owner.congested) return
    this.#owner.send(event, { ...data, peerId: this.#peerId } as unknown as ControlEventData<E>)
  }

  /** Whether every event after the given number is still kept. */
  canReplay(afterSeq: number): boolean {
    const oldest = this.#kept[0]?.seq ?? this.#seq + 1
    return afterSeq <= this.#seq && afterSeq >= oldest - 1
  }

  attach(owner: Owner, afterSeq: number): void {
    this.#owner = owner
    for (const entry of this.#kept) if (entry.seq > afterSeq) entry.send(owner)
  }

  detach(): void {
    this.#owner = undefined
  }
}
