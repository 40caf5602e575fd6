import type { AccountId, CreatorId, ShowId } from '@livelot/client/contracts'
import type { CouponRedeeming } from '#modules/coupons'
import type { HoldService } from '#modules/flash-sales'
import type { Inventory } from '#modules/inventory'
import type { ProfilesService } from '#modules/profiles'

/** What checkout asks of the modules below it. */
export type FlashSaleHolds = Pick<
  HoldService,
  'peekHold' | 'beginPayment' | 'claimHold' | 'claimSingles' | 'settleHolds' | 'releaseClaim' | 'syncHold'
>
export type StockClaims = Pick<Inventory, 'availableUnits' | 'claimStock' | 'releaseStock' | 'settleStock'>
export type Coupons = Pick<CouponRedeeming, 'applied' | 'redeem' | 'giveBack'>
export type SavedAddresses = Pick<ProfilesService, 'addressOf'>

/** Who may see a show's sales; null where there is no such show. */
export interface ShowOwners {
  ownerOf(showId: ShowId): Promise<{ readonly creatorId: CreatorId; readonly accountId: AccountId } | null>
}

const ownersKnownMax = 10_000

/** A show never changes hands, so its owner is asked for once. */
export function rememberOwners(shows: ShowOwners): ShowOwners {
  const known = new Map<ShowId, Awaited<ReturnType<ShowOwners['ownerOf']>>>()
  return {
    ownerOf: async (showId) => {
      const before = known.get(showId)
      if (before) return before
      const owner = await shows.ownerOf(showId)
      if (known.size >= ownersKnownMax) known.clear()
      if (owner) known.set(showId, owner)
      return owner
    },
  }
}
