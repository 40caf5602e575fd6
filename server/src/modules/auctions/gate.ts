import type {
  AccountId,
  Auction,
  AuctionFigures,
  AuctionId,
  AuctionTerms,
  BidId,
  BrandId,
  IneligibleReason,
  LedgerEntry,
  ShowId,
} from '@livelot/client/contracts'
import type { z } from 'zod'

type Reason = z.infer<typeof IneligibleReason>

/** Where the gate of an auction is. */
export interface AuctionAddress {
  readonly showId: ShowId
  readonly auctionId: AuctionId
}

/** Somebody with a paddle in a show, as the scripts must know it to decide a bid. */
export interface Entrant {
  readonly accountId: AccountId
  readonly paddle: number
  readonly name: string
  readonly limitMinor: number | null
  /** Why this account may not bid any more though it has a paddle; null: it may. */
  readonly barredFor: Reason | null
  /** Brands of the account: lots of these are its own. */
  readonly brandIds: readonly BrandId[]
}

/** A lot that went on to a runner-up, and what it costs there. */
export type Takeover = Readonly<{ auctionId: AuctionId; accountId: AccountId; amountMinor: number }>

/** All that the bids of one show's auctions lean on together, as Postgres has it. */
export interface DeskContents {
  readonly entrants: readonly Entrant[]
  /** Minor units by account: leading maxima of running auctions, prices of wins, takeovers. */
  readonly commitments: ReadonlyMap<AccountId, number>
  /** Those that need not be counted any more. */
  readonly takeovers?: readonly Takeover[]
}

/** How far Postgres has an auction's ledger, and since when that is known. */
export interface GateBasis {
  /** Of the gate whose log was copied; '' where there was none. */
  readonly generation: string
  /** Last entry in Postgres; 0 before the first start. */
  readonly seq: number
  /** Redis' time before Postgres was read, from readLog. */
  readonly readAtMs: number
}

export interface PreBidToPlace {
  readonly bidId: BidId
  readonly accountId: AccountId
  readonly maximumMinor: number
}

/** What never changes while an auction runs. */
export interface AuctionFacts {
  /** As everybody may see it: without the reserve. */
  readonly auction: Omit<Auction, 'figures' | 'startedAtMs'>
  /** Whose own lot it is. */
  readonly brandId: BrandId
  /** With the reserve. */
  readonly terms: AuctionTerms
  /** ledgerHead() of the contracts. */
  readonly head: string
}

export interface FirstStart {
  readonly how: 'start'
  /** 0: at once. Bids before that are answered not_started. */
  readonly startsInMs: number
  /** In the order of their placing. Those that would be refused now are left out and named in the answer. */
  readonly preBids: readonly PreBidToPlace[]
  /** Closed auctions that leave the show's state. */
  readonly forgetAuctionIds: readonly AuctionId[]
}

/** A running auction whose gate was lost, as it stood after the last entry in Postgres. */
export interface Resumption {
  readonly how: 'resume'
  readonly startedAtMs: number
  /** Announced with the start, before anything moved it. */
  readonly firstEndsAtMs: number
  readonly last: LoggedEntry
  /** The leader's highest bid; null without a leader. */
  readonly leaderMaximumMinor: number | null
  readonly refusedLate: number
  /** Accepted bids, so that they are answered the same when they come again; without the oldest. */
  readonly bids: readonly LoggedEntry[]
  /** Ids of the bids that are left out: such a bid is refused as key_reused, because it must never count twice. */
  readonly olderBidIds: readonly BidId[]
}

export type GateContents = AuctionFacts & { readonly run: FirstStart | Resumption }

/** One entry of the gate's log: the ledger's entry, and what only Postgres may know. */
export interface LoggedEntry extends Omit<LedgerEntry, 'hash'> {
  /** Who bid; null for started, resumed and closed. */
  readonly accountId: AccountId | null
  /** Who leads after it; with the closed entry of a sold or bought lot: who has won. */
  readonly leaderAccountId: AccountId | null
  /** What the bidder was answered; null where nobody bid. */
  readonly answer: 'leading' | 'outbid' | null
  readonly timeLeftMs: number
  /** After it. */
  readonly figures: AuctionFigures
}

