import { type Client, receiptAgainstLedger, verifyAuction, verifyReceipt } from '@livelot/client'
import { type BidRecord, unknownCodes } from './auction-night.ts'
import { brokenRules } from './money.ts'
import { brokenLogs, type RoomRecord } from './room-record.ts'

export interface AuctionEvidence {
  rows<Row>(sql: string, values?: unknown[]): Promise<Row[]>
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
}

/** An auction closes at most so much later than its end, whatever dies. */
const lateMsMax = 1_000
const toldMax = 30

const rules: Readonly<Record<string, string>> = {
  'I11 no auction is left open': 'SELECT id FROM auctions WHERE closed_at IS NULL',
  'I11 no offer is left open': 'SELECT id FROM auction_offers WHERE is_open',
  'I17 closed auctions have one result, open ones none': `
    SELECT a.id FROM auctions a LEFT JOIN auction_results r ON r.auction_id = a.id
    WHERE (a.closed_at IS NULL) <> (r.auction_id IS NULL)`,
  'I17 the result is what the one last entry says': `
    SELECT r.auction_id FROM auction_results r WHERE NOT EXISTS (
      SELECT FROM auction_ledger l WHERE l.auction_id = r.auction_id GROUP BY l.auction_id
      HAVING count(*) FILTER (WHERE l.what = 'closed') = 1 AND max(l.seq) = r.close_seq
        AND max(l.seq) FILTER (WHERE l.what = 'closed') = r.close_seq AND max(l.outcome) = r.outcome
        AND (array_agg(l.price_minor ORDER BY l.seq DESC))[1] = r.price_minor)`,
  'I17 the lot knows its last run': `
    SELECT l.id FROM lots l JOIN auction_results r ON r.auction_id = l.auction_id
    WHERE (l.state = 'sold') <> (r.outcome <> 'unsold')`,
  'I18 the first highest bid has won': `
    SELECT r.auction_id FROM auction_results r LEFT JOIN LATERAL (
      SELECT account_id, paddle FROM auction_ledger l WHERE l.auction_id = r.auction_id AND l.bid_id IS NOT NULL
      ORDER BY l.what = 'buy' DESC, l.amount_minor DESC, l.seq LIMIT 1) best ON true
    WHERE r.outcome <> 'unsold'
      AND (best.account_id, best.paddle) IS DISTINCT FROM (r.winner_account_id, r.paddle)`,
  'I18 only what nobody bid enough for is unsold': `
    SELECT r.auction_id FROM auction_results r JOIN auctions a ON a.id = r.auction_id CROSS JOIN LATERAL (
      SELECT max(amount_minor) AS most FROM auction_ledger l WHERE l.auction_id = a.id) bids
    WHERE (r.outcome = 'unsold')
      <> (bids.most IS NULL OR bids.most < coalesce((a.terms ->> 'reserveMinor')::bigint, 0))`,
  'I18 no bid was taken after the end, and none after the close': `
    SELECT auction_id FROM (
      SELECT auction_id, what, at_ms, lag(ends_at_ms) OVER w AS ended, lag(what) OVER w AS before FROM auction_ledger
      WINDOW w AS (PARTITION BY auction_id ORDER BY seq)) l
    WHERE (what IN ('bid', 'max', 'buy') AND at_ms >= ended) OR before = 'closed'`,
  'I18 the close came at the end': `
    SELECT auction_id FROM auction_ledger
    WHERE what = 'closed' AND outcome <> 'bought' AND NOT at_ms BETWEEN ends_at_ms AND ends_at_ms + ${lateMsMax}`,
  'I19 the ledger has no gap': `
    SELECT auction_id FROM auction_ledger GROUP BY auction_id HAVING count(*) <> max(seq) OR min(seq) <> 1`,
  'I19 prices rise, by the increment at least': `
    SELECT auction_id FROM (
      SELECT auction_id, what, amount_minor, price_minor, lag(price_minor) OVER w AS price,
        lag((figures ->> 'nextMinimumMinor')::bigint) OVER w AS least FROM auction_ledger
      WINDOW w AS (PARTITION BY auction_id ORDER BY seq)) l
    WHERE price_minor < price OR (what IN ('bid', 'max') AND amount_minor < least)`,
  'I19 an end is never moved to an earlier moment': `
    SELECT auction_id FROM (
      SELECT auction_id, ends_at_ms, lag(ends_at_ms) OVER (PARTITION BY auction_id ORDER BY seq) AS ended
      FROM auction_ledger) l
    WHERE ends_at_ms < ended`,
  'I20 one paid order for a won lot, none for another': `
    SELECT r.auction_id FROM auction_results r LEFT JOIN orders o ON o.auction_id = r.auction_id AND o.state = 'paid'
    GROUP BY r.auction_id, r.outcome HAVING count(o.id) <> (r.outcome <> 'unsold')::int`,
  'I20 nobody but the winner is asked to pay, and exactly the price': `
    SELECT r.auction_id FROM auction_results r JOIN orders o ON o.auction_id = r.auction_id
    WHERE o.account_id <> r.winner_account_id OR o.items_minor <> r.price_minor`,
  'I21 no bid of the seller or of the team': `
    SELECT l.auction_id FROM auction_ledger l JOIN auctions a ON a.id = l.auction_id
    WHERE EXISTS (SELECT FROM creators c WHERE c.id = a.creator_id AND c.account_id = l.account_id)
      OR EXISTS (SELECT FROM brand_members m WHERE m.brand_id = a.brand_id AND m.account_id = l.account_id)
      OR EXISTS (SELECT FROM show_moderators m WHERE m.show_id = a.show_id AND m.account_id = l.account_id)`,
}

