import type { AccountId, AuctionId, CardId, Currency, ShowId, VariantId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import type { WonAuction } from './needs.ts'
import type { Bidder } from './offer.ts'

// Only read here: the record of an auction is append-only, and written by auctions alone.
const selectWon = statement(
  'settlements.select_won',
  `SELECT a.id AS "auctionId", a.show_id AS "showId", a.lot_number AS "lotNumber", a.title,
     a.picture_url AS "pictureUrl", a.variant_id AS "variantId", a.currency,
     r.winner_account_id AS "winnerAccountId", r.price_minor AS "hammerMinor",
     (a.terms ->> 'reserveMinor')::bigint AS "reserveMinor"
   FROM auction_results r JOIN auctions a ON a.id = r.auction_id
   WHERE r.auction_id = $1 AND r.winner_account_id IS NOT NULL`,
)
// An earlier bid of the same height was there first. What a bidder has won, as runner-up too, and leads with elsewhere
// in the show counts towards the own limit.
const selectBidders = statement(
  'settlements.select_bidders',
  `SELECT bid."accountId", bid."amountMinor",
     p.limit_minor - CASE WHEN p.limit_minor IS NOT NULL THEN (
       SELECT coalesce(sum(o.amount_minor), 0) FROM auction_offers o
       WHERE o.account_id = p.account_id AND o.show_id = p.show_id AND o.state NOT IN ('passed_on', 'void')
     ) + (
       SELECT coalesce(sum((SELECT max(own.amount_minor) FROM auction_ledger own
         WHERE own.auction_id = r.id AND own.account_id = p.account_id)), 0)
       FROM auctions r CROSS JOIN LATERAL (
         SELECT l.leader_account_id FROM auction_ledger l WHERE l.auction_id = r.id ORDER BY l.seq DESC LIMIT 1) last
       WHERE r.show_id = p.show_id AND r.closed_at IS NULL AND last.leader_account_id = p.account_id
     ) END AS "limitLeftMinor"
   FROM (
     SELECT account_id AS "accountId", max(amount_minor) AS "amountMinor",
       (array_agg(seq ORDER BY amount_minor DESC, seq))[1] AS seq
     FROM auction_ledger WHERE auction_id = $1 AND account_id IS NOT NULL GROUP BY account_id
   ) bid
   JOIN auctions a ON a.id = $1
   LEFT JOIN show_paddles p ON p.show_id = a.show_id AND p.account_id = bid."accountId"
   ORDER BY bid."amountMinor" DESC, bid.seq`,
)
const selectCard = statement(
  'settlements.select_entry_card',
  'SELECT card_id AS "cardId" FROM show_paddles WHERE show_id = $1 AND account_id = $2',
)
const selectSale = statement(
  'settlements.select_sale',
  'SELECT show_id AS "showId", variant_id AS "variantId", currency FROM auctions WHERE id = $1',
)
const selectUnbegun = statement(
  'settlements.select_unbegun',
  `SELECT r.auction_id AS id FROM auction_results r
   WHERE r.winner_account_id IS NOT NULL AND r.recorded_at < now() - $1::int * interval '1 millisecond'
     AND r.recorded_at > now() - $2::int * interval '1 day'
     AND NOT EXISTS (SELECT FROM auction_offers o WHERE o.auction_id = r.auction_id)
   ORDER BY r.recorded_at LIMIT $3`,
)
const selectCurrency = statement(
  'settlements.select_currency',
  'SELECT currency FROM lots WHERE show_id = $1 AND removed_at IS NULL ORDER BY position LIMIT 1',
)

/** Results and bids of auctions, as settlements need them. */
export function createAuctionRecords(db: Queryable) {
  const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null
  return {
    /** Null where it was not sold, or its result is not recorded. */
    won: (auctionId: AuctionId) => first(db.query<WonAuction>(selectWon, [auctionId])),
    /** Everybody with an accepted bid, the best first. */
    bidders: (auctionId: AuctionId) => db.query<Bidder>(selectBidders, [auctionId]),
    /** The card that wins of the show are charged to. */
    cardOf: async (showId: ShowId, accountId: AccountId): Promise<CardId | null> =>
      (await first(db.query<{ cardId: CardId }>(selectCard, [showId, accountId])))?.cardId ?? null,
    saleOf: (auctionId: AuctionId) =>
      first(db.query<{ showId: ShowId; variantId: VariantId; currency: Currency }>(selectSale, [auctionId])),
    /** Won auctions that nobody was offered in time. */
    listUnbegun: async (of: { afterMs: number; withinDays: number; max: number }): Promise<AuctionId[]> =>
      (await db.query<{ id: AuctionId }>(selectUnbegun, [of.afterMs, of.withinDays, of.max])).map((row) => row.id),
    /** What the lots of a show are sold in. */
    currencyOf: async (showId: ShowId): Promise<Currency> =>
      (await first(db.query<{ currency: Currency }>(selectCurrency, [showId])))?.currency ?? 'USD',
  }
}

export type AuctionRecords = ReturnType<typeof createAuctionRecords>
