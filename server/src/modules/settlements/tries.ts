import { createHash } from 'node:crypto'
import type { AccountId, Address, CardId, CheckoutId, OfferFailure, OperationId } from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { VariantRecord } from '#modules/catalog'
import type { CardOnFile } from '#modules/payments'
import type { AuctionRecords } from './auction-records.pg.ts'
import type { Cards, Goods, People, WinCheckouts } from './needs.ts'
import type { OfferRow } from './offer.ts'
import type { NewOffer, OfferStore } from './store.pg.ts'

export interface TriesParts {
  readonly store: OfferStore
  readonly records: AuctionRecords
  readonly checkouts: Pick<WinCheckouts, 'start' | 'terms'>
  readonly catalog: Goods
  readonly payments: Cards
  readonly people: People
}

export type Offered = Pick<
  OfferRow | NewOffer,
  'offerId' | 'auctionId' | 'showId' | 'accountId' | 'amountMinor' | 'currency'
>

/** What a payment of an offer needs, read before anything is locked. */
export interface Ready {
  readonly displayName: string
  readonly address: Address
  readonly variant: VariantRecord
  readonly card: CardOnFile
  readonly cardId: CardId
}

const failures: Readonly<Record<string, OfferFailure>> = {
  'card.not_found': 'card_missing',
  'checkout.address_missing': 'address_missing',
  'checkout.cannot_ship': 'cannot_ship',
}

/** One try to pay an offer: an order and a checkout of its own. */
export function createTries(parts: TriesParts) {
  const { store, records, checkouts, catalog, payments, people } = parts

  const personOf = async (accountId: AccountId) => {
    const account = await people.accountById(accountId)
    if (!account?.address) throw new Refusal('checkout.address_missing')
    return { displayName: account.displayName, address: account.address }
  }

  /** Refuses: card.not_found, checkout.address_missing, checkout.cannot_ship. */
  const prepare = async (offer: Offered, cardId: CardId | null): Promise<Ready> => {
    if (cardId === null) throw new Refusal('card.not_found')
    const sale = await records.saleOf(offer.auctionId)
    if (!sale) throw new Refusal('auction.not_found')
    const { accountId, showId, currency } = offer
    const [card, person, variant] = await Promise.all([
      payments.cardOnFile(accountId, cardId),
      personOf(accountId),
      catalog.variant(sale.variantId),
    ])
    const buyer = { accountId, address: person.address }
    await checkouts.terms({ variant, currency, showId, buyer, country: null })
    return { ...person, variant, card, cardId }
  }

  return {
    prepare,

    /** As `prepare`; what stands in the bidder's way is the answer. */
    prepareOrFail: async (offer: Offered, cardId: CardId | null): Promise<Ready | OfferFailure> => {
      try {
        return await prepare(offer, cardId)
      } catch (error) {
        const failure = error instanceof Refusal ? failures[error.code] : undefined
        if (failure) return failure
        throw error
      }
    },

    /** Begins a payment of a locked offer. Refuses: checkout.cannot_ship, idempotency.key_reused. */
    start: async (
      tx: Transaction,
      offer: Offered,
      ready: Ready,
      how: { readonly operationId?: OperationId; readonly payBeforeMs: number | null },
    ): Promise<CheckoutId> => {
      const { offerId, auctionId, showId, accountId, amountMinor, currency } = offer
      const { displayName, address, variant, card, cardId } = ready
      const { checkoutId } = await checkouts.start(tx, {
        auctionId,
        showId,
        buyer: { accountId, displayName, address },
        variant,
        unitPrice: { amountMinor, currency },
        card,
        operationId: how.operationId ?? newId<OperationId>(),
        fingerprint: fingerprintOf(offerId, cardId),
        payBeforeMs: how.payBeforeMs,
      })
      await store.setTry(tx, offerId, cardId, checkoutId)
      return checkoutId
    },
  }
}

/** What identifies a wish to pay, so that an operation id cannot be used for another one. */
export const fingerprintOf = (offerId: string, cardId: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify(['win', offerId, cardId]))
    .digest()

export type Tries = ReturnType<typeof createTries>
