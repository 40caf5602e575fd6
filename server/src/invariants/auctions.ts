import { headOf } from '../modules/auctions/auction.ts'
import { auctionStore } from '../modules/auctions/auction-store.pg.ts'
import { chainOf, firstHash } from '../modules/auctions/chain.ts'
import { ledgerStore } from '../modules/auctions/ledger-store.pg.ts'
import {
  ago,
  type Evidence,
  type Found,
  found,
  type Invariant,
  type SqlRule,
  sqlInvariants,
  standing,
} from './invariant.ts'

/** An auction closes at most so much later than its end, whatever dies. */
const lateMsMax = 1_000

const bids = `('bid', 'max', 'pre-bid', 'buy')`

const results: readonly SqlRule[] = [
  [
    'I17',
    'a closed auction has one result, an open one none',
    `SELECT a.id AS "auctionId", a.closed_at AS "closedAt" FROM auctions a LEFT JOIN auction_results r ON r.auction_id = a.id
     WHERE (a.closed_at IS NULL) <> (r.auction_id IS NULL)`,
  ],
  [
    'I17',
    'the result is what the one last entry says',
    `SELECT r.auction_id AS "auctionId" FROM auction_results r WHERE NOT EXISTS (
       SELECT FROM auction_ledger l WHERE l.auction_id = r.auction_id GROUP BY l.auction_id
       HAVING count(*) FILTER (WHERE l.what = 'closed') = 1 AND max(l.seq) = r.close_seq
         AND max(l.seq) FILTER (WHERE l.what = 'closed') = r.close_seq AND max(l.outcome) = r.outcome
         AND (array_agg(l.price_minor ORDER BY l.seq DESC))[1] = r.price_minor
         AND (array_agg(l.hash ORDER BY l.seq DESC))[1] = r.root)`,
  ],
  [
    'I17',
    'a running lot has an open auction, another one none',
    `SELECT l.id AS "lotId", l.state, a.id AS "auctionId" FROM lots l LEFT JOIN auctions a ON a.lot_id = l.id AND a.closed_at IS NULL
     WHERE (l.state = 'running') <> (a.id IS NOT NULL) OR (a.id IS NOT NULL AND a.id <> l.auction_id)`,
  ],
  [
    'I17',
    'a lot is sold when its last auction is, unless nobody has paid',
    `SELECT l.id AS "lotId", l.state, r.outcome FROM lots l JOIN auction_results r ON r.auction_id = l.auction_id
     WHERE (l.state = 'sold') <> (r.outcome <> 'unsold') AND NOT (l.state = 'unsold' AND EXISTS (
       SELECT FROM auction_offers o WHERE o.auction_id = r.auction_id GROUP BY o.auction_id
       HAVING bool_and(o.state IN ('passed_on', 'void'))))`,
  ],
  [
    'I18',
    'the first highest bid has won',
    `SELECT r.auction_id AS "auctionId", r.paddle AS "won", best.paddle AS "first" FROM auction_results r LEFT JOIN LATERAL (
       SELECT account_id, paddle FROM auction_ledger l WHERE l.auction_id = r.auction_id AND l.bid_id IS NOT NULL
       ORDER BY l.what = 'buy' DESC, l.amount_minor DESC, l.seq LIMIT 1) best ON true
     WHERE r.outcome <> 'unsold' AND (best.account_id, best.paddle) IS DISTINCT FROM (r.winner_account_id, r.paddle)`,
  ],
  [
    'I18',
    'unsold is only what nobody bid enough for',
    `SELECT r.auction_id AS "auctionId", r.outcome FROM auction_results r JOIN auctions a ON a.id = r.auction_id CROSS JOIN LATERAL (
       SELECT max(amount_minor) AS most FROM auction_ledger l WHERE l.auction_id = a.id) bids
     WHERE (r.outcome = 'unsold') <> (bids.most IS NULL OR bids.most < coalesce((a.terms ->> 'reserveMinor')::bigint, 0))`,
  ],
  [
    'I18',
    'no bid was taken after the end, and nothing after the close',
    `SELECT auction_id AS "auctionId", seq, what FROM (
       SELECT auction_id, seq, what, at_ms, lag(ends_at_ms) OVER w AS ended, lag(what) OVER w AS before FROM auction_ledger
       WINDOW w AS (PARTITION BY auction_id ORDER BY seq)) l
     WHERE (what IN ${bids} AND at_ms >= ended) OR before = 'closed'`,
  ],
  [
    'I18',
    `the hammer falls at the end, ${lateMsMax} ms later at most`,
    `SELECT auction_id AS "auctionId", ends_at_ms AS "endsAtMs", at_ms AS "closedAtMs" FROM auction_ledger
     WHERE what = 'closed' AND outcome <> 'bought' AND NOT at_ms BETWEEN ends_at_ms AND ends_at_ms + ${lateMsMax}`,
  ],
]

