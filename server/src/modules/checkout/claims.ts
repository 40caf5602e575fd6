import type { Transaction } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { FlashSaleHolds, StockClaims } from './needs.ts'
import type { NewOrder } from './order.ts'
import type { NewCheckout, Turn } from './store.pg.ts'

type Claimed = Pick<Turn, 'checkoutId' | 'holdId'>

const referenceOf = (checkoutId: string) => `checkout:${checkoutId}`

/** The units of a checkout, wherever they come from: a hold of a flash sale, or the stock at the list price. */
export function createClaims(parts: {
  readonly flashSales: FlashSaleHolds
  readonly inventory: StockClaims
  readonly log: Log
}) {
  const { flashSales, inventory, log } = parts
  return {
    /** Refuses: hold.expired, checkout.out_of_stock. */
    claim: async (tx: Transaction, order: NewOrder, hold: NewCheckout['hold']): Promise<void> => {
      const { accountId, checkoutId, units, variantId } = order
      if (hold === null) {
        const isClaimed = await inventory.claimStock(tx, { variantId, units, reference: referenceOf(checkoutId) })
        if (!isClaimed) throw new Refusal('checkout.out_of_stock')
        return
      }
      const answer = await flashSales.claimHold(tx, { ...hold, accountId, units, checkoutId })
      if (answer === 'expired') throw new Refusal('hold.expired')
      if (answer !== 'claimed') throw new Refusal('checkout.out_of_stock', { reason: answer })
    },
    /** Money has moved, so the order is paid whatever happens here; units that are gone are an alarm. */
    settle: async ({ checkoutId, holdId }: Claimed, tx: Transaction): Promise<void> => {
      if (!holdId) return await inventory.settleStock(tx, referenceOf(checkoutId))
      if (!(await flashSales.settleHold(tx, holdId)))
        log.error({ checkoutId, holdId }, 'a paid checkout had no claim on its hold any more')
    },
    release: async ({ checkoutId, holdId }: Claimed, tx: Transaction): Promise<void> => {
      if (!holdId) return await inventory.releaseStock(tx, referenceOf(checkoutId))
      if (!(await flashSales.releaseClaim(tx, holdId)))
        log.warn({ checkoutId, holdId }, 'a failed checkout had no claim on its hold any more')
    },
    /** After the commit. A sweep of flash sales repairs what is missed here. */
    tellGate: ({ holdId }: Claimed): void => {
      if (!holdId) return
      flashSales
        .syncHold(holdId)
        .catch((error: unknown) => log.debug({ err: error, holdId }, 'the gate was not told of a hold'))
    },
  }
}

export type Claims = ReturnType<typeof createClaims>
