import type { CreatorId, ProductId, ShowId, ShowState } from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'

interface KnownShow {
  readonly creatorId: CreatorId
  readonly state: ShowState
}

/** What coupons need of shows. */
export interface CouponShows {
  byId(showId: ShowId): Promise<KnownShow | null>
  shelf(showId: ShowId): Promise<readonly ProductId[]>
  /** The show, its row locked until the transaction ends; null where there is none. */
  lock(tx: Transaction, showId: ShowId): Promise<KnownShow | null>
}