const ledgers: readonly SqlRule[] = [
  [
    'I19',
    'ledgers have no gap',
    `SELECT auction_id AS "auctionId", count(*) AS "entries", max(seq) AS "last" FROM auction_ledger GROUP BY auction_id
     HAVING count(*) <> max(seq) OR min(seq) <> 1`,
  ],
  [
    'I19',
    'prices rise, by the increment at least, and never fall',
    `SELECT auction_id AS "auctionId", seq, price_minor AS "price", amount_minor AS "amount" FROM (
       SELECT l.*, lag(price_minor) OVER w AS price, lag((figures ->> 'nextMinimumMinor')::bigint) OVER w AS least
       FROM auction_ledger l WINDOW w AS (PARTITION BY auction_id ORDER BY seq)) l
     JOIN auctions a ON a.id = l.auction_id AND a.terms ->> 'type' = 'english'
     WHERE price_minor < price OR (what IN ('bid', 'max') AND amount_minor < least)`,
  ],
  [
    'I19',
    'an end is never moved to an earlier moment, and time does not go back',
    `SELECT auction_id AS "auctionId", seq, ends_at_ms AS "endsAtMs" FROM (
       SELECT auction_id, seq, ends_at_ms, at_ms, lag(ends_at_ms) OVER w AS ended, lag(at_ms) OVER w AS before
       FROM auction_ledger WINDOW w AS (PARTITION BY auction_id ORDER BY seq)) l
     WHERE ends_at_ms < ended OR at_ms < before`,
  ],
  [
    'I19',
    'the schema refuses to change a ledger, to leave a gap and to take a bid twice',
    `${standing('trigger', [
      ['auction_ledger', 'auction_ledger_append_only'],
      ['auction_ledger', 'auction_ledger_without_gap'],
      ['auction_results', 'auction_results_append_only'],
      ['auctions', 'auctions_frozen'],
    ])} UNION ALL ${standing('index', [['auction_ledger', 'auction_ledger_bid_once']])}`,
    'cheap',
  ],
]

