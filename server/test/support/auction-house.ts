import { generateKeyPairSync } from 'node:crypto'
import {
  type AccountId,
  type AuctionId,
  type CardId,
  type CheckoutId,
  type Currency,
  EnglishTerms,
  incrementTables,
  type LotId,
  type OfferId,
  type ToldEvent,
  type VariantId,
  type Win,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import type { Database } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { createAuctions, type Deposits } from '#modules/auctions'
import { createSettlements } from '#modules/settlements'
import { createShowStore, inTransaction } from '../../src/modules/live/store.pg.ts'
import { createProfilesStore } from '../../src/modules/profiles/store.pg.ts'
import { type SellingProcess, type ShopOptions, startShop } from './shop.ts'

const silent = pino({ level: 'silent' })
const receiptSecret = generateKeyPairSync('ed25519')
  .privateKey.export({ format: 'der', type: 'pkcs8' })
  .toString('base64')

export interface Bidder {
  readonly account: AccountActor
  readonly cardId: CardId
}

export interface ClosedAuction {
  /** Accepted bids in their order; the last one of the highest amount leads. */
  readonly bids: readonly (readonly [Bidder, number])[]
  readonly hammerMinor: number
  readonly reserveMinor?: number
  readonly variantId?: VariantId
  readonly currency?: Currency
}

/** A shop with a live show whose auctions are over: what follows the hammer is real, the bidding is written down. */
export async function startAuctionHouse(options: ShopOptions = {}) {
  const shop = await startShop(options)
  const { world, rows } = shop
  await rows(
    `INSERT INTO shows (id, creator_id, title, state, starts_at, started_at, operation_id, request_hash)
     VALUES ($1, $2, 'Evening sale', 'live', now(), now(), $3, '')`,
    [world.showId, world.creatorId, newId()],
  )
  let lots = 0

  const shows = createShowStore(shop.db)
  /** What auctions do for settlements, and who may bid. */
  const auctionsOf = (selling: SellingProcess, deposits: Deposits = { hold: async () => null }) => {
    const people = createProfilesStore(shop.db)
    return createAuctions({
      database: shop.db,
      redis: shop.redis,
      shows: { byId: shows.byId, lock: (tx, showId) => inTransaction(tx).lock(showId), rules: shows.rules },
      catalog: { ...selling.catalog, isListed: async () => true },
      inventory: selling.inventory,
      profiles: {
        ...people,
        accountOfCreator: async () => world.creatorAccountId,
        brandsOfAccounts: async () => [],
        brandOfCreator: async () => world.brandId,
      },
      cards: {
        owns: async () => true,
        hasAny: async () => true,
        sharers: async () => [],
        sharersAmong: async () => [],
      },
      deposits,
      teller,
      lotsAtOnceMax: 50,
      receiptSecret,
      log: silent,
    })
  }
  const teller = {
    toAccount: (accountId: AccountId, event: ToldEvent, data: unknown) =>
      void shop.told.push({ accountId, event: event.name, data }),
  }

  const settling = (selling: SellingProcess, database: Database = shop.db) => {
    const people = createProfilesStore(shop.db)
    return createSettlements({
      database,
      teller,
      log: silent,
      auctions: auctionsOf(selling),
      checkouts: selling.checkout.wins,
      catalog: selling.catalog,
      payments: selling.payments,
      people,
      endedAgoMs: async (showId) => {
        const [show] = await rows<{ agoMs: number | null }>(
          `SELECT (extract(epoch FROM now() - ended_at) * 1000)::bigint AS "agoMs" FROM shows WHERE id = $1`,
          [showId],
        )
        return show?.agoMs ?? null
      },
    })
  }
  const settlements = settling(shop)

  /** Writes an auction that is over, with its unit set aside, as its record would have it. */
  const closeAuction = async (of: ClosedAuction): Promise<AuctionId> => {
    const auctionId = newId<AuctionId>()
    const lotId = newId<LotId>()
    lots += 1
    const variantId = of.variantId ?? world.variantId
    const currency = of.currency ?? 'USD'
    const terms = JSON.stringify(
      EnglishTerms.parse({
        type: 'english',
        durationSeconds: 30,
        closing: { kind: 'soft' },
        reserveMinor: of.reserveMinor ?? null,
      }),
    )
    const facts = [world.showId, world.creatorId, lots, world.brandId, world.productId, variantId, currency]
    await rows(
      `INSERT INTO lots (id, show_id, creator_id, number, position, brand_id, product_id, variant_id, currency, title,
         picture_url, start_price_minor, terms, state, auction_id, operation_id, request_hash)
       VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, 'Old mug', '/mug.webp', 100, $9, 'sold', $10, $11, '')`,
      [lotId, ...facts, terms, auctionId, newId()],
    )
    await rows(
      `INSERT INTO auctions (id, show_id, creator_id, lot_number, brand_id, product_id, variant_id, currency, lot_id,
         title, picture_url, start_price_minor, terms, increments, operation_id)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'Old mug', '/mug.webp', 100, $10, $12, $11)`,
      [auctionId, ...facts, lotId, terms, newId(), JSON.stringify(incrementTables[currency])],
    )
    await shop.db.transaction((tx) =>
      shop.inventory.claimStock(tx, { variantId, units: 1, reference: `auction:${auctionId}` }),
    )
    const entry = (seq: number, what: string, bid: readonly [Bidder, number, number] | null) =>
      rows(
        `INSERT INTO auction_ledger (auction_id, seq, what, at_ms, bid_id, account_id, paddle, amount_minor, price_minor,
           ends_at_ms, outcome, link, hash, time_left_ms, figures)
         VALUES ($1, $2::int, $3, $2::int, $4, $5, $6, $7, $8, 0, $9, decode(repeat('00', 20), 'hex'),
           decode(repeat('00', 32), 'hex'), 0, '{}')`,
        [
          ...[auctionId, seq, what, bid && newId(), bid?.[0].account.accountId ?? null, bid?.[2] ?? null],
          ...[bid?.[1] ?? null, of.hammerMinor, what === 'closed' ? 'sold' : null],
        ],
      )
    await entry(1, 'started', null)
    let seq = 1
    for (const [bidder, amountMinor] of of.bids) {
      seq += 1
      await entry(seq, 'max', [bidder, amountMinor, await paddleOf(bidder)])
    }
    await entry(seq + 1, 'closed', null)
    const [winner] = of.bids.toSorted(([, one], [, other]) => other - one)[0] as readonly [Bidder, number]
    await rows(
      `INSERT INTO auction_results (auction_id, outcome, winner_account_id, paddle, price_minor, close_seq, root,
         root_signature, closed_at)
       VALUES ($1, 'sold', $2, $3, $4, $5, decode(repeat('00', 32), 'hex'), '', now())`,
      [auctionId, winner.account.accountId, await paddleOf(winner), of.hammerMinor, seq + 1],
    )
    await rows('UPDATE auctions SET closed_at = now() WHERE id = $1', [auctionId])
    return auctionId
  }

  const paddleOf = async ({ account, cardId }: Bidder): Promise<number> => {
    const [row] = await rows<{ paddle: number }>(
      `INSERT INTO show_paddles (show_id, account_id, paddle, name, card_id, terms_version, brand_ids)
       SELECT $1, $2, count(*) + 1, 'Ada', $3, 1, '{}' FROM show_paddles WHERE show_id = $1
       ON CONFLICT (show_id, account_id) DO UPDATE SET name = excluded.name RETURNING paddle`,
      [world.showId, account.accountId, cardId],
    )
    return row?.paddle ?? 0
  }

  const offersOf = (auctionId: AuctionId) =>
    rows<{ offerId: OfferId; accountId: AccountId; depth: number; state: string; checkoutId: CheckoutId | null }>(
      `SELECT id AS "offerId", account_id AS "accountId", depth, state, checkout_id AS "checkoutId"
       FROM auction_offers WHERE auction_id = $1 ORDER BY depth`,
      [auctionId],
    )

  return {
    shop,
    settlements,
    settling,
    auctionsOf,
    closeAuction,
    offersOf,
    /** Advances every open checkout and looks at every open offer once. */
    work: async (selling: SellingProcess = shop, by = settlements): Promise<void> => {
      const open = await rows<{ id: string }>('SELECT id FROM checkouts WHERE is_open')
      await Promise.all(open.map(({ id }) => selling.checkout.advance(id, 'job')))
      await by.sweepOffers()
    },
    /** The time to act of an auction's open offer is over. */
    runOut: async (auctionId: AuctionId): Promise<void> => {
      await rows('UPDATE auction_offers SET pay_before = now() WHERE auction_id = $1 AND is_open', [auctionId])
    },
    /** What the bidder answers on the bank's page. */
    answerChallenge: async (actionUrl: string, outcome: 'approve' | 'fail'): Promise<void> => {
      await shop.sandbox.send('POST', new URL(actionUrl).pathname, {
        body: JSON.stringify({ outcome }),
        headers: { 'content-type': 'application/json', origin: 'http://shop.test' },
      })
    },
    winOf: async ({ account }: Bidder, auctionId: AuctionId): Promise<Win> => {
      const { items } = await settlements.listMyWins(account.accountId, world.showId)
      const win = items.find((one) => one.auctionId === auctionId)
      if (!win) throw new Error('the bidder has no offer of this auction')
      return win
    },
    close: () => shop.close(),
  }
}

export type AuctionHouse = Awaited<ReturnType<typeof startAuctionHouse>>
