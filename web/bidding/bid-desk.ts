import { isRefusal, newOperationId } from '@livelot/client'
import type { BidAnswer, Currency } from '@livelot/client/contracts'
import { type Refused, refusedOf } from './refusals.ts'

export type BidKind = 'bid' | 'max' | 'buy'

export type WantedBid = {
  readonly auctionId: string
  readonly kind: BidKind
  readonly amountMinor: number
  readonly currency: Currency
  readonly isSure: boolean
  /** The bid id: the same bid sent again counts once and has the same answer. */
  readonly operationId: string
}

/** Where the one bid of a page stands. */
export type Placing =
  | { phase: 'idle' }
  | { phase: 'sending'; bid: WantedBid; isSlow: boolean }
  | { phase: 'accepted'; bid: WantedBid; answer: BidAnswer['answer'] }
  | { phase: 'refused'; bid: WantedBid; refused: Refused }
  /** No answer came: the bid may stand or not, and asking again tells. */
  | { phase: 'unknown'; bid: WantedBid }

/** Where bids go: the auction's handle in the room. */
export type Door = (bid: WantedBid) => Promise<BidAnswer>

/** An answer takes some hundredths of a second; after this, a person is told that it is on its way. */
const SLOW_AFTER_MS = 1_500

/** Sends one bid at a time and tells honestly how far it is. */
export class BidDesk {
  #placing: Placing = { phase: 'idle' }
  #door: Door
  readonly #subscribers = new Set<() => void>()

  constructor(door: Door) {
    this.#door = door
  }

  /** Another room, or another session: bids go through this door from now on. */
  setDoor(door: Door): void {
    this.#door = door
  }

  readonly getState = (): Placing => this.#placing

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  /** While an answer is awaited, another tap is no other bid. */
  readonly place = (wanted: Omit<WantedBid, 'operationId'>): void => {
    if (this.#placing.phase === 'sending') return
    this.#send({ ...wanted, operationId: newOperationId() })
  }

  /** The same bid under the same id, where its answer was lost or the platform asked to wait. */
  readonly again = (): void => {
    if (this.#placing.phase === 'unknown') this.#send(this.#placing.bid)
    else if (this.#placing.phase === 'refused') this.place(this.#placing.bid)
  }

  readonly confirm = (): void => {
    if (this.#placing.phase === 'refused') this.place({ ...this.#placing.bid, isSure: true })
  }

  /** The news has been read. What is on its way stays. */
  readonly dismiss = (): void => {
    if (this.#placing.phase !== 'sending') this.#show({ phase: 'idle' })
  }

  #send(bid: WantedBid): void {
    this.#show({ phase: 'sending', bid, isSlow: false })
    const isCurrent = () => this.#placing.phase === 'sending' && this.#placing.bid === bid
    const slow = setTimeout(() => {
      if (isCurrent()) this.#show({ phase: 'sending', bid, isSlow: true })
    }, SLOW_AFTER_MS)
    this.#door(bid)
      .then(({ answer }) => this.#show({ phase: 'accepted', bid, answer }))
      .catch((error: unknown) => this.#failed(bid, error))
      .finally(() => clearTimeout(slow))
  }

  #failed(bid: WantedBid, error: unknown): void {
    if (isRefusal(error, 'client.bid_unknown')) this.#show({ phase: 'unknown', bid })
    else this.#show({ phase: 'refused', bid, refused: refusedOf(error, bid.currency) })
  }

  #show(placing: Placing): void {
    this.#placing = placing
    for (const subscriber of [...this.#subscribers]) subscriber()
  }
}