const settlements: readonly SqlRule[] = [
  [
    'I20',
    'a won lot is offered to its winner at the hammer, then to others at their own bid',
    ({ graceMs }) => `SELECT r.auction_id AS "auctionId", o.id AS "offerId", o.depth FROM auction_results r
     LEFT JOIN auction_offers o ON o.auction_id = r.auction_id
     LEFT JOIN LATERAL (SELECT max(amount_minor) AS most FROM auction_ledger l
       WHERE l.auction_id = r.auction_id AND l.account_id = o.account_id) own ON true
     WHERE (r.outcome = 'unsold' AND o.id IS NOT NULL)
       OR (r.outcome <> 'unsold' AND o.id IS NULL AND r.recorded_at < ${ago(Math.max(graceMs, 10_000))})
       OR (o.depth = 0 AND (o.account_id, o.amount_minor) <> (r.winner_account_id, r.price_minor))
       OR (o.depth > 0 AND (own.most IS NULL OR o.amount_minor > own.most OR o.account_id = r.winner_account_id))`,
  ],
  [
    'I20',
    'one order at most is paid or may yet be paid for a won lot, none for another',
    `SELECT o.auction_id AS "auctionId", array_agg(o.id) AS "orderIds" FROM orders o
     LEFT JOIN auction_results r ON r.auction_id = o.auction_id AND r.outcome <> 'unsold'
     WHERE o.auction_id IS NOT NULL AND (o.state <> 'payment_failed' OR r.auction_id IS NULL)
     GROUP BY o.auction_id, r.auction_id HAVING count(*) > 1 OR r.auction_id IS NULL`,
  ],
  [
    'I20',
    'an auction is charged to whom it was offered, at exactly that price, and a paid offer is a paid order',
    ({
      graceMs,
    }) => `SELECT o.auction_id AS "auctionId", o.id AS "orderId", o.account_id AS "accountId", o.items_minor AS "items"
     FROM orders o LEFT JOIN auction_offers f ON f.auction_id = o.auction_id AND f.account_id = o.account_id
     WHERE o.auction_id IS NOT NULL AND (f.id IS NULL OR f.amount_minor <> o.items_minor OR f.currency <> o.currency
       OR (o.state IN ('paid', 'refunded') AND f.state <> 'paid' AND o.paid_at < ${ago(graceMs)}))
     UNION ALL
     SELECT f.auction_id, o.id, f.account_id, o.items_minor FROM auction_offers f
     LEFT JOIN orders o ON o.checkout_id = f.checkout_id AND o.auction_id = f.auction_id AND o.account_id = f.account_id
     WHERE f.state = 'paid' AND (o.state IS NULL OR o.state NOT IN ('paid', 'refunded'))`,
  ],
  [
    'I21',
    'neither the seller nor the team of the show nor who shares a card with the host has bid',
    `SELECT l.auction_id AS "auctionId", l.seq, l.account_id AS "accountId" FROM auction_ledger l
     JOIN auctions a ON a.id = l.auction_id
     JOIN creators host ON host.id = a.creator_id
     LEFT JOIN show_paddles p ON p.show_id = a.show_id AND p.account_id = l.account_id
     WHERE l.account_id IS NOT NULL AND (
       l.account_id = host.account_id
       OR EXISTS (SELECT FROM brand_members m WHERE m.brand_id = a.brand_id AND m.account_id = l.account_id
         AND m.since < to_timestamp(l.at_ms / 1000.0))
       OR EXISTS (SELECT FROM show_moderators m WHERE m.show_id = a.show_id AND m.account_id = l.account_id
         AND m.since < to_timestamp(l.at_ms / 1000.0) - interval '5 seconds')
       OR EXISTS (SELECT FROM payment_cards own JOIN payment_cards other USING (fingerprint)
         WHERE own.account_id = l.account_id AND other.account_id = host.account_id
           AND greatest(own.saved_at, other.saved_at) < p.entered_at))`,
  ],
]

/** The chain of every recorded auction made again from its entries; what anybody can do with the public ledger. */
const chained: Invariant = {
  id: 'I19',
  group: 'auctions',
  rule: 'the hash of every entry is that of the chain from the frozen terms on',
  reads: ['postgres'],
  isCheap: false,
  find: async ({ snapshot }: Evidence): Promise<Found> => {
    const broken: unknown[] = []
    const closed = await snapshot.query<{ id: string }>({
      name: '',
      text: 'SELECT auction_id AS id FROM auction_results',
    })
    for (const { id } of closed) {
      const auctionId = id as Parameters<typeof auctionStore.byId>[1]
      const record = await auctionStore.byId(snapshot, auctionId)
      const entries = (await ledgerStore.entries(snapshot, auctionId)) as unknown as Parameters<typeof chainOf>[2]
      const hashes = record ? chainOf(firstHash(headOf(record)), auctionId, entries) : []
      const written = entries as unknown as readonly { readonly hash: string }[]
      const at = written.findIndex((entry, place) => entry.hash !== hashes[place]?.toString('hex'))
      if (at >= 0 || !record) broken.push({ auctionId, seq: at + 1 })
    }
    return found(broken)
  },
}

export const auctionInvariants: readonly Invariant[] = [
  ...sqlInvariants('auctions', [...results, ...ledgers, ...settlements]),
  chained,
]
