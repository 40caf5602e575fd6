import type { FlashSaleId, VariantId } from '@livelot/client/contracts'
import type { Queryable, Transaction } from '#infra/postgres/pool'
import { type Claim, loanReference } from './stock.ts'
import { stockStore } from './store.pg.ts'

/** Verbs join the caller's transaction: stock moves exactly if the order, the sale or the delivery is written. */
export interface Inventory {
  /**
   * Takes units out of what may be sold, for an order that is not paid yet. False where there are not enough; then
   * nothing has moved. Atomic: one statement. Repeats: true, nothing moves.
   */
  claimStock(tx: Transaction, claim: Claim): Promise<boolean>
  /** Gives a claim's units back. Repeats, and after the claim has ended: nothing moves. */
  releaseStock(tx: Transaction, reference: string): Promise<void>
  /** A claim's units were paid for. Repeats, and after the claim has ended: nothing moves. */
  settleStock(tx: Transaction, reference: string): Promise<void>
  /** Lends units to a flash sale. False where there are not enough. Repeats: true, nothing moves. */
  allocateToSale(
    tx: Transaction,
    loan: { readonly flashSaleId: FlashSaleId; readonly variantId: VariantId; readonly units: number },
  ): Promise<boolean>
  /** Ends a flash sale's loan: what was sold is sold, the rest may be sold again. Repeats: nothing moves. */
  returnFromSale(
    tx: Transaction,
    loan: { readonly flashSaleId: FlashSaleId; readonly soldUnits: number },
  ): Promise<void>
  /** Units came in. Repeats by reference: nothing moves. */
  receive(tx: Transaction, delivery: Claim): Promise<void>
  /** Units that may be sold now; a variant without stock is left out. */
  availableUnits(variantIds: readonly VariantId[]): Promise<ReadonlyMap<VariantId, number>>
}

export function createInventory(parts: { readonly database: Queryable }): Inventory {
  return {
    claimStock: (tx, claim) => stockStore.claim(tx, claim),
    releaseStock: async (tx, reference) => {
      await stockStore.release(tx, reference)
    },
    settleStock: async (tx, reference) => {
      await stockStore.settle(tx, reference)
    },
    allocateToSale: (tx, { flashSaleId, variantId, units }) =>
      stockStore.lend(tx, { variantId, units, reference: loanReference(flashSaleId) }),
    returnFromSale: async (tx, { flashSaleId, soldUnits }) => {
      await stockStore.returnLoan(tx, loanReference(flashSaleId), soldUnits)
    },
    receive: async (tx, delivery) => {
      await stockStore.receive(tx, delivery)
    },
    availableUnits: async (variantIds) => {
      if (variantIds.length === 0) return new Map()
      const rows = await stockStore.available(parts.database, variantIds)
      return new Map(rows.map((row) => [row.variantId, row.available]))
    },
  }
}
