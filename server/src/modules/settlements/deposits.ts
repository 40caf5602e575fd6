import type { Currency, Money, ShowId } from '@livelot/client/contracts'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import { money } from '#kernel/money'
import type { PaymentOutcome } from '#modules/payments'
import type { DepositRow, DepositStore } from './deposit-store.pg.ts'
import { depositAbandonedMs, depositAfterShowMs, depositDaysMax, depositMinorMax, depositsMax } from './limits.ts'
import type { DepositWish, Holds } from './needs.ts'
import type { OfferStore } from './store.pg.ts'

export interface DepositsParts {
  readonly deposits: DepositStore
  readonly offers: Pick<OfferStore, 'isOwing'>
  readonly payments: Holds
  readonly currencyOf: (showId: ShowId) => Promise<Currency>
  /** How long ago a show ended; null where it has not. */
  readonly endedAgoMs: (showId: ShowId) => Promise<number | null>
  readonly log: Log
}

/**
 * Deposits of bidders who left wins unpaid: an amount held on the card while the show goes on, never taken. The wish is
 * stored before the bank is asked, under the key that whoever finds it later asks with, too.
 */
export function createDeposits(parts: DepositsParts) {
  const { deposits, offers, payments, log } = parts

  const attemptOf = ({ depositId, customerRef, paymentMethodRef, amountMinor, currency, askedAtMs }: DepositRow) => ({
    checkoutId: depositId,
    orderId: depositId,
    customerRef,
    paymentMethodRef,
    amount: money(amountMinor, currency),
    attemptedAtMs: askedAtMs,
  })

  const amountOf = (limitMinor: DepositWish['limitMinor'], currency: Currency): number =>
    Math.min(limitMinor ?? depositMinorMax[currency], depositMinorMax[currency])

  const wished = async (wish: DepositWish): Promise<DepositRow | null> => {
    const { accountId, showId, cardId, limitMinor } = wish
    const [card, currency] = await Promise.all([payments.cardOnFile(accountId, cardId), parts.currencyOf(showId)])
    const amountMinor = amountOf(limitMinor, currency)
    const { customerRef, paymentMethodRef } = card
    const what = { accountId, showId, cardId, customerRef, paymentMethodRef, amountMinor, currency }
    return await deposits.insert({ depositId: newId(), ...what })
  }

  /** Refuses: bid.not_eligible, payment.unavailable. */
  const settle = async (one: DepositRow, outcome: PaymentOutcome): Promise<Money> => {
    const { depositId, amountMinor, currency } = one
    const notEligible = (details: object) => new Refusal('bid.not_eligible', { reason: 'deposit_required', ...details })
    switch (outcome.kind) {
      case 'authorised':
        if (!(await deposits.move(depositId, ['asked', 'needs_action', 'held'], 'held'))) {
          // It was given up on another device, perhaps before the bank had heard of it.
          await payments.release(depositId)
          throw new Refusal('payment.unavailable')
        }
        return money(amountMinor, currency)
      case 'needs-action':
        await deposits.move(depositId, ['asked', 'needs_action'], 'needs_action')
        throw notEligible({ actionUrl: outcome.url })
      case 'declined':
      case 'refused':
        await deposits.move(depositId, ['asked', 'needs_action'], 'refused')
        throw notEligible({ failure: outcome.code })
      case 'canceled':
        await deposits.move(depositId, ['asked', 'needs_action', 'held'], 'released')
        throw new Refusal('payment.unavailable')
      default:
        throw new Refusal('payment.unavailable')
    }
  }

  const release = async (one: DepositRow): Promise<void> => {
    const { depositId } = one
    if (one.state !== 'releasing' && !(await deposits.move(depositId, [one.state], 'releasing'))) return
    const outcome = await payments.release(depositId)
    if (outcome.kind === 'captured') log.error({ depositId }, 'a deposit was taken: give it back by hand')
    if (outcome.kind === 'canceled') await deposits.move(depositId, ['releasing'], 'released')
  }

  const isDue = async (one: DepositRow): Promise<boolean> => {
    if (one.state === 'releasing' || one.ageMs > depositDaysMax * 86_400_000) return true
    if (one.state !== 'held') return one.ageMs > depositAbandonedMs
    const endedAgoMs = await parts.endedAgoMs(one.showId)
    if (endedAgoMs === null || endedAgoMs < depositAfterShowMs) return false
    return !(await offers.isOwing(one.accountId, one.showId))
  }

  return {
    /**
     * Holds the deposit of a bidder for a show, once: the own limit, at most the fixed amount. Where the bank wants a
     * step, the refusal carries its address, and entering again after it looks at the same hold. A higher limit than the
     * one it was held for lets it go for a new one. Repeats: the same deposit. Refuses: card.not_found, payment.unavailable, bid.not_eligible.
     */
    hold: async (wish: DepositWish): Promise<Money> => {
      const { accountId, showId, cardId, limitMinor } = wish
      let one = await deposits.live(accountId, showId)
      const isEnough = one !== null && one.amountMinor >= amountOf(limitMinor, one.currency)
      if (one?.state === 'held' && isEnough) return money(one.amountMinor, one.currency)
      if (one && (one.cardId !== cardId || !isEnough)) {
        // Another card instead of the bank's step, or a higher limit: what the first may hold is let go.
        await release(one)
        one = null
      }
      const isFirst = one === null
      one ??= (await wished(wish)) ?? null
      if (one === null) throw new Refusal('payment.unavailable', { retryAfterMs: 1_000 })
      return await settle(one, await payments.authorise(attemptOf(one), isFirst))
    },

    /** Lets go what is not needed any more: the show is over and nothing is owed. Safe beside itself. */
    sweep: async (): Promise<void> => {
      for (const one of await deposits.takeDue(depositsMax))
        try {
          if (await isDue(one)) await release(one)
        } catch (error) {
          log.warn({ err: error, depositId: one.depositId }, 'a deposit could not be let go; it comes again')
        }
    },
  }
}

export type Deposits = ReturnType<typeof createDeposits>
