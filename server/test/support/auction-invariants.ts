import { setTimeout as delay } from 'node:timers/promises'
import { type Client, receiptAgainstLedger, verifyAuction, verifyReceipt } from '@livelot/client'
import { pino } from 'pino'
import { createRedis, whenReady } from '#infra/redis/client'
import {
  type AnswerLine,
  type ClientJournal,
  type IntentLine,
  type Invariant,
  openProviderJournal,
} from '../../src/invariants/index.ts'
import { type BidRecord, unknownCodes } from './auction-night.ts'
import { brokenSentences } from './invariants.ts'
import { brokenPictures, heardBy, type RoomRecord } from './room-record.ts'

export interface AuctionEvidence {
  rows<Row>(sql: string, values?: unknown[]): Promise<Row[]>
  readonly databaseUrl: string
  readonly redisUrl: string
  /** Whose ledgers and receipts are proved; the other rules are for all that there are. */
  readonly auctionIds: readonly string[]
  /** The payment provider's own journal is read there. */
  readonly provider: { readonly url: string; readonly apiKey: string }
  /** A client that may read what is public. */
  readonly reader: Client
  /** Everything that bidders were answered. */
  readonly journal: readonly BidRecord[]
  /** What clients were told of the room. */
  readonly rooms: readonly RoomRecord[]
  /** What others wrote down, who bought or gave money back meanwhile, and what a test made Redis forget. */
  readonly beside?: ClientJournal
}

const toldMax = 30
/** What comes to rest behind the last answer does so by then: a relay that polls, a gate that is told. */
const restMsMax = 15_000
const restPollMs = 50

/** Secrets are looked for apart, and the shows of these tests are live when they are checked. */
const isOfAuctions = ({ id, reads }: Invariant) => id !== 'I29' && !reads.includes('media') && !reads.includes('apis')

/**
 * Everything that must hold of all auctions once they are over and paid, whatever died meanwhile, as sentences that are
 * broken; empty when all is well.
 */
export async function brokenAuctionRules(evidence: AuctionEvidence): Promise<string[]> {
  const broken = [
    ...(await brokenAtRest(evidence)),
    ...unhonestRefusals(evidence),
    ...(await brokenProofs(evidence)),
    ...(await brokenPicturesAtRest(evidence)),
  ]
  // One fault shows in many places; the first tell enough.
  return broken.length <= toldMax ? broken : [...broken.slice(0, toldMax), `and ${broken.length - toldMax} more`]
}

/** A show goes on, so what one client has just heard another may hear in a moment. */
async function brokenPicturesAtRest({ rooms }: AuctionEvidence): Promise<string[]> {
  const until = performance.now() + restMsMax
  for (;;) {
    const broken = brokenPictures(rooms)
    if (broken.length === 0 || performance.now() > until) return broken
    await delay(restPollMs)
  }
}

async function brokenAtRest(evidence: AuctionEvidence): Promise<string[]> {
  const { databaseUrl, redisUrl, provider } = evidence
  const redis = createRedis(redisUrl, { use: 'hot', name: 'invariants', log: pino({ level: 'silent' }) })
  try {
    await whenReady(redis, restMsMax)
    const until = performance.now() + restMsMax
    for (;;) {
      const sources = { redis, provider: openProviderJournal(provider), journals: journalOf(evidence) }
      const broken = await brokenSentences({ databaseUrl, sources, isQuiet: true, select: isOfAuctions })
      if (broken.length === 0 || performance.now() > until) return broken
    }
  } finally {
    redis.disconnect()
  }
}

/** Bidders' memory in the form of client journals. */
function journalOf({ journal, rooms, beside }: AuctionEvidence): ClientJournal {
  const intents = journal.map((bid): IntentLine => {
    const { bidId: operationId, accountId: actor, kind, askedAtMs: at, auctionId, amountMinor } = bid
    return { at, actor, operationId, kind, intent: { auctionId, amountMinor } }
  })
  const answers = journal.flatMap((bid): AnswerLine[] => {
    const { bidId: operationId, answeredAtMs: at, code, isAnsweredOtherwise } = bid
    const answer = isAccepted(bid) ? 'ok' : unknownCodes.includes(code) ? 'unknown' : 'refused'
    const line: AnswerLine = { at, operationId, answer, result: answer === 'ok' ? { answer: code } : { code } }
    return isAnsweredOtherwise ? [line, { ...line, answer: 'ok', result: { answer: 'something else' } }] : [line]
  })
  return {
    intents: [...intents, ...(beside?.intents ?? [])],
    answers: [...answers, ...(beside?.answers ?? [])],
    heard: [...rooms.flatMap(heardBy), ...(beside?.heard ?? [])],
    lost: beside?.lost ?? [],
  }
}

const isAccepted = ({ code }: BidRecord) => code === 'leading' || code === 'outbid'
const refusals = ['bid.too_low', 'bid.own_is_higher', 'bid.raise_too_small', 'auction.closed']

const unhonestRefusals = ({ journal }: AuctionEvidence): string[] =>
  journal
    .filter((bid) => !isAccepted(bid) && !unknownCodes.includes(bid.code) && !refusals.includes(bid.code))
    .map(({ code }) => `${code} is no answer to an honest bid`)

/** What anybody can check from outside: the ledger by its own proof, and every receipt against it. */
async function brokenProofs({ rows, auctionIds, journal, reader }: AuctionEvidence): Promise<string[]> {
  const broken: string[] = []
  const keys = await reader.bidding.receiptKeys()
  const results = await rows<{ auctionId: string; paddle: number | null; priceMinor: number }>(
    `SELECT auction_id AS "auctionId", paddle, price_minor AS "priceMinor" FROM auction_results
     WHERE auction_id = ANY ($1)`,
    [auctionIds],
  )
  for (const { auctionId, paddle, priceMinor } of results) {
    const ledger = await reader.bidding.ledger({ auctionId })
    const verdict = await verifyAuction(ledger, { keys })
    const problems = verdict.problems.slice(0, 3)
    if (!verdict.ok || !verdict.isSigned) broken.push(`${auctionId} is not proved: ${JSON.stringify(problems)}`)
    if (verdict.winner !== paddle || (paddle !== null && verdict.priceMinor !== priceMinor))
      broken.push(`I18 ${auctionId}: by its ledger ${verdict.winner} has won at ${verdict.priceMinor}`)
    for (const { receipt, code } of journal.filter((bid) => bid.auctionId === auctionId)) {
      if (receipt === null) continue
      const signed = await verifyReceipt(receipt, keys)
      const match = receiptAgainstLedger(receipt, ledger)
      if (!signed.ok || !signed.isSigned) broken.push(`a receipt of ${code} is not signed`)
      if (!match.ok) broken.push(`a receipt of ${code} is not borne out: ${JSON.stringify(match.problems)}`)
    }
  }
  for (const bid of journal)
    if (bid.receipt === null && !unknownCodes.includes(bid.code)) broken.push(`${bid.code} came without a receipt`)
  return broken
}
