import type { AccountId, CreatorId, ShowId } from '@livelot/client/contracts'
import type { HoldService } from '#modules/flash-sales'
import type { Inventory } from '#modules/inventory'
import type { ProfilesService } from '#modules/profiles'

/** What checkout asks of the modules below it. */
export type FlashSaleHolds = Pick<
  HoldService,
  'peekHold' | 'beginPayment' | 'claimHold' | 'settleHold' | 'releaseClaim' | 'syncHold'
>
export type StockClaims = Pick<Inventory, 'claimStock' | 'releaseStock' | 'settleStock'>
export type SavedAddresses = Pick<ProfilesService, 'addressOf'>

/** Who may see a show's sales; null where there is no such show. */
export interface ShowOwners {
  ownerOf(showId: ShowId): Promise<{ readonly creatorId: CreatorId; readonly accountId: AccountId } | null>
}
