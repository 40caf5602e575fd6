import { z } from 'zod'
import { AuctionOutcome } from './auctions.ts'
import { AuctionId, BidId, LotId, ShowId } from './ids.ts'
import { AuctionTerms, IncrementSteps } from './lots.ts'
import { AmountMinor, Currency } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { EpochMs } from './time.ts'

/**
 * One entry of an auction's ledger, numbered from 1 without a gap. The first is `started`, the last `closed`; between
 * them stand all accepted bids in the order in which they were decided. Bidders are paddle numbers.
 */
export const LedgerEntry = z.strictObject({
  seq: z.int().min(1),
  what: z.enum(['started', 'bid', 'max', 'pre-bid', 'buy', 'resumed', 'closed']),
  /** Of Redis, the one clock of all decisions. */
  atMs: EpochMs,
  /** Null for started, resumed, closed. */
  bidId: BidId.nullable(),
  paddle: z.int().min(1).nullable(),
  amountMinor: AmountMinor.nullable(),
  /** As they stood after the entry. */
  priceMinor: AmountMinor,
  leader: z.int().min(1).nullable(),
  endsAtMs: EpochMs,
  /** Only in the last entry. */
  outcome: AuctionOutcome.nullable(),
  /** sha1(link of the entry before + newline + ledgerText of this one); made in the step that decides the bid. */
  link: z.string().regex(/^[0-9a-f]{40}$/),
  /** sha256 over the same, chained in the same way; made when the entry reaches Postgres. The last is the root. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type LedgerEntry = z.infer<typeof LedgerEntry>

/** What the chain is made over. Absent values are empty; `|` stands nowhere in a value. */
export function ledgerText(auctionId: string, entry: Omit<LedgerEntry, 'link' | 'hash'>): string {
  return [
    auctionId,
    entry.seq,
    entry.what,
    entry.atMs,
    entry.bidId ?? '',
    entry.paddle ?? '',
    entry.amountMinor ?? '',
    entry.priceMinor,
    entry.leader ?? '',
    entry.endsAtMs,
    entry.outcome ?? '',
  ].join('|')
}

/** Stands before the first entry in both chains: what the auction was run on. Keys in this order, no spaces. */
export function ledgerHead(head: Omit<LedgerHead, 'root' | 'rootSignature'>): string {
  const { version, auctionId, showId, lotId, lotNumber, currency, startPriceMinor, terms, increments } = head
  return JSON.stringify([version, auctionId, showId, lotId, lotNumber, currency, startPriceMinor, terms, increments])
}

export const LedgerHead = z.strictObject({
  version: z.literal(1),
  auctionId: AuctionId,
  showId: ShowId,
  lotId: LotId,
  lotNumber: z.int().min(1),
  currency: Currency,
  startPriceMinor: AmountMinor,
  /** With the reserve. */
  terms: AuctionTerms,
  increments: IncrementSteps,
  /** hash of the last entry. */
  root: z.string().regex(/^[0-9a-f]{64}$/),
  /**
   * Compact JWS over {auctionId, root, entries, outcome, paddle, priceMinor, closedAtMs}: `entries` is how many there are,
   * `paddle` the winner's, null where the lot is unsold.
   */
  rootSignature: z.string(),
})
export type LedgerHead = z.infer<typeof LedgerHead>

export const AuctionLedger = z.strictObject({ head: LedgerHead, entries: z.array(LedgerEntry) })
export type AuctionLedger = z.infer<typeof AuctionLedger>

export const getLedger = operation({
  name: 'auction:get-ledger',
  summary:
    'The whole ledger of a closed auction. verifyAuction() of the SDK and `livelot verify-auction` check it offline.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/auctions/{auctionId}/ledger' },
  request: z.strictObject({ auctionId: AuctionId }),
  response: AuctionLedger,
  errors: ['auction.not_found', 'auction.still_running'],
})

export const getReceiptKeys = operation({
  name: 'auction:get-receipt-keys',
  summary: 'Public keys of receipts and roots, as a JWK set (RFC 7517).',
  access: 'anyone',
  http: { method: 'get', path: '/v1/receipt-keys' },
  request: z.strictObject({}),
  response: z.strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  }),
  errors: [],
})

/** What a receipt says. `code` is the refusal, or leading / outbid. */
export const ReceiptPayload = z.strictObject({
  iss: z.literal('livelot'),
  auctionId: AuctionId,
  bidId: BidId,
  paddle: z.int().nullable(),
  amountMinor: AmountMinor,
  kind: z.enum(['bid', 'max', 'buy']),
  code: z.string(),
  reason: z.string().nullable(),
  /** Of the bid's own entry where it was accepted, else of the last entry then. */
  ledgerSeq: z.int().min(0),
  link: z.string(),
  /** Server time of the decision, and what was left of the auction then (0 when it was over). */
  decidedAtMs: EpochMs,
  timeLeftMs: z.int().min(0),
  nextMinimumMinor: AmountMinor.nullable(),
})
export type ReceiptPayload = z.infer<typeof ReceiptPayload>

/** Of the show's ordered log: everything is in Postgres and the root is published. */
export const resultProved = toldEvent({
  name: 'auction:result-proved',
  version: 1,
  summary: 'The root of a closed auction’s ledger.',
  data: z.strictObject({ auctionId: AuctionId, root: z.string() }),
})
