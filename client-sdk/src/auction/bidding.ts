import {
  type BidAnswer,
  buyNow,
  placeBid,
  type ReceiptPayload,
  ReceiptPayload as ReceiptPayloadSchema,
} from '../../contracts/index.ts'
import { LivelotError } from '../errors.ts'
import type { Caller } from '../wire/caller.ts'
import { newOperationId } from '../wire/operations.ts'
import type { PlacedBid } from './handle.ts'
import type { ReceiptRecord } from './view.ts'

/** A bid is asked for again until its answer is known, at most so long. Guess: longer, and the lot is another. */
const BID_TIMEOUT_MS = 15_000
/** One try. Measured answers take a few milliseconds; what is silent for so long was lost. */
const TRY_TIMEOUT_MS = 2_500
const TRIES_MAX = 30

/** How a bid ended, with the receipt of either answer. */
export interface BidEnd {
  answer: BidAnswer | null
  error: unknown
  /** The caller's own highest bid, as the answer tells it. */
  maximumMinor: number | null
  receipt: ReceiptRecord | null
}

/** Places one bid, over the open socket where there is one. Atomic on the server: its id decides whether it is new. */
export async function settleBid(caller: Caller, auctionId: string, bid: PlacedBid): Promise<BidEnd> {
  const { operationId = newOperationId(), isSure = false, signal, timeoutMs = BID_TIMEOUT_MS } = bid.options
  const options = { signal, timeoutMs, attemptTimeoutMs: TRY_TIMEOUT_MS, attemptsMax: TRIES_MAX }
  const route = { prefer: 'socket-if-online' } as const
  const { kind, amountMinor } = bid
  const recordOf = (receipt: string | undefined, code: string): ReceiptRecord | null =>
    receipt === undefined
      ? null
      : { bidId: operationId, auctionId, kind, amountMinor, code, receipt, payload: payloadOf(receipt) }
  try {
    const answer =
      kind === 'buy'
        ? await caller.call(buyNow, { auctionId, priceMinor: amountMinor, operationId }, options, route)
        : await caller.call(placeBid, { auctionId, amountMinor, kind, isSure, operationId }, options, route)
    const receipt = recordOf(answer.receipt, answer.answer)
    return { answer, error: null, maximumMinor: answer.maximumMinor, receipt }
  } catch (error) {
    if (!(error instanceof LivelotError)) return { answer: null, error, maximumMinor: null, receipt: null }
    if (error.retry === 'same') {
      const details = { auctionId, bidId: operationId, amountMinor, kind }
      const unknown = new LivelotError({ code: 'client.bid_unknown', details, cause: error })
      return { answer: null, error: unknown, maximumMinor: null, receipt: null }
    }
    const { receipt, maximumMinor } = error.details
    return {
      answer: null,
      error,
      maximumMinor: typeof maximumMinor === 'number' ? maximumMinor : null,
      receipt: recordOf(typeof receipt === 'string' ? receipt : undefined, error.code),
    }
  }
}

/** What a receipt says, without judging its signature; null where it is none. */
export function payloadOf(receipt: string): ReceiptPayload | null {
  try {
    const text = (receipt.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    return ReceiptPayloadSchema.parse(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return null
  }
}
