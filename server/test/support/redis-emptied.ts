import { ReceiptPayload } from '@livelot/client/contracts'
import { Redis } from 'ioredis'
import type { AuctionEvidence } from './auction-invariants.ts'
import type { BidRecord } from './auction-night.ts'

/** Empties Redis; answers the moment by its own clock, to the millisecond. */
export async function emptyRedis(url: string): Promise<number> {
  const admin = new Redis(url)
  const answers = await admin.multi().time().flushall().exec()
  admin.disconnect()
  const [seconds, micros] = (answers?.[0]?.[1] ?? []) as string[]
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
}

/** The entry of a ledger that tells of an outage, with the end that was announced before. */
export interface Resumed {
  readonly auctionId: string
  readonly seq: number
  readonly atMs: number
  readonly endsAtMs: number
  readonly endedAtMs: number
}

export const resumptionsOf = (rows: AuctionEvidence['rows'], auctionIds: readonly string[]): Promise<Resumed[]> =>
  rows<Resumed>(
    `SELECT auction_id AS "auctionId", seq, at_ms AS "atMs", ends_at_ms AS "endsAtMs", ended AS "endedAtMs" FROM (
       SELECT *, lag(ends_at_ms) OVER (PARTITION BY auction_id ORDER BY seq) AS ended FROM auction_ledger) l
     WHERE what = 'resumed' AND auction_id = ANY ($1) ORDER BY array_position($1, auction_id), seq`,
    [auctionIds],
  )

const payloadOf = (receipt: string) =>
  ReceiptPayload.parse(JSON.parse(Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString()))

export const decidedAtMs = ({ receipt }: BidRecord): number => (receipt === null ? 0 : payloadOf(receipt).decidedAtMs)

/**
 * Answers that only a Redis could bear out that was emptied since are nobody's knowledge any more: their bidders do not
 * know. All others must stand.
 */
export async function withoutForgotten(
  evidence: AuctionEvidence,
  flushedAtMs: readonly number[],
): Promise<AuctionEvidence> {
  if (flushedAtMs.length === 0) return evidence
  const resumed = await resumptionsOf(evidence.rows, [...new Set(evidence.journal.map((bid) => bid.auctionId))])
  const isForgotten = (bid: BidRecord) => {
    if (bid.receipt === null) return false
    const { ledgerSeq, decidedAtMs: at } = payloadOf(bid.receipt)
    const entries = resumed.filter((one) => one.auctionId === bid.auctionId)
    return flushedAtMs.some((flushed) => {
      const entry = entries.find((one) => one.atMs >= flushed)
      return entry !== undefined && at <= flushed && ledgerSeq >= entry.seq
    })
  }
  const journal = evidence.journal.map((bid) =>
    isForgotten(bid) ? { ...bid, code: 'client.bid_unknown', receipt: null, isAnsweredOtherwise: false } : bid,
  )
  return { ...evidence, journal }
}
