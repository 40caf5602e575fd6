import {
  type Auction,
  type AuctionFigures,
  type BidAnswer,
  getAuction,
  getMyEntry,
  listMyBids,
} from '../../contracts/index.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import type { Caller } from '../wire/caller.ts'
import { delay } from '../wire/waiting.ts'
import { settleBid } from './bidding.ts'
import { AuctionHandle, type PlacedBid } from './handle.ts'

/** What the auctions need of their room. */
export interface AuctionRoom {
  readonly showId: string
  auctions(): readonly Auction[]
  /** Takes figures that came with an answer; older ones than the room has are left out. */
  foldFigures(auctionId: string, figures: AuctionFigures): void
}

/** Bidders who lost the same server must not all ask in the same moment. */
const RESTORE_JITTER_MS = 1_000
/** Own bids reach the list a moment after their answer; asking for them more often helps nobody. */
const RESTORE_PAUSE_MS = 1_000

/** The auctions of one room and what the caller has bid in them. Costs nothing until the first handle is asked for. */
export class RoomAuctions {
  readonly #room: AuctionRoom
  readonly #caller: Caller
  readonly #session: SessionKeeper
  readonly #handles = new Map<string, AuctionHandle>()
  /** Auctions that the room's snapshot has let go of. */
  readonly #others = new Map<string, Auction>()
  readonly #maxima = new Map<string, number>()
  readonly #stopListening: () => void
  #paddle: number | null = null
  #restoring: AbortController | null = null
  #restoredTick = Number.NEGATIVE_INFINITY

  constructor(room: AuctionRoom, caller: Caller, session: SessionKeeper) {
    this.#room = room
    this.#caller = caller
    this.#session = session
    this.#stopListening = session.listen({ accountChanged: () => this.#accountChanged() })
  }

  handle(auctionId: string): AuctionHandle {
    const known = this.#handles.get(auctionId)
    if (known !== undefined) return known
    const handle = new AuctionHandle(auctionId, (bid) => this.#place(auctionId, bid))
    this.#handles.set(auctionId, handle)
    if (this.#handles.size === 1) this.#restore(0)
    this.#show(handle)
    return handle
  }

  /** The running one that was started last, else the last one that ran. */
  current(): AuctionHandle | null {
    const auctions = this.#room.auctions()
    const running = auctions.filter(({ figures }) => figures.state === 'running')
    const candidates = running.length > 0 ? running : auctions
    const [first, ...others] = candidates
    if (first === undefined) return null
    const last = others.reduce((latest, one) => (one.startedAtMs >= latest.startedAtMs ? one : latest), first)
    return this.handle(last.auctionId)
  }

  /** The room's state changed. */
  changed(): void {
    for (const handle of this.#handles.values()) this.#show(handle)
  }

  /** A run began: bids that were placed before it take part at once. */
  started(auction: Auction): void {
    if (this.#paddle === null || auction.terms.type !== 'english' || !auction.terms.preBidsAllowed) return
    this.#restore(Math.random() * RESTORE_JITTER_MS)
  }

  /** The room was entered, or entered again: what a missed time may have changed is asked for. */
  joined(isAgain: boolean): void {
    for (const [auctionId, handle] of this.#handles) {
      const isTold = this.#room.auctions().some((one) => one.auctionId === auctionId)
      if (!isTold && handle.state()?.figures.state === 'running') this.#ask(auctionId)
    }
    if (isAgain && this.#handles.size > 0) this.#restore(Math.random() * RESTORE_JITTER_MS)
  }

  prove(auctionId: string, root: string): void {
    this.#handles.get(auctionId)?.prove(root)
  }

  close(): void {
    this.#stopListening()
    this.#restoring?.abort()
    for (const handle of this.#handles.values()) handle.close()
  }

  async #place(auctionId: string, bid: PlacedBid): Promise<BidAnswer> {
    const end = await settleBid(this.#caller, auctionId, bid)
    const { answer, error, maximumMinor, receipt } = end
    if (maximumMinor !== null) this.#raise(auctionId, maximumMinor)
    if (receipt !== null) {
      this.#paddle ??= receipt.payload?.paddle ?? null
      this.#handles.get(auctionId)?.keepReceipt(receipt)
    }
    if (answer !== null) this.#room.foldFigures(auctionId, answer.figures)
    this.changed()
    if (answer === null) throw error
    return answer
  }

  #show(handle: AuctionHandle): void {
    const { auctionId } = handle
    const told = this.#room.auctions().find((one) => one.auctionId === auctionId)
    if (told !== undefined) this.#others.delete(auctionId)
    const auction = told ?? this.#others.get(auctionId)
    const maximumMinor = this.#maxima.get(auctionId) ?? null
    if (auction !== undefined) {
      handle.show(auction, { paddle: this.#paddle, maximumMinor })
      const leadsHigher = handle.state()?.own.standing === 'leading' && auction.figures.priceMinor > (maximumMinor ?? 0)
      if (leadsHigher) this.#restore(RESTORE_PAUSE_MS)
      return
    }
    const last = handle.state()
    if (last !== null) handle.show(last, { paddle: this.#paddle, maximumMinor })
  }

  #raise(auctionId: string, maximumMinor: number): void {
    this.#maxima.set(auctionId, Math.max(maximumMinor, this.#maxima.get(auctionId) ?? 0))
  }

  #accountChanged(): void {
    this.#restoring?.abort()
    this.#restoring = null
    this.#paddle = null
    this.#maxima.clear()
    this.changed()
    if (this.#handles.size > 0) this.#restore(0)
  }

  /** Asks what the caller bid here, on whatever device: after a reload, a reconnect, or a bid placed elsewhere. */
  #restore(waitMs: number): void {
    if (this.#session.account === null || this.#restoring !== null) return
    const restoring = new AbortController()
    this.#restoring = restoring
    const pauseMs = this.#restoredTick + RESTORE_PAUSE_MS - performance.now()
    this.#fetchOwn(Math.max(waitMs, pauseMs), restoring.signal)
      // Out of reach: the next time that the room is entered asks again, and each answer to a bid tells the same.
      .catch(() => undefined)
      .finally(() => {
        if (this.#restoring !== restoring) return
        this.#restoring = null
        this.#restoredTick = performance.now()
        this.changed()
      })
  }

  async #fetchOwn(waitMs: number, signal: AbortSignal): Promise<void> {
    const { showId } = this.#room
    if (waitMs > 0) await delay(waitMs, signal)
    const { entry } = await this.#caller.call(getMyEntry, { showId }, { signal })
    if (entry === null) return
    const { items } = await this.#caller.call(listMyBids, { showId }, { signal })
    if (signal.aborted) return
    this.#paddle = entry.paddle.number
    for (const { auction, maximumMinor } of items) {
      this.#raise(auction.auctionId, maximumMinor)
      this.#take(auction)
    }
  }

  #ask(auctionId: string): void {
    this.#caller.call(getAuction, { auctionId }).then(
      (auction) => {
        this.#take(auction)
        this.changed()
      },
      // It stands as it was last told; entering the room again asks once more.
      () => undefined,
    )
  }

  /** Figures from beside the feed: of the room's own auctions the newer ones count, of others the newest known. */
  #take(auction: Auction): void {
    const { auctionId, figures } = auction
    if (this.#room.auctions().some((one) => one.auctionId === auctionId)) {
      this.#room.foldFigures(auctionId, figures)
      return
    }
    if (!this.#handles.has(auctionId)) return
    const known = this.#others.get(auctionId)
    if (known === undefined || known.figures.ledgerSeq <= figures.ledgerSeq) this.#others.set(auctionId, auction)
  }
}
