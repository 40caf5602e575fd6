import type { OfferId, payWin, RequestOf, Win } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Cascade } from './cascade.ts'
import { lastMomentMs } from './limits.ts'
import type { WinCheckouts } from './needs.ts'
import { isOpen, type OfferRow } from './offer.ts'
import type { OfferStore } from './store.pg.ts'
import { fingerprintOf, type Tries } from './tries.ts'

export interface PayingParts {
  readonly database: Database
  readonly store: OfferStore
  readonly checkouts: Pick<WinCheckouts, 'findByOperation' | 'endPayTime' | 'advance'>
  readonly tries: Tries
  readonly look: Cascade['look']
  readonly winById: (offerId: OfferId) => Promise<Win>
  readonly tell: (offerId: OfferId) => void
}

type Request = RequestOf<typeof payWin>

/** How a bidder mends a payment that failed: with another card, or with the same one again. */
export function createPaying(parts: PayingParts) {
  const { database, store, checkouts, tries, look, winById, tell } = parts

  const own = async (account: AccountActor, offerId: OfferId): Promise<OfferRow> => {
    const offer = await store.find(offerId)
    if (offer?.accountId !== account.accountId) throw new Refusal('offer.not_found')
    return offer
  }

  /** The bank's step of the try before is given up for another card; money that it may hold is let go first. */
  const giveUpStep = async (offer: OfferRow): Promise<void> => {
    const { checkoutId } = offer
    if (checkoutId === null) return
    await database.transaction(async (tx) => {
      const now = await store.lock(tx, offer.offerId)
      if (now?.checkoutId === checkoutId) await checkouts.endPayTime(tx, checkoutId, now.nowMs)
    })
    await checkouts.advance(checkoutId)
    await look(offer.offerId)
  }

  const begin = async (account: AccountActor, { offerId, cardId, operationId }: Request): Promise<void> => {
    await own(account, offerId)
    await look(offerId)
    let offer = await own(account, offerId)
    const ready = isOpen(offer.state) ? await tries.prepare(offer, cardId) : null
    if (offer.state === 'needs_action') {
      await giveUpStep(offer)
      offer = await own(account, offerId)
    }
    await database.transaction(async (tx) => {
      const now = await store.lock(tx, offerId)
      if (!now || !ready || !isOpen(now.state)) throw new Refusal('offer.over')
      if (now.state !== 'payment_failed') throw new Refusal('offer.in_payment', { retryAfterMs: 1_000 })
      if (now.isLate) throw new Refusal('offer.over')
      const payBeforeMs = Math.max(now.payBeforeMs ?? 0, now.nowMs + lastMomentMs)
      await tries.start(tx, now, ready, { operationId, payBeforeMs })
      tx.afterCommit(() => tell(offerId))
    })
  }

  /**
   * Pays an offer with a saved card, while the time to do so runs; a payment begun in time counts to its end.
   * Repeats: the same operation id gives the same try. Refuses: offer.not_found, offer.over, offer.in_payment,
   * card.not_found, checkout.address_missing, checkout.cannot_ship, idempotency.key_reused.
   */
  return async (account: AccountActor, request: Request): Promise<Win> => {
    const { offerId, cardId, operationId } = request
    const isRepeat = async (): Promise<boolean> => {
      const earlier = await checkouts.findByOperation(account.accountId, operationId)
      if (earlier && !earlier.fingerprint.equals(fingerprintOf(offerId, cardId)))
        throw new Refusal('idempotency.key_reused')
      return earlier !== null
    }
    if (await isRepeat()) return await winById(offerId)
    try {
      await begin(account, request)
    } catch (error) {
      if (!(await isRepeat())) throw error
    }
    return await winById(offerId)
  }
}
