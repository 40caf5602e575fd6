import { batchedOrAlone } from '#infra/postgres/batched'
import type { Database, Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import { between } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import type { Claims } from './claims.ts'
import { batchLimits, jobGraceMs, payWithinMs } from './limits.ts'
import type { Coupons } from './needs.ts'
import { insertAll, type NewCheckout, type Started } from './start-store.pg.ts'

export interface StartingParts {
  readonly database: Database
  readonly claims: Pick<Claims, 'claim' | 'claimTogether'>
  readonly coupons: Pick<Coupons, 'redeem'>
  readonly log: Log
}

/**
 * Writes a checkout with all that belongs to it and claims its units, in one transaction. Single units of flash sales,
 * which everybody wants at the same moment, share one; where anything stands in the way of one of them, each is tried
 * alone and gets its own answer. Claims come last: what is claimed stays locked until the commit. A coupon is redeemed
 * after them, in the order in which failing gives them back; a checkout that has one goes alone.
 */
export function createStarting({ database, claims, coupons, log }: StartingParts) {
  const times = { payWithinMs, lookInMs: jobGraceMs }
  const record = (all: readonly NewCheckout[]): Promise<Started[]> =>
    between('checkout.start.writing', 'checkout.start.written', () => database.transaction((tx) => write(tx, all)))

  const write = async (tx: Transaction, all: readonly NewCheckout[]): Promise<Started[]> => {
    const [only] = all as [NewCheckout, ...NewCheckout[]]
    // Sent one behind the other, without waiting in between; the claim fails when what comes before it has failed.
    const written = insertAll(tx, all, times)
    const claimed = all.length === 1 ? claims.claim(tx, only.order, only.hold) : claims.claimTogether(tx, all)
    const [started] = await Promise.all([written, claimed])
    const { couponId, accountId, checkoutId } = only.order
    if (couponId) await coupons.redeem(tx, { couponId, accountId, checkoutId })
    const byId = new Map(started.map((one) => [one.checkoutId, one]))
    return all.map(({ order }) => {
      const one = byId.get(order.checkoutId)
      assertThat(one, 'a checkout that was written is answered')
      return one
    })
  }

  const together = batchedOrAlone(record, {
    ...batchLimits,
    onApart: (error, checkouts) => log.debug({ err: error, checkouts }, 'checkouts could not be started together'),
  })

  return async (one: NewCheckout): Promise<Started> => {
    if (one.hold && one.order.units === 1 && !one.order.couponId) return await together(one)
    const [started] = await record([one])
    return started as Started
  }
}
