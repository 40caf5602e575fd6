import type { Auction, AuctionFigures, ReceiptPayload } from '../../contracts/index.ts'

/** `lost` also when the lot was not sold. */
export type OwnStanding = 'none' | 'leading' | 'outbid' | 'won' | 'lost'

/** Where the caller stands in an auction, on whatever device the bids were placed. */
export interface OwnBid {
  /** The highest that the caller has bid; null before the first bid, and for a moment after a reload. */
  readonly maximumMinor: number | null
  readonly standing: OwnStanding
}

/** One auction as a page shows it. Never changed in place: the same object until something changes. */
export interface AuctionView extends Auction {
  readonly own: OwnBid
  /** Least amount of the next bid. */
  readonly nextMinimumMinor: number
  /** Whether a late bid has moved the end. */
  readonly isInOvertime: boolean
  /** Of the proved ledger; null until it is told. */
  readonly root: string | null
}

/** The platform's signed answer to one bid of this client, refusals too. Newest last. */
export interface ReceiptRecord {
  readonly bidId: string
  readonly auctionId: string
  readonly kind: 'bid' | 'max' | 'buy'
  readonly amountMinor: number
  /** `leading`, `outbid`, or the code of the refusal. */
  readonly code: string
  /** Compact JWS; `verifyReceipt` checks it. */
  readonly receipt: string
  /** What the receipt says, not checked; null where it cannot be read. */
  readonly payload: ReceiptPayload | null
}

export function viewOf(
  auction: Auction,
  paddle: number | null,
  maximumMinor: number | null,
  root: string | null,
): AuctionView {
  const { figures } = auction
  return {
    ...auction,
    own: { maximumMinor, standing: standingOf(figures, paddle, maximumMinor) },
    nextMinimumMinor: figures.nextMinimumMinor,
    isInOvertime: figures.extensions > 0,
    root,
  }
}

export function standingOf(figures: AuctionFigures, paddle: number | null, maximumMinor: number | null): OwnStanding {
  const leads = paddle !== null && figures.leader?.number === paddle
  if (!leads && maximumMinor === null) return 'none'
  if (figures.state === 'running') return leads ? 'leading' : 'outbid'
  return leads && figures.outcome !== 'unsold' ? 'won' : 'lost'
}