/**
 * Everything that must hold of all auctions once they are over and paid, whatever died meanwhile, as sentences that are
 * broken; empty when all is well. Winners are expected to have paid with their first card.
 */
export async function brokenAuctionRules(evidence: AuctionEvidence): Promise<string[]> {
  const { rows, rooms } = evidence
  const broken: string[] = []
  for (const [rule, sql] of Object.entries(rules)) {
    const found = await rows(sql)
    if (found.length > 0) broken.push(`${rule}: ${JSON.stringify(found.slice(0, 3))}`)
  }
  broken.push(...(await brokenRules({ rows, sandbox: providerOf(evidence) })))
  broken.push(...(await brokenPromises(evidence)))
  broken.push(...(await brokenProofs(evidence)))
  broken.push(...brokenLogs(rooms))
  // One fault shows in many places; the first tell enough.
  return broken.length <= toldMax ? broken : [...broken.slice(0, toldMax), `and ${broken.length - toldMax} more`]
}

function providerOf({ provider: { url, apiKey } }: AuctionEvidence) {
  return {
    get: async (path: string) => {
      const answer = await fetch(url + path, { headers: { authorization: `Bearer ${apiKey}` } })
      return { status: answer.status, headers: answer.headers, body: await answer.json() }
    },
  }
}

const isAccepted = ({ code }: BidRecord) => code === 'leading' || code === 'outbid'
const refusals = ['bid.too_low', 'bid.own_is_higher', 'bid.raise_too_small', 'auction.closed']

/** I19 from the bidders' side: what they were told is what is written, and nothing is written that they did not ask. */
async function brokenPromises({ rows, journal }: AuctionEvidence): Promise<string[]> {
  const broken: string[] = []
  const written = new Map(
    (
      await rows<{ bidId: string; auctionId: string; text: string }>(
        `SELECT bid_id AS "bidId", auction_id AS "auctionId", concat_ws(' ', account_id, what, amount_minor, answer) AS text
         FROM auction_ledger WHERE what IN ('bid', 'max')`,
      )
    ).map((row) => [row.bidId, row]),
  )
  for (const bid of journal) {
    const { bidId, auctionId, accountId, kind, amountMinor, code } = bid
    const entry = written.get(bidId)
    written.delete(bidId)
    if (bid.isAnsweredOtherwise) broken.push(`I10 bid ${bidId} was answered otherwise when it came again`)
    if (isAccepted(bid)) {
      const promised = [accountId, kind, amountMinor, code].join(' ')
      if (entry?.text !== promised || entry.auctionId !== auctionId)
        broken.push(`I19 ${promised} was acknowledged, written is ${entry?.text ?? 'nothing'}`)
    } else if (!unknownCodes.includes(code)) {
      if (!refusals.includes(code)) broken.push(`${code} is no answer to an honest bid`)
      if (entry) broken.push(`I19 bid ${bidId} was refused (${code}), and is written`)
    }
  }
  for (const { bidId } of written.values()) broken.push(`I19 nobody has asked for bid ${bidId}`)
  return broken
}

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
