import type { Queryable, Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import { type Sale, saleTransaction } from './posting.ts'
import { type Balance, postingValues, postReversal, postTransaction, readBalances } from './store.pg.ts'

export interface Ledger {
  /** Posts a captured sale. Repeats: an order posted before stays as it is. */
  postSale(tx: Transaction, sale: Sale): Promise<'posted' | 'repeated'>
  /** The values of `postingPart` for captured sales, for a statement that posts along with what it records. */
  saleValues(sales: readonly Sale[]): unknown[]
  /** Posts a full refund: the sale's own lines with their signs turned. Repeats: as postSale, by refund. */
  postFullRefund(tx: Transaction, refund: { refundId: string; orderId: string }): Promise<'posted' | 'repeated'>
  /** Balances of all accounts whose code begins so. */
  balances(on: Queryable, accountPrefix: string): Promise<Balance[]>
}

export function createLedger(options: { readonly platformFeeBasisPoints: number }): Ledger {
  return {
    postSale: (tx, sale) => postTransaction(tx, saleTransaction(sale, options.platformFeeBasisPoints)),
    saleValues: (sales) => postingValues(sales.map((sale) => saleTransaction(sale, options.platformFeeBasisPoints))),
    postFullRefund: async (tx, { refundId, orderId }) => {
      const original = { kind: 'sale', reference: orderId }
      const answer = await postReversal(tx, { kind: 'refund', reference: refundId }, original)
      assertThat(answer !== 'no-original', 'only a posted sale can be refunded')
      return answer
    },
    balances: readBalances,
  }
}
