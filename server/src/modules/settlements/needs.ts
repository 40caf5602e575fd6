import type {
  AccountId,
  Address,
  AuctionId,
  BidTerms,
  CardId,
  CheckoutId,
  Currency,
  OperationId,
  ShowId,
  VariantId,
} from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import type { CatalogService, VariantRecord } from '#modules/catalog'
import type { CardOnFile, PaymentsService } from '#modules/payments'
import type { ProfilesService } from '#modules/profiles'
import type { TryStanding } from './offer.ts'

export type Goods = Pick<CatalogService, 'variant'>
export type Cards = Pick<PaymentsService, 'cardOnFile'>
export type Holds = Pick<PaymentsService, 'cardOnFile' | 'authorise' | 'release'>
export type People = Pick<ProfilesService, 'accountById'>

/** Somebody's address, and the parcel of what they won in a show before. */
export interface WinBuyer {
  readonly accountId: AccountId
  readonly address: Address
}

export interface NewWin {
  readonly auctionId: AuctionId
  readonly showId: ShowId
  readonly buyer: WinBuyer & { readonly displayName: string }
  readonly variant: VariantRecord
  readonly unitPrice: { readonly amountMinor: number; readonly currency: Currency }
  readonly card: CardOnFile
  readonly operationId: OperationId
  readonly fingerprint: Buffer
  /** Null: as long as any checkout has. */
  readonly payBeforeMs: number | null
}

/** What settlements ask of checkout. Nobody else may start a checkout for a won lot. */
export interface WinCheckouts {
  /**
   * What a win costs besides the hammer; with a buyer, after what the buyer won in the show before.
   * Refuses: checkout.cannot_ship.
   */
  terms(of: {
    readonly variant: VariantRecord
    readonly currency: Currency
    readonly showId: ShowId
    readonly buyer: WinBuyer | null
    readonly country: string | null
  }): Promise<BidTerms>
  /**
   * Writes order, checkout and job; the units stay claimed for the auction. Joins the transaction, whose last lock is
   * the buyer's bundle. Refuses: checkout.cannot_ship, idempotency.key_reused.
   */
  start(tx: Transaction, win: NewWin): Promise<{ readonly checkoutId: CheckoutId }>
  standings(checkoutIds: readonly CheckoutId[]): Promise<ReadonlyMap<CheckoutId, TryStanding>>
  findByOperation(
    accountId: AccountId,
    operationId: OperationId,
  ): Promise<{ readonly checkoutId: CheckoutId; readonly fingerprint: Buffer } | null>
  /** Money is not taken after this moment any more. */
  endPayTime(tx: Transaction, checkoutId: CheckoutId, atMs: number): Promise<void>
  advance(checkoutId: CheckoutId): Promise<void>
  /** Called, in the process that moved it, after the checkout of a won lot has moved. */
  onMoved(listener: (checkoutId: CheckoutId) => void): void
}

export interface WonAuction {
  readonly auctionId: AuctionId
  readonly showId: ShowId
  readonly lotNumber: number
  readonly title: string
  readonly pictureUrl: string
  readonly variantId: VariantId
  readonly currency: Currency
  readonly winnerAccountId: AccountId
  readonly hammerMinor: number
  readonly reserveMinor: number | null
}

/** What settlements ask of auctions. */
export interface SettledAuctions {
  /** A win that was not paid in time counts against its bidder. Repeats: counts once. */
  recordNonPayment(tx: Transaction, accountId: AccountId, auctionId: AuctionId): Promise<void>
  /** The lot went on to a runner-up; it counts to the own limit. Repeats: counts once. */
  recordTakeover(
    tx: Transaction,
    showId: ShowId,
    takeover: { readonly auctionId: AuctionId; readonly accountId: AccountId; readonly amountMinor: number },
  ): Promise<void>
  /** Nobody paid: the unit may be sold again and the lot be run again. Repeats: nothing moves. */
  giveBack(tx: Transaction, auctionId: AuctionId): Promise<void>
}

/** What a bidder's deposit is asked for. */
export interface DepositWish {
  readonly showId: ShowId
  readonly accountId: AccountId
  readonly cardId: CardId
  readonly limitMinor?: number | null
}
