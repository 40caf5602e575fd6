import type { HoldId } from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import { assertThat, Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { FlashSaleHolds, StockClaims } from './needs.ts'
import type { NewOrder } from './order.ts'
import type { NewCheckout } from './start-store.pg.ts'
import type { Turn } from './store.pg.ts'

type Claimed = Pick<Turn, 'checkoutId' | 'auctionId' | 'accountId' | 'variantId' | 'units' | 'flashSaleId' | 'holdId'>

/** A won unit is claimed for its auction, from the hammer until somebody has paid for it. */
const referenceOf = ({ checkoutId, auctionId }: { readonly checkoutId: string; readonly auctionId?: string | null }) =>
  auctionId ? `auction:${auctionId}` : `checkout:${checkoutId}`

/** The units of a checkout, wherever they come from: a hold of a flash sale, or the stock at the list price. */
export function createClaims(parts: {
  readonly flashSales: FlashSaleHolds
  readonly inventory: StockClaims
  readonly log: Log
}) {
  const { flashSales, inventory, log } = parts

  const tellGate = (tx: Transaction, one: Claimed, how: 'settled' | 'released'): void => {
    const { holdId, flashSaleId, accountId, units } = one
    if (holdId && flashSaleId)
      tx.afterCommit(() => void flashSales.syncHold({ holdId, flashSaleId, accountId, units, how }))
  }

  return {
    /** Refuses: hold.expired, checkout.out_of_stock. */
    claim: async (tx: Transaction, order: NewOrder, hold: NewCheckout['hold']): Promise<void> => {
      const { accountId, checkoutId, units, variantId } = order
      if (hold === null) {
        const isClaimed = await inventory.claimStock(tx, { variantId, units, reference: referenceOf(order) })
        if (!isClaimed) throw new Refusal('checkout.out_of_stock')
        return
      }
      const answer = await flashSales.claimHold(tx, { ...hold, accountId, units, checkoutId })
      if (answer === 'expired') throw new Refusal('hold.expired')
      if (answer !== 'claimed') throw new Refusal('checkout.out_of_stock', { reason: answer })
    },
    /** Claims single units of flash sales. Fails, without saying why, unless every one of them can be claimed. */
    claimTogether: async (tx: Transaction, all: readonly Pick<NewCheckout, 'order' | 'hold'>[]): Promise<void> => {
      const wanted = all.flatMap(({ order, hold }) => {
        const { accountId, checkoutId, units } = order
        return hold ? [{ ...hold, accountId, checkoutId, units }] : []
      })
      assertThat(wanted.length === all.length, 'what is claimed together is held')
      if (!(await flashSales.claimSingles(tx, wanted))) throw new Refusal('checkout.out_of_stock')
    },
    /**
     * Money has moved, so the orders are paid whatever happens here; units that are gone are an alarm. Rows are locked in
     * one order, holds before stock, so that nobody waits in a ring.
     */
    settle: async (tx: Transaction, all: readonly Claimed[]): Promise<void> => {
      const holds = new Map(all.flatMap((one) => (one.holdId ? [[one.holdId, one] as const] : [])))
      const settled = holds.size > 0 ? await flashSales.settleHolds(tx, [...holds.keys()]) : new Set<HoldId>()
      for (const [holdId, one] of holds) {
        if (settled.has(holdId)) tellGate(tx, one, 'settled')
        else log.error({ checkoutId: one.checkoutId, holdId }, 'a paid checkout had no claim on its hold any more')
      }
      const ofStock = all.filter((one) => !one.holdId)
      for (const one of ofStock.sort((one, other) => (one.variantId < other.variantId ? -1 : 1)))
        await inventory.settleStock(tx, referenceOf(one))
    },
    release: async (tx: Transaction, one: Claimed): Promise<void> => {
      const { checkoutId, auctionId, holdId } = one
      // The next bidder may pay for it; whoever settles the auction gives it back.
      if (auctionId) return
      if (!holdId) return await inventory.releaseStock(tx, referenceOf(one))
      if (await flashSales.releaseClaim(tx, holdId)) tellGate(tx, one, 'released')
      else log.warn({ checkoutId, holdId }, 'a failed checkout had no claim on its hold any more')
    },
  }
}

export type Claims = ReturnType<typeof createClaims>
