import type { CreatorId, ProductId, ShowId, ShowState, VariantId } from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import type { LiveRooms } from '#modules/live'
import type { ProfilesService } from '#modules/profiles'

/** What giveaways need of shows. */
export interface GiveawayShows {
  /** The show, its row locked until the transaction ends; null where there is none. */
  lock(tx: Transaction, showId: ShowId): Promise<{ readonly creatorId: CreatorId; readonly state: ShowState } | null>
  shelf(tx: Transaction, showId: ShowId): Promise<readonly ProductId[]>
}

/** Who is of the show's team, and who is banned. */
export type GiveawayRooms = Pick<LiveRooms, 'rules' | 'standingOf'>

export type SavedAddresses = Pick<ProfilesService, 'addressOf'>

export interface PrizeVariant {
  readonly productId: ProductId
  readonly variantId: VariantId
  readonly productName: string
  readonly variantName: string
  readonly pictureUrl: string
}

/** Where prizes come from. The verbs join the caller's transaction and happen once for each reference. */
export interface PrizeGoods {
  /** Refuses: product.not_found. */
  variant(variantId: VariantId): Promise<PrizeVariant>
  /** Takes one unit out of what may be sold. False where there is none. */
  setAside(tx: Transaction, unit: { readonly variantId: VariantId; readonly reference: string }): Promise<boolean>
  /** The unit is its winner's; it leaves the stock. */
  handOver(tx: Transaction, reference: string): Promise<void>
  /** Nobody has won or claimed the unit; it may be sold again. */
  giveBack(tx: Transaction, reference: string): Promise<void>
}
