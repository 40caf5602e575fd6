import { type AccountId, AuctionFigures, type AuctionId, type MyBid, type ShowId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import { toAuction } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { myBidsMax } from './record-limits.ts'

// Ids of auctions are in the order of their starts.
const mine = statement(
  'auctions.my_bids',
  `WITH own AS (
     SELECT DISTINCT l.auction_id FROM auction_ledger l JOIN auctions a ON a.id = l.auction_id
     WHERE l.account_id = $1 AND ($2::uuid IS NULL OR a.show_id = $2) ORDER BY l.auction_id DESC LIMIT ${myBidsMax}
   )
   SELECT own.auction_id AS "auctionId", last.figures, last.leader_account_id AS "leaderAccountId",
     (SELECT at_ms FROM auction_ledger f WHERE f.auction_id = own.auction_id AND f.seq = 1) AS "startedAtMs",
     (SELECT winner_account_id FROM auction_results r WHERE r.auction_id = own.auction_id) AS "winnerAccountId",
     (SELECT json_agg(json_build_object('ledgerSeq', b.seq, 'bidId', b.bid_id, 'amountMinor', b.amount_minor,
        'kind', b.what, 'atMs', b.at_ms) ORDER BY b.seq)
      FROM auction_ledger b WHERE b.account_id = $1 AND b.auction_id = own.auction_id) AS bids
   FROM own CROSS JOIN LATERAL (
     SELECT figures, leader_account_id FROM auction_ledger l WHERE l.auction_id = own.auction_id ORDER BY seq DESC LIMIT 1
   ) last
   ORDER BY own.auction_id DESC`,
)

interface Row {
  readonly auctionId: AuctionId
  readonly figures: unknown
  readonly leaderAccountId: AccountId | null
  readonly winnerAccountId: AccountId | null
  readonly startedAtMs: number
  readonly bids: MyBid['bids']
}

function standingOf(row: Row, accountId: AccountId, isClosed: boolean): MyBid['standing'] {
  if (isClosed) return row.winnerAccountId === accountId ? 'won' : 'lost'
  return row.leaderAccountId === accountId ? 'leading' : 'outbid'
}

export const myBidStore = {
  list: async (on: Queryable, accountId: AccountId, showId: ShowId | null): Promise<MyBid[]> => {
    const rows = await on.query<Row>(mine, [accountId, showId])
    const auctions = await auctionStore.byIds(
      on,
      rows.map((row) => row.auctionId),
    )
    return rows.flatMap((row) => {
      const auction = auctions.get(row.auctionId)
      if (!auction) return []
      const figures = AuctionFigures.parse(row.figures)
      const isClosed = figures.state === 'closed'
      return [
        {
          auction: toAuction(auction, row.startedAtMs, figures, isClosed),
          maximumMinor: Math.max(...row.bids.map((bid) => bid.amountMinor)),
          standing: standingOf(row, accountId, isClosed),
          bids: row.bids,
        },
      ]
    })
  },
}