export type RefusalCode =
  | 'key_reused'
  | 'not_eligible'
  | 'not_started'
  | 'closed'
  /** A Dutch auction takes no bids. */
  | 'wrong_type'
  | 'no_buy_now'
  | 'own_is_higher'
  /** The caller leads, and raises the own maximum by less than one increment. */
  | 'raise_too_small'
  | 'too_low'
  | 'far_above_price'
  | 'over_limit'

/** What the script decided of one bid or purchase; holds all that a receipt tells. */
export interface Decision {
  readonly code: 'leading' | 'outbid' | RefusalCode
  /** The same bid came before, was accepted, and this is what was answered then. */
  readonly isRepeated: boolean
  /** Only with not_eligible. */
  readonly reason: Reason | null
  /** Null: the bidder has none in this show. */
  readonly paddle: number | null
  /** Of the bid's own entry where it was accepted, else of the last entry then. */
  readonly ledgerSeq: number
  readonly link: string
  readonly decidedAtMs: number
  /** 0 when it was over. */
  readonly timeLeftMs: number
  /**
   * Least amount of the next bid after this decision; of a Dutch auction the price at that moment, of a raise that was
   * too small the least one.
   */
  readonly nextMinimumMinor: number
  /** The caller's highest bid, where the caller leads or this bid was accepted; else null. */
  readonly maximumMinor: number | null
  /** Only with over_limit: what the caller's own limit still allows here. */
  readonly limitLeftMinor: number | null
  /** After the decision. Of a Dutch auction that runs, the price is the start price: it falls by terms and clock. */
  readonly figures: AuctionFigures
  /** Led until this bid and must be told; null on a repetition. */
  readonly outbidAccountId: AccountId | null
}

export type GateClosed = { readonly code: 'gate_closed' }

export interface BidToPlace extends AuctionAddress {
  readonly accountId: AccountId
  readonly bidId: BidId
  readonly amountMinor: number
  readonly kind: 'bid' | 'max'
  readonly isSure: boolean
}

export interface PurchaseToMake extends AuctionAddress {
  readonly accountId: AccountId
  readonly bidId: BidId
  /** Never pays more than this. */
  readonly priceMinor: number
}

export type OpenAnswer =
  /** Another process was faster; nothing was done. */
  | { readonly code: 'stands' }
  /** The show's desk is not open in this run of Redis: open it first. */
  | { readonly code: 'desk_closed' }
  /** The log that is left is not in Postgres whole, or is another one: copy it, read Postgres, try again. */
  | { readonly code: 'not_copied' }
  /** The reading is too old: read Postgres, try again. */
  | { readonly code: 'stale' }
  | {
      readonly code: 'opened'
      readonly nowMs: number
      readonly startedAtMs: number
      readonly link: string
      readonly figures: AuctionFigures
      /** Pre-bids that were not placed, and why. */
      readonly voided: readonly { readonly bidId: BidId; readonly code: RefusalCode }[]
    }

export type TickAnswer =
  | GateClosed
  | {
      readonly code: 'ticked'
      readonly state: 'running' | 'closed'
      /** This very call has closed it. */
      readonly hasClosed: boolean
      readonly seq: number
      readonly nowMs: number
      readonly endsAtMs: number
    }

export interface GateCounters {
  /** Bids that came within ten seconds after the end. */
  readonly refusedLate: number
  readonly extensions: number
}

export type LogAnswer =
  | { readonly gate: 'none'; readonly nowMs: number }
  | {
      /** shut: it was written in another run of Redis, or the show's desk was. */
      readonly gate: 'stands' | 'shut'
      readonly nowMs: number
      readonly generation: string
      /** Last entry that the gate has made. */
      readonly seq: number
      readonly state: 'running' | 'closed'
      readonly counters: GateCounters
      readonly entries: readonly LoggedEntry[]
    }

