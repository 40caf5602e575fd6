import {
  type AccountId,
  type BidTerms,
  type CheckoutId,
  type Currency,
  type getBidTerms,
  type OfferId,
  offerChanged,
  type RequestOf,
  type Settlement,
  type ShowId,
  type Win,
} from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Actor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'
import { createAuctionRecords } from './auction-records.pg.ts'
import { createCascade } from './cascade.ts'
import { createDepositStore } from './deposit-store.pg.ts'
import { createDeposits } from './deposits.ts'
import { offersPageMax, offersParallel, unbegunAfterMs, unbegunMax, unbegunWithinDays, winsMax } from './limits.ts'
import type { Goods, Holds, People, SettledAuctions, WinCheckouts } from './needs.ts'
import { type OfferRow, stepOf, type TryStanding, winOf } from './offer.ts'
import { createPaying } from './paying.ts'
import { createOfferStore } from './store.pg.ts'
import { createTries } from './tries.ts'

export interface SettlementParts {
  readonly database: Database
  readonly teller: Teller
  readonly log: Log
  readonly auctions: SettledAuctions
  readonly checkouts: WinCheckouts
  readonly catalog: Goods
  readonly payments: Holds
  readonly people: People
  /** How long ago a show ended; null where it has not. */
  readonly endedAgoMs: (showId: ShowId) => Promise<number | null>
}

/** What follows the hammer: offers and their payments, deposits, and what a bid costs all-in. */
export function createSettlements(parts: SettlementParts) {
  const { database, checkouts, catalog, log } = parts
  const store = createOfferStore(database)
  const records = createAuctionRecords(database)

  const standingsOf = (offers: readonly OfferRow[]): Promise<ReadonlyMap<CheckoutId, TryStanding>> =>
    checkouts.standings(offers.flatMap(({ checkoutId }) => (checkoutId ? [checkoutId] : [])))
  const winsOf = async (offers: readonly OfferRow[]): Promise<Win[]> => {
    const standings = await standingsOf(offers)
    return offers.map((offer) => winOf(offer, standingOf(offer, standings)))
  }
  const seen = async (offerId: OfferId): Promise<{ accountId: AccountId; win: Win }> => {
    const offer = await store.find(offerId)
    const [win] = offer ? await winsOf([offer]) : []
    if (!offer || !win) throw new Refusal('offer.not_found')
    return { accountId: offer.accountId, win }
  }
  const tell = (offerId: OfferId): void => {
    seen(offerId).then(
      ({ accountId, win }) => parts.teller.toAccount(accountId, offerChanged, { win }),
      (error: unknown) => log.warn({ err: error, offerId }, 'a bidder could not be told of an offer'),
    )
  }

  const tries = createTries({ ...parts, store, records })
  const cascade = createCascade({ ...parts, store, records, tries, tell })
  const winById = async (offerId: OfferId) => (await seen(offerId)).win
  const pay = createPaying({ database, store, checkouts, tries, look: cascade.look, winById, tell })
  const currencyOf = (showId: ShowId): Promise<Currency> => records.currencyOf(showId)
  const deposits = createDeposits({ ...parts, deposits: createDepositStore(database), offers: store, currencyOf })

  const lookAside = (offerId: OfferId): Promise<void> =>
    cascade.look(offerId).catch((error: unknown) => {
      log.warn({ err: error, offerId }, 'an offer could not be moved on; it comes again')
    })
  checkouts.onMoved((checkoutId) => {
    store.findByCheckout(checkoutId).then(
      (offer) => offer && lookAside(offer.offerId),
      (error: unknown) => log.debug({ err: error, checkoutId }, 'the sweep looks at the offer instead'),
    )
  })

  return {
    /** Offers a won lot to its winner. Repeats: nothing happens. */
    begin: cascade.begin,
    look: cascade.look,
    pay,
    deposits,

    listMyWins: async (accountId: AccountId, showId: ShowId | null): Promise<{ items: Win[] }> => ({
      items: await winsOf(await store.listOfAccount(accountId, showId, winsMax)),
    }),

    /** What the room was told last of each won lot of a show. */
    listOfShow: async (showId: ShowId): Promise<{ items: Settlement[] }> => ({
      items: await store.listSettled(showId),
    }),

    /** What a win costs the caller besides the hammer. Refuses: auction.not_found, checkout.cannot_ship. */
    bidTerms: async (actor: Actor, { auctionId, country }: RequestOf<typeof getBidTerms>): Promise<BidTerms> => {
      const sale = await records.saleOf(auctionId)
      if (!sale) throw new Refusal('auction.not_found')
      const { showId, currency } = sale
      const accountId = actor.kind === 'account' ? actor.accountId : null
      const [variant, account] = await Promise.all([
        catalog.variant(sale.variantId),
        accountId ? parts.people.accountById(accountId) : null,
      ])
      const address = account?.address ?? null
      const buyer =
        accountId && address && (country ?? address.country) === address.country ? { accountId, address } : null
      return await checkouts.terms({ variant, currency, showId, buyer, country: country ?? null })
    },

    /** Moves on what its checkout, the clock or a dead process left behind. Safe beside itself. */
    sweepOffers: async (): Promise<void> => {
      let after: OfferId | null = null
      for (;;) {
        const page: OfferRow[] = await store.listOpen(after, offersPageMax)
        const standings = await standingsOf(page)
        const due = page.filter((offer) => stepOf(offer, standingOf(offer, standings)).kind !== 'none').values()
        const work = async () => {
          for (const { offerId } of due) await lookAside(offerId)
        }
        await Promise.all(Array.from({ length: offersParallel }, work))
        const last = page.at(-1)
        if (!last || page.length < offersPageMax) return
        after = last.offerId
      }
    },

    /** Begins what a lost job has left. Safe beside itself. */
    sweepUnbegun: async (): Promise<void> => {
      const of = { afterMs: unbegunAfterMs, withinDays: unbegunWithinDays, max: unbegunMax }
      for (const auctionId of await records.listUnbegun(of))
        await cascade.begin(auctionId).catch((error: unknown) => {
          log.warn({ err: error, auctionId }, 'a won lot could not be offered; it comes again')
        })
    },
  }
}

function standingOf(offer: OfferRow, standings: ReadonlyMap<CheckoutId, TryStanding>): TryStanding | null {
  return offer.checkoutId ? (standings.get(offer.checkoutId) ?? null) : null
}

export type SettlementService = ReturnType<typeof createSettlements>
