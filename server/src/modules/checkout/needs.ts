import type {
  AccountId,
  Address,
  CreatorId,
  FlashSaleId,
  HoldId,
  Money,
  ProductId,
  ShowId,
  VariantId,
} from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'

/** What a hold is for, as the flash sale tells it. */
export interface HeldGoods {
  readonly variantId: VariantId
  readonly productId: ProductId
  readonly showId: ShowId
  readonly units: number
  readonly unitPrice: Money
  readonly expiresAtMs: number
}

interface HoldName {
  readonly accountId: AccountId
  readonly flashSaleId: FlashSaleId
  readonly holdId: HoldId
}

/** What checkout asks of flash sales. */
export interface FlashSaleHolds {
  /** Refuses: hold.not_found, flash_sale.gate_closed. */
  peekHold(hold: HoldName): Promise<HeldGoods>
  /** Gives the hold its time for payment. Refuses: hold.not_found, hold.expired, flash_sale.gate_closed. */
  beginPayment(hold: HoldName): Promise<HeldGoods>
  claimHold(
    tx: Transaction,
    claim: HoldName & { readonly units: number; readonly checkoutId: string },
  ): Promise<'claimed' | 'expired' | 'sold_out' | 'limit_reached'>
  settleHold(tx: Transaction, holdId: HoldId): Promise<void>
  releaseClaim(tx: Transaction, holdId: HoldId): Promise<void>
  /** Best effort, after the commit: brings the gate up to what Postgres says. */
  syncHold(holdId: HoldId): Promise<void>
}

/** What checkout asks of the stock. */
export interface StockClaims {
  claimStock(tx: Transaction, claim: { variantId: VariantId; units: number; reference: string }): Promise<boolean>
  releaseStock(tx: Transaction, reference: string): Promise<void>
  settleStock(tx: Transaction, reference: string): Promise<void>
}

/** Who may see a show's sales; null where there is no such show. */
export interface ShowOwners {
  ownerOf(showId: ShowId): Promise<{ readonly creatorId: CreatorId; readonly accountId: AccountId } | null>
}

export interface SavedAddresses {
  addressOf(accountId: AccountId): Promise<Address | null>
}