export interface StandingFigures {
  readonly figures: AuctionFigures
  readonly counters: GateCounters
}

/**
 * The gate of auctions: decides bids by scripts of one step each, by Redis' clock alone. Errors of Redis pass through,
 * and then it is not known whether the step was made: ask again with the same bid id.
 *
 * A gate or desk that was written in another run of the Redis server (restarted, emptied, rolled back) is shut: bids are
 * answered gate_closed until it is written anew. Order of that: readLog of each running auction of the show until it
 * answers no entries, read Postgres, openDesk, open each auction.
 */
export interface AuctionGate {
  /** Redis' time and run, to be taken before Postgres is read for openDesk. */
  readonly deskBasis: (showId: ShowId) => Promise<{
    readonly isOpen: boolean
    readonly nowMs: number
    readonly runId: string
  }>
  /** Writes entrants and commitments of a show, unless they stand in this run of Redis. */
  readonly openDesk: (
    showId: ShowId,
    basis: { readonly nowMs: number; readonly runId: string },
    contents: DeskContents,
  ) => Promise<'opened' | 'stands' | 'stale'>
  /** Takes in an entrant, or what changed of one. gate_closed: open the desk from Postgres, then call again. */
  readonly enter: (showId: ShowId, entrant: Entrant) => Promise<'entered' | 'gate_closed'>
  /** Counts a lot that went on to a runner-up to the own limit. gate_closed as enter. Repeats: counts once. */
  readonly bind: (showId: ShowId, takeover: Takeover) => Promise<'bound' | 'gate_closed'>
  /** Bars an entrant from bidding, or lifts it (null). Its bids that stand go on standing. */
  readonly bar: (
    showId: ShowId,
    accountId: AccountId,
    reason: Reason | null,
  ) => Promise<'barred' | 'not_entered' | 'gate_closed'>

  /**
   * Writes the gate of an auction: of its first start, or again from Postgres. A first start is told to the room; a
   * resumption is an entry of its own and moves the end so that nobody loses time. Never overwrites a gate that stands.
   */
  readonly open: (
    at: AuctionAddress,
    basis: GateBasis,
    contents: GateContents,
    generation: string,
  ) => Promise<OpenAnswer>
  /** Decides one bid. Repeats: the same bid id, account, kind and amount get the answer of the first time. */
  readonly placeBid: (bid: BidToPlace) => Promise<Decision | GateClosed>
  /** Buys at the buy-now price, or at a Dutch auction's price of this moment, and closes the auction. Repeats as placeBid. */
  readonly buy: (purchase: PurchaseToMake) => Promise<Decision | GateClosed>
  /** Closes the auction when its end has come, and mends what the show's state says of it. */
  readonly tick: (at: AuctionAddress) => Promise<TickAnswer>
  /**
   * Entries after `seq`, oldest first, at most logBatchMax; forgets those up to `seq`, which are in Postgres. Call until
   * none come: when a closed auction's log is in Postgres whole, its keys are set to end an hour after its close. With
   * `afterSeq` only entries after that come: for those between that are on their way to Postgres.
   */
  readonly readLog: (at: AuctionAddress, seq: number, afterSeq?: number) => Promise<LogAnswer>
  /** Null while the gate is shut. */
  readonly figures: (at: AuctionAddress) => Promise<StandingFigures | null>
  /** Shuts a gate whose figures are wrong; nobody bids until it is written anew. */
  readonly shut: (at: AuctionAddress) => Promise<void>
  /** As shut, for an auction that runs and has no entry since `sinceMs`. Repeats: one that was written anew stands. */
  readonly shutOld: (at: AuctionAddress, sinceMs: number) => Promise<'shut' | 'stands' | 'none'>
}
