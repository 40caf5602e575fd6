import type { Auction, Fairness, Lot, PaddleHolder, ShowState } from '@livelot/client/contracts'
import type { Loadable } from '../../../parts/loadable.ts'
import type { Payment } from './block-state.ts'
import type { LotDraft, LotPrice, LotProblems } from './lot-form.ts'

/** Why a lot was not taken: in a sentence, and at the boxes that are wrong. */
export type LotRefusal = { sentence: string; problems: LotProblems }

/** A lot that ran, with its last run; null while that is being asked for. */
export type LotResult = { lot: Lot; auction: Auction | null; payment: Payment | undefined }

/** Everything that the host sees and does about lots, of the show or of a rehearsal. */
export type AuctionDesk = {
  isRehearsal: boolean
  showState: ShowState
  lots: Loadable<readonly Lot[]>
  auctions: readonly Auction[]
  payments: Readonly<Record<string, Payment>>
  results: readonly LotResult[]
  /** Asked for once the first lot has run. */
  fairness: Fairness | null
  paddles: Loadable<readonly PaddleHolder[]>
  actions: {
    /** Each answers with the problem, or null when it is done. */
    start: (lot: Lot) => Promise<string | null>
    add: (draft: LotDraft) => Promise<LotRefusal | null>
    change: (lot: Lot, price: LotPrice) => Promise<LotRefusal | null>
    move: (lot: Lot, beforeLotId: string | null) => Promise<string | null>
    remove: (lot: Lot) => Promise<string | null>
    bar: (paddle: number, isBarred: boolean) => Promise<string | null>
  }
  /** Null where a rehearsal is not possible: the show is live or over. */
  rehearse: (() => void) | null
  stopRehearsal: () => void
}
