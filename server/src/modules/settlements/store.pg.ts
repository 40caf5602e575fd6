import type {
  AccountId,
  AuctionId,
  CardId,
  CheckoutId,
  Currency,
  OfferFailure,
  OfferId,
  Settlement,
  ShowId,
} from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import { fixMs, tryAgainMs } from './limits.ts'
import type { OfferRow } from './offer.ts'

const columns = `id AS "offerId", auction_id AS "auctionId", show_id AS "showId", account_id AS "accountId", depth,
  amount_minor AS "amountMinor", currency, lot_number AS "lotNumber", title, picture_url AS "pictureUrl", state,
  card_id AS "cardId", checkout_id AS "checkoutId", failure, is_bidders_turn AS "isBiddersTurn",
  own_faults AS "ownFaults", (extract(epoch FROM pay_before) * 1000)::bigint AS "payBeforeMs",
  coalesce(pay_before <= clock_timestamp(), false) AS "isLate",
  coalesce(try_again_at <= clock_timestamp(), false) AS "isTryDue",
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS "nowMs"`
const inMs = (parameter: string) => `clock_timestamp() + ${parameter}::int * interval '1 millisecond'`

// Two who offer the same lot at once: one of the unique keys lets the second go without a trace.
const insertOffer = statement(
  'settlements.insert_offer',
  `INSERT INTO auction_offers (id, auction_id, show_id, account_id, depth, amount_minor, currency, lot_number, title,
     picture_url, state, card_id)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'charging', $11) ON CONFLICT DO NOTHING RETURNING id`,
)
const selectOffer = statement('settlements.select_offer', `SELECT ${columns} FROM auction_offers WHERE id = $1`)
const lockOffer = statement(
  'settlements.lock_offer',
  `SELECT ${columns} FROM auction_offers WHERE id = $1 FOR NO KEY UPDATE`,
)
const selectByCheckout = statement(
  'settlements.select_by_checkout',
  `SELECT ${columns} FROM auction_offers WHERE checkout_id = $1`,
)
const selectOpen = statement(
  'settlements.select_open',
  `SELECT ${columns} FROM auction_offers WHERE is_open AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2`,
)
const selectOfAuction = statement(
  'settlements.select_of_auction',
  `SELECT ${columns} FROM auction_offers WHERE auction_id = $1 ORDER BY depth`,
)
const selectOfAccount = statement(
  'settlements.select_of_account',
  `SELECT ${columns} FROM auction_offers WHERE account_id = $1 AND ($2::uuid IS NULL OR show_id = $2)
   ORDER BY id DESC LIMIT $3`,
)
// The newest offer of each lot tells what the room was told last.
const selectSettled = statement(
  'settlements.select_settled',
  `SELECT "auctionId", outcome, CASE WHEN outcome = 'passed_on' THEN depth - 1 ELSE depth END AS depth FROM (
     SELECT DISTINCT ON (o.auction_id) o.auction_id AS "auctionId", o.depth,
       CASE WHEN o.state = 'paid' THEN 'paid' WHEN NOT o.is_open THEN 'not_sold' WHEN o.depth > 0 THEN 'passed_on' END AS outcome
     FROM auctions a JOIN auction_offers o ON o.auction_id = a.id
     WHERE a.show_id = $1 ORDER BY o.auction_id, o.depth DESC
   ) newest WHERE outcome IS NOT NULL ORDER BY "auctionId"`,
)
const setTry = statement(
  'settlements.set_try',
  `UPDATE auction_offers SET state = 'charging', card_id = $2, checkout_id = $3, failure = NULL,
     is_bidders_turn = false, try_again_at = NULL WHERE id = $1`,
)
const setCharging = statement(
  'settlements.set_charging',
  `UPDATE auction_offers SET state = 'charging', is_bidders_turn = false WHERE id = $1`,
)
// The time is counted from the first moment at which the bidder could act.
const setNeedsAction = statement(
  'settlements.set_needs_action',
  `UPDATE auction_offers SET state = 'needs_action', is_bidders_turn = true,
     pay_before = coalesce(pay_before, ${inMs('$2')}) WHERE id = $1
   RETURNING (extract(epoch FROM greatest(pay_before, ${inMs('$3')})) * 1000)::bigint AS "payBeforeMs"`,
)
const setFailed = statement(
  'settlements.set_failed',
  `UPDATE auction_offers SET state = 'payment_failed', failure = $2, is_bidders_turn = true,
     try_again_at = NULL, pay_before = coalesce(pay_before, ${inMs('$3')}) WHERE id = $1`,
)
// What failed by no fault of the bidder's costs the bidder no time.
const setFailedByUs = statement(
  'settlements.set_failed_by_us',
  `UPDATE auction_offers SET state = 'payment_failed', failure = $2, is_bidders_turn = false,
     own_faults = own_faults + 1, pay_before = greatest(pay_before, ${inMs('$3')}),
     try_again_at = CASE WHEN own_faults + 1 < $5 THEN ${inMs('$4')} END WHERE id = $1`,
)
const setEnded = statement(
  'settlements.set_ended',
  `UPDATE auction_offers SET state = $2, try_again_at = NULL, ended_at = now(),
     failure = CASE WHEN $2 = 'paid' THEN NULL ELSE failure END WHERE id = $1`,
)
const selectOwing = statement(
  'settlements.select_owing',
  'SELECT 1 FROM auction_offers WHERE account_id = $1 AND show_id = $2 AND is_open LIMIT 1',
)

