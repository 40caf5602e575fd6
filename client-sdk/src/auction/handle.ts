import type { Auction, AuctionFigures, BidAnswer } from '../../contracts/index.ts'
import { Emitter, guarded } from '../emitter.ts'
import type { CallOptions } from '../wire/operations.ts'
import { type AuctionView, type ReceiptRecord, viewOf } from './view.ts'

export interface AuctionEventMap {
  /** Price, leader or number of bids are others. */
  'price-changed': AuctionFigures
  /** The caller leads no more. */
  outbid: { priceMinor: number; nextMinimumMinor: number }
  /** A late bid, or an outage that was made up for, moved the end. */
  extended: { endsAtMs: number; byMs: number }
  /** The hammer has fallen. */
  closed: { figures: AuctionFigures; own: AuctionView['own'] }
  /** The whole ledger is recorded and its root published. */
  proved: { root: string }
}

export interface BidOptions extends Pick<CallOptions, 'signal' | 'timeoutMs'> {
  /** Said when the person was asked about an amount far above the price. */
  isSure?: boolean
  /** The bid id, to repeat a bid after a reload; made here where absent. */
  operationId?: string
}

export interface PlacedBid {
  kind: 'bid' | 'max' | 'buy'
  amountMinor: number
  options: BidOptions
}

/** What the room knows of the caller in this show. */
export interface OwnKnowledge {
  readonly paddle: number | null
  readonly maximumMinor: number | null
}

/** Receipts that a handle keeps; the newest stay. */
const RECEIPTS_MAX = 500

/** One auction of a room: its state, its events, and bidding in it. The same handle for the same id while the room lasts. */
export class AuctionHandle {
  readonly auctionId: string
  readonly #place: (bid: PlacedBid) => Promise<BidAnswer>
  readonly #emitter = new Emitter<AuctionEventMap>()
  readonly #subscribers = new Set<() => void>()
  #auction: Auction | null = null
  #own: OwnKnowledge = { paddle: null, maximumMinor: null }
  #root: string | null = null
  #view: AuctionView | null = null
  #receipts: readonly ReceiptRecord[] = []

  constructor(auctionId: string, place: (bid: PlacedBid) => Promise<BidAnswer>) {
    this.auctionId = auctionId
    this.#place = place
  }

  /** The auction as it stands; null where the room has not told of it. Made for React's `useSyncExternalStore`. */
  readonly state = (): AuctionView | null => this.#view

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  /** Signed answers to the bids that were placed through this handle, newest last; the same list until one comes. */
  readonly receipts = (): readonly ReceiptRecord[] => this.#receipts

  on<N extends keyof AuctionEventMap>(name: N, listener: (data: AuctionEventMap[N]) => void): () => void {
    return this.#emitter.on(name, listener)
  }

  /**
   * Offers this price now. Repeats: a bid whose answer was lost is asked for again under its own id.
   * Refuses: the codes of the contract, with `details` (a BidRefusal: what would be accepted, and the receipt);
   * client.bid_unknown when no answer came in time.
   */
  bid(amountMinor: number, options: BidOptions = {}): Promise<BidAnswer> {
    return this.#place({ kind: 'bid', amountMinor, options })
  }

  /** Bids step by step up to this amount, as far as others make it necessary. Repeats and refuses as `bid`. */
  maxBid(amountMinor: number, options: BidOptions = {}): Promise<BidAnswer> {
    return this.#place({ kind: 'max', amountMinor, options })
  }

  /** Takes the lot at its buy-now or Dutch price, never above `priceMinor`. Repeats and refuses as `bid`. */
  buyNow(priceMinor: number, options: Omit<BidOptions, 'isSure'> = {}): Promise<BidAnswer> {
    return this.#place({ kind: 'buy', amountMinor: priceMinor, options })
  }

  /** For the room: what is known now. Tells what that changes. */
  show(auction: Auction, own: OwnKnowledge): void {
    const before = this.#view
    if (this.#auction === auction && this.#own.paddle === own.paddle && this.#own.maximumMinor === own.maximumMinor) {
      return
    }
    this.#auction = auction
    this.#own = own
    this.#rebuild()
    if (before !== null && this.#view !== null) this.#tellChanges(before, this.#view)
  }

  /** For the room. */
  prove(root: string): void {
    if (this.#root === root) return
    this.#root = root
    this.#rebuild()
    this.#emitter.emit('proved', { root })
  }

  /** For the room. The same bid asked for twice has one receipt. */
  keepReceipt(record: ReceiptRecord): void {
    const others = this.#receipts.filter(({ bidId }) => bidId !== record.bidId)
    this.#receipts = [...others, record].slice(-RECEIPTS_MAX)
    this.#tellSubscribers()
  }

  /** For the room, when it is left: the last state stays. */
  close(): void {
    this.#emitter.clear()
    this.#subscribers.clear()
  }

  #rebuild(): void {
    if (this.#auction === null) return
    this.#view = viewOf(this.#auction, this.#own.paddle, this.#own.maximumMinor, this.#root)
    this.#tellSubscribers()
  }

  #tellSubscribers(): void {
    for (const subscriber of [...this.#subscribers]) guarded(subscriber)
  }

  #tellChanges(before: AuctionView, after: AuctionView): void {
    const [was, is] = [before.figures, after.figures]
    if (was.priceMinor !== is.priceMinor || was.bidCount !== is.bidCount || was.leader?.number !== is.leader?.number) {
      this.#emitter.emit('price-changed', is)
    }
    if (is.endsAtMs > was.endsAtMs) {
      this.#emitter.emit('extended', { endsAtMs: is.endsAtMs, byMs: is.endsAtMs - was.endsAtMs })
    }
    if (before.own.standing === 'leading' && after.own.standing === 'outbid') {
      this.#emitter.emit('outbid', { priceMinor: is.priceMinor, nextMinimumMinor: is.nextMinimumMinor })
    }
    if (was.state === 'running' && is.state === 'closed') {
      this.#emitter.emit('closed', { figures: is, own: after.own })
    }
  }
}
