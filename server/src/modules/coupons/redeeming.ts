import type { AccountId, CheckoutId, CouponId } from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { discountOf, discountTermsOf, type Mismatch, mismatchOf, type Purchase } from './coupon.ts'
import { createGuesses } from './guesses.ts'
import type { CouponShows } from './needs.ts'
import { couponStore } from './store.pg.ts'

/** A coupon on a purchase: what it takes off its items. */
export interface AppliedCoupon {
  readonly couponId: CouponId
  readonly discountMinor: number
}

/** Coupons as checkout uses them. The verbs with a transaction join the one that writes or fails the order. */
export function createRedeeming({ database, shows }: { readonly database: Database; readonly shows: CouponShows }) {
  const guesses = createGuesses()
  return {
    /**
     * What the code takes off this purchase; nothing is taken yet, so that a redemption may still be refused.
     * `accountId` is null for guests, who are told the price. Refuses, the first that applies: coupon.not_found,
     * coupon.not_for_this, coupon.ended, coupon.below_minimum, coupon.used_by_you, coupon.used_up; before all of them
     * request.rate_limited for an account that has asked for many codes in vain.
     */
    applied: async (code: string, purchase: Purchase, accountId: AccountId | null): Promise<AppliedCoupon> => {
      const { showId, items } = purchase
      if (showId === null) throw notForThis('outside-show')
      const retryAfterMs = accountId ? guesses.waitMs(accountId) : 0
      if (retryAfterMs > 0) throw new Refusal('request.rate_limited', { retryAfterMs })
      const [show, shelf] = await Promise.all([shows.byId(showId), shows.shelf(showId)])
      const one = show && (await couponStore.byCode(database, show.creatorId, code, accountId))
      if (!one && accountId) guesses.missed(accountId)
      if (!one) throw new Refusal('coupon.not_found')
      const mismatch = mismatchOf(one, purchase, shelf)
      if (mismatch) throw notForThis(mismatch)
      if (one.isOver) throw new Refusal('coupon.ended')
      const { minimumItemsMinor, currency, couponId } = one
      const minimum = { amountMinor: minimumItemsMinor, currency }
      if (items.amountMinor < minimumItemsMinor) throw new Refusal('coupon.below_minimum', { minimum })
      if (one.isUsedByCaller) throw new Refusal('coupon.used_by_you')
      if (one.redemptionCount >= one.redemptionsMax) throw new Refusal('coupon.used_up')
      const discountMinor = discountOf(discountTermsOf(one), items.amountMinor)
      // Of items that cost one minor unit nothing can be taken.
      if (discountMinor === 0) throw new Refusal('coupon.below_minimum', { minimum: { amountMinor: 2, currency } })
      return { couponId, discountMinor }
    },

    /** Takes one redemption for good, unless it is given back. Refuses: coupon.used_by_you, coupon.ended, coupon.used_up. */
    redeem: async (
      tx: Transaction,
      of: { readonly couponId: CouponId; readonly accountId: AccountId; readonly checkoutId: CheckoutId },
    ): Promise<void> => {
      const answer = await couponStore.redeem(tx, of.couponId, of.accountId, of.checkoutId)
      if (answer === 'used-by-account') throw new Refusal('coupon.used_by_you')
      if (answer === 'redeemed') return
      const one = await couponStore.byId(tx, of.couponId)
      throw new Refusal(one?.isOver ? 'coupon.ended' : 'coupon.used_up')
    },

    /** The checkout failed: account and counter are as they were. Repeats: nothing more is given back. */
    giveBack: (tx: Transaction, checkoutId: string): Promise<void> => couponStore.giveBack(tx, checkoutId),
  }
}

export type CouponRedeeming = ReturnType<typeof createRedeeming>

const notForThis = (reason: Mismatch) => new Refusal('coupon.not_for_this', { reason })
