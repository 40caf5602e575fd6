import type { AccountId, AuctionId, BrandId, CardId, Money, ShowId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction, violates } from '#infra/postgres/pool'
import { type PaddleRecord, toEntrant } from './entry.ts'
import type { DeskContents, Takeover } from './gate.ts'
import { nonPaymentDays } from './record-limits.ts'

const countNonPayments = `count(*)::int FROM auction_non_payments n
  WHERE n.account_id = p.account_id AND n.at > now() - interval '${nonPaymentDays} days'`
const columns = `p.show_id AS "showId", p.account_id AS "accountId", p.paddle, p.name, p.card_id AS "cardId",
  p.limit_minor AS "limitMinor", p.terms_version AS "termsVersion", p.brand_ids AS "brandIds",
  p.is_barred AS "isBarred", p.is_team AS "isTeam", p.is_banned AS "isBanned", p.deposit_minor AS "depositMinor",
  p.deposit_currency AS "depositCurrency", (SELECT ${countNonPayments}) AS "nonPayments"`

const byAccount = statement(
  'auctions.paddle_of_account',
  `SELECT ${columns} FROM show_paddles p WHERE p.show_id = $1 AND p.account_id = $2`,
)
const ofShow = statement(
  'auctions.paddles_of_show',
  `SELECT ${columns} FROM show_paddles p WHERE p.show_id = $1 ORDER BY p.paddle`,
)
const ofAccount = statement(
  'auctions.paddles_of_account',
  `SELECT ${columns} FROM show_paddles p JOIN shows s ON s.id = p.show_id WHERE p.account_id = $1 AND s.state <> 'ended'`,
)
// The counter's row puts new bidders of a show in line; who has a paddle keeps it, and no number is left out.
const enter = statement(
  'auctions.enter',
  `WITH known AS (
     UPDATE show_paddles SET name = $3, card_id = $4, limit_minor = $5, terms_version = $6, brand_ids = $7,
       is_team = $8, is_banned = $9, deposit_minor = coalesce($10, deposit_minor),
       deposit_currency = coalesce($11, deposit_currency)
     WHERE show_id = $1 AND account_id = $2 RETURNING paddle
   ),
   counted AS (
     INSERT INTO show_paddle_counters AS c (show_id, last_paddle) SELECT $1, 1 WHERE NOT EXISTS (SELECT FROM known)
     ON CONFLICT (show_id) DO UPDATE SET last_paddle = c.last_paddle + 1
     RETURNING last_paddle
   ),
   accepted AS (
     INSERT INTO bid_terms_acceptances (account_id, version) VALUES ($2, $6) ON CONFLICT DO NOTHING
   )
   INSERT INTO show_paddles (show_id, account_id, paddle, name, card_id, limit_minor, terms_version, brand_ids, is_team,
     is_banned, deposit_minor, deposit_currency)
   SELECT $1, $2, last_paddle, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM counted`,
)
const setBarred = statement(
  'auctions.set_barred',
  `UPDATE show_paddles p SET is_barred = $3 WHERE show_id = $1 AND paddle = $2 RETURNING ${columns}`,
)
const setStanding = statement(
  'auctions.set_standing',
  `UPDATE show_paddles p SET is_team = $3, is_banned = $4 WHERE show_id = $1 AND account_id = $2 RETURNING ${columns}`,
)
const dropDeposit = statement(
  'auctions.drop_deposit',
  'UPDATE show_paddles SET deposit_minor = NULL, deposit_currency = NULL WHERE show_id = $1 AND account_id = $2',
)
const acceptedVersion = statement(
  'auctions.accepted_terms',
  'SELECT max(version) AS version FROM bid_terms_acceptances WHERE account_id = $1',
)
const nonPaymentsOf = statement('auctions.non_payments', `SELECT ${countNonPayments.replace('p.account_id', '$1')}`)
const insertNonPayment = statement(
  'auctions.insert_non_payment',
  'INSERT INTO auction_non_payments (account_id, auction_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
)
const insertTakeover = statement(
  'auctions.insert_takeover',
  `INSERT INTO auction_takeovers (auction_id, account_id, amount_minor) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
)
const takeoversOfShow = statement(
  'auctions.takeovers_of_show',
  `SELECT t.auction_id AS "auctionId", t.account_id AS "accountId", t.amount_minor AS "amountMinor",
     EXISTS (SELECT FROM auction_non_payments n WHERE n.account_id = t.account_id AND n.auction_id = a.id) AS "isUnpaid"
   FROM auctions a JOIN auction_takeovers t ON t.auction_id = a.id WHERE a.show_id = $1`,
)
// What runs is counted with the leader's highest bid, what was won with its price; wins that were not paid do not bind.
const commitments = statement(
  'auctions.commitments_of_show',
  `SELECT account_id AS "accountId", sum(minor)::bigint AS minor FROM (
     SELECT r.winner_account_id AS account_id, r.price_minor AS minor
     FROM auctions a JOIN auction_results r ON r.auction_id = a.id
     WHERE a.show_id = $1 AND r.winner_account_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM auction_non_payments n WHERE n.account_id = r.winner_account_id AND n.auction_id = a.id)
     UNION ALL
     SELECT last.leader_account_id, (SELECT max(b.amount_minor) FROM auction_ledger b
       WHERE b.auction_id = a.id AND b.account_id = last.leader_account_id)
     FROM auctions a CROSS JOIN LATERAL (
       SELECT leader_account_id FROM auction_ledger l WHERE l.auction_id = a.id ORDER BY seq DESC LIMIT 1) last
     WHERE a.show_id = $1 AND a.closed_at IS NULL AND last.leader_account_id IS NOT NULL
   ) bound GROUP BY account_id`,
)

export interface NewEntry {
  readonly showId: ShowId
  readonly accountId: AccountId
  readonly name: string
  readonly cardId: CardId
  readonly limitMinor: number | null
  readonly termsVersion: number
  readonly brandIds: readonly BrandId[]
  readonly isTeam: boolean
  readonly isBanned: boolean
  readonly deposit: Money | null
}

const first = async <Row>(rows: Promise<Row[]>): Promise<Row | null> => (await rows)[0] ?? null

/** Paddles of shows in Postgres. */
export const entryStore = {
  byAccount: (on: Queryable, showId: ShowId, accountId: AccountId) =>
    first(on.query<PaddleRecord>(byAccount, [showId, accountId])),
  ofShow: (on: Queryable, showId: ShowId) => on.query<PaddleRecord>(ofShow, [showId]),
  /** Of shows that are not over. */
  ofAccount: (on: Queryable, accountId: AccountId) => on.query<PaddleRecord>(ofAccount, [accountId]),

  /** Gives a paddle, or changes what belongs to the one that the account has. Atomic: one statement. */
  enter: async (on: Queryable, entry: NewEntry): Promise<void> => {
    const { showId, accountId, name, cardId, limitMinor, termsVersion, brandIds, isTeam, isBanned, deposit } = entry
    const who = [showId, accountId, name, cardId, limitMinor, termsVersion, brandIds, isTeam, isBanned]
    const values = [...who, deposit?.amountMinor ?? null, deposit?.currency ?? null]
    try {
      await on.query(enter, values)
    } catch (error) {
      // The same account entered twice at once: the second finds the paddle of the first.
      if (!violates(error, 'show_paddles_pkey')) throw error
      await on.query(enter, values)
    }
  },
  setBarred: (on: Queryable, showId: ShowId, paddle: number, isBarred: boolean) =>
    first(on.query<PaddleRecord>(setBarred, [showId, paddle, isBarred])),
  setStanding: (on: Queryable, showId: ShowId, accountId: AccountId, is: { team: boolean; banned: boolean }) =>
    first(on.query<PaddleRecord>(setStanding, [showId, accountId, is.team, is.banned])),
  dropDeposit: async (on: Queryable, showId: ShowId, accountId: AccountId): Promise<void> => {
    await on.query(dropDeposit, [showId, accountId])
  },
  acceptedVersion: async (on: Queryable, accountId: AccountId): Promise<number | null> =>
    (await first(on.query<{ version: number | null }>(acceptedVersion, [accountId])))?.version ?? null,
  nonPayments: async (on: Queryable, accountId: AccountId): Promise<number> =>
    (await first(on.query<{ count: number }>(nonPaymentsOf, [accountId])))?.count ?? 0,
  recordNonPayment: async (tx: Transaction, accountId: AccountId, auctionId: AuctionId): Promise<void> => {
    await tx.query(insertNonPayment, [accountId, auctionId])
  },

  recordTakeover: async (tx: Transaction, { auctionId, accountId, amountMinor }: Takeover): Promise<void> => {
    await tx.query(insertTakeover, [auctionId, accountId, amountMinor])
  },

  /** Everything that the gate's desk of a show is written from. */
  desk: async (on: Queryable, showId: ShowId): Promise<DeskContents> => {
    const [paddles, bound, takeovers] = await Promise.all([
      on.query<PaddleRecord>(ofShow, [showId]),
      on.query<{ accountId: AccountId; minor: number }>(commitments, [showId]),
      on.query<Takeover & { isUnpaid: boolean }>(takeoversOfShow, [showId]),
    ])
    const sums = new Map(bound.map((row) => [row.accountId, row.minor]))
    for (const { accountId, amountMinor, isUnpaid } of takeovers)
      if (!isUnpaid) sums.set(accountId, (sums.get(accountId) ?? 0) + amountMinor)
    return {
      entrants: paddles.map(toEntrant),
      commitments: sums,
      takeovers,
    }
  },
}