export interface NewOffer {
  readonly offerId: OfferId
  readonly auctionId: AuctionId
  readonly showId: ShowId
  readonly accountId: AccountId
  readonly depth: number
  readonly amountMinor: number
  readonly currency: Currency
  readonly lotNumber: number
  readonly title: string
  readonly pictureUrl: string
  readonly cardId: CardId | null
}

/** Offers in Postgres. Whoever changes one has locked it and looked again. */
export function createOfferStore(db: Queryable) {
  const first = async (rows: Promise<OfferRow[]>): Promise<OfferRow | null> => (await rows)[0] ?? null
  return {
    find: (offerId: OfferId) => first(db.query<OfferRow>(selectOffer, [offerId])),
    findByCheckout: (checkoutId: CheckoutId) => first(db.query<OfferRow>(selectByCheckout, [checkoutId])),
    listOpen: (afterId: OfferId | null, max: number) => db.query<OfferRow>(selectOpen, [afterId, max]),
    listOfAuction: (auctionId: AuctionId) => db.query<OfferRow>(selectOfAuction, [auctionId]),
    listOfAccount: (accountId: AccountId, showId: ShowId | null, max: number) =>
      db.query<OfferRow>(selectOfAccount, [accountId, showId, max]),
    listSettled: (showId: ShowId) => db.query<Settlement>(selectSettled, [showId]),
    /** True where the bidder has a payment open in the show. */
    isOwing: async (accountId: AccountId, showId: ShowId): Promise<boolean> =>
      (await db.query(selectOwing, [accountId, showId])).length === 1,

    lock: (tx: Transaction, offerId: OfferId) => first(tx.query<OfferRow>(lockOffer, [offerId])),
    /** False where the lot is offered to somebody already, or was to this bidder. */
    insert: async (tx: Transaction, one: NewOffer): Promise<boolean> => {
      const who = [one.offerId, one.auctionId, one.showId, one.accountId, one.depth, one.amountMinor, one.currency]
      const values = [...who, one.lotNumber, one.title, one.pictureUrl, one.cardId]
      return (await tx.query(insertOffer, values)).length === 1
    },
    /** A new try to pay is under way. */
    setTry: async (tx: Transaction, offerId: OfferId, cardId: CardId, checkoutId: CheckoutId) => {
      await tx.query(setTry, [offerId, cardId, checkoutId])
    },
    setCharging: async (tx: Transaction, offerId: OfferId) => {
      await tx.query(setCharging, [offerId])
    },
    /** Answers when the bank's step has to be done: never sooner than `leastMs` from now. */
    setNeedsAction: async (tx: Transaction, { offerId, depth }: OfferRow, leastMs: number): Promise<number> => {
      const [row] = await tx.query<{ payBeforeMs: number }>(setNeedsAction, [offerId, fixMs(depth), leastMs])
      return (row as { payBeforeMs: number }).payBeforeMs
    },
    setFailed: async (tx: Transaction, { offerId, depth }: OfferRow | NewOffer, failure: OfferFailure) => {
      await tx.query(setFailed, [offerId, failure, fixMs(depth)])
    },
    setFailedByUs: async (
      tx: Transaction,
      { offerId, depth }: OfferRow | NewOffer,
      failure: OfferFailure,
      ownFaultsMax: number,
    ) => {
      await tx.query(setFailedByUs, [offerId, failure, fixMs(depth), tryAgainMs, ownFaultsMax])
    },
    setEnded: async (tx: Transaction, offerId: OfferId, as: 'paid' | 'passed_on' | 'void') => {
      await tx.query(setEnded, [offerId, as])
    },
  }
}

export type OfferStore = ReturnType<typeof createOfferStore>
