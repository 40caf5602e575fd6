import type { AccountId, CardId, CreatorId, Money, ShowId, ShowState } from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import type { CatalogService } from '#modules/catalog'
import type { Inventory } from '#modules/inventory'
import type { ProfilesService } from '#modules/profiles'

/** What auctions ask of other modules, and of those that they may not know, as ports. */
export type AuctionCatalog = Pick<CatalogService, 'variant' | 'isListed' | 'addUnlisted'>
export type AuctionInventory = Pick<Inventory, 'claimStock' | 'releaseStock' | 'receive'>
export type AuctionProfiles = Pick<
  ProfilesService,
  'accountById' | 'accountOfCreator' | 'brandsOfAccounts' | 'brandOfCreator'
>

export interface ShowFacts {
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly state: ShowState
}

export interface AuctionShows {
  byId(showId: ShowId): Promise<ShowFacts | null>
  /** The show, its row locked until the transaction ends; null where there is none. */
  lock(tx: Transaction, showId: ShowId): Promise<ShowFacts | null>
  /** Who helps to run its room, and who is kept out of it; null where there is none. */
  rules(
    showId: ShowId,
  ): Promise<{ readonly moderators: ReadonlySet<AccountId>; readonly banned: ReadonlySet<AccountId> } | null>
}

/** Saved cards, kept by whoever deals with the payment provider. */
export interface SavedCards {
  /** False where the account has no such card (any more). */
  owns(accountId: AccountId, cardId: CardId): Promise<boolean>
  hasAny(accountId: AccountId): Promise<boolean>
  /** Of `others`, those who save or saved a card that this account saves or saved too. */
  sharersAmong(accountId: AccountId, others: readonly AccountId[]): Promise<AccountId[]>
  /** Some hundreds of all who share a card with the account, the longest known first. */
  sharers(accountId: AccountId): Promise<AccountId[]>
}

/** Money held on the card of somebody who left wins unpaid. */
export interface Deposits {
  /**
   * Holds the deposit for a show, once. Null where deposits are not taken. Refuses: payment.unavailable,
   * bid.not_eligible (the card was declined). Repeats: the same deposit.
   */
  hold(wish: {
    readonly showId: ShowId
    readonly accountId: AccountId
    readonly cardId: CardId
    readonly limitMinor: number | null
  }): Promise<Money | null>
}
