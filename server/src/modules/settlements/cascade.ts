import {
  type AuctionId,
  auctionSettled,
  type OfferFailure,
  type OfferId,
  settlementLimits,
} from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import { between } from '#kernel/failpoints'
import { newId } from '#kernel/ids'
import { writeShowEvent } from '#modules/live'
import type { AuctionRecords } from './auction-records.pg.ts'
import { lastMomentMs, ownFaultsMax, stepsMax } from './limits.ts'
import type { SettledAuctions, WinCheckouts, WonAuction } from './needs.ts'
import { type Bidder, isOpen, nextBidder, type OfferRow, type Step, stepOf } from './offer.ts'
import type { NewOffer, OfferStore } from './store.pg.ts'
import type { Ready, Tries } from './tries.ts'

export interface CascadeParts {
  readonly database: Database
  readonly store: OfferStore
  readonly records: AuctionRecords
  readonly auctions: SettledAuctions
  readonly checkouts: Pick<WinCheckouts, 'standings' | 'endPayTime'>
  readonly tries: Tries
  /** The bidder is told how the offer stands. */
  readonly tell: (offerId: OfferId) => void
}

interface Next {
  readonly offer: NewOffer
  readonly ready: Ready | OfferFailure
}

/**
 * A won lot goes down the list of its bidders until one has paid. Every change of an offer is made under its row's
 * lock, after looking again whether it still stands as it was when the change was decided; so any number of processes
 * may come to the same decision, and one of them carries it out. Locks are taken in one order: offer, bundle, show, stock.
 */
export function createCascade(parts: CascadeParts) {
  const { database, store, records, auctions, checkouts, tries, tell } = parts

  const prepared = async (
    won: WonAuction,
    { accountId, amountMinor }: Pick<Bidder, 'accountId' | 'amountMinor'>,
    depth: number,
  ): Promise<Next> => {
    const { auctionId, showId, currency, lotNumber, title, pictureUrl } = won
    const cardId = await records.cardOf(showId, accountId)
    const what = { auctionId, showId, currency, lotNumber, title, pictureUrl }
    const offer = { offerId: newId<OfferId>(), ...what, accountId, amountMinor, depth, cardId }
    return { offer, ready: await tries.prepareOrFail(offer, cardId) }
  }

  const open = async (tx: Transaction, { offer, ready }: Next): Promise<boolean> => {
    if (!(await store.insert(tx, offer))) return false
    if (typeof ready === 'string') await store.setFailed(tx, offer, ready)
    else await tries.start(tx, offer, ready, { payBeforeMs: null })
    return true
  }

  /** Runs `change` on the offer if it still stands as `seen`. False where somebody else was first. */
  const changed = (seen: OfferRow, change: (tx: Transaction, now: OfferRow) => Promise<void>): Promise<boolean> =>
    between('settlements.offer.changing', 'settlements.offer.changed', () =>
      database.transaction(async (tx) => {
        const now = await store.lock(tx, seen.offerId)
        if (!now || now.state !== seen.state || now.checkoutId !== seen.checkoutId) return false
        await change(tx, now)
        tx.afterCommit(() => tell(seen.offerId))
        return true
      }),
    )

  const settled = (
    tx: Transaction,
    { auctionId, showId, depth }: OfferRow,
    outcome: 'paid' | 'passed_on' | 'not_sold',
  ) => writeShowEvent(tx, showId, auctionSettled, { auctionId, outcome, depth })

  /** The best bidder that was not asked yet, while the list is not at its end. */
  const nextAfter = async ({ auctionId, depth }: OfferRow): Promise<Next | null> => {
    if (depth >= settlementLimits.depthMax) return null
    const [won, bidders, before] = await Promise.all([
      records.won(auctionId),
      records.bidders(auctionId),
      store.listOfAuction(auctionId),
    ])
    const asked = new Set(before.map((one) => one.accountId))
    const next = won && nextBidder(bidders, asked, won.reserveMinor)
    return won && next ? await prepared(won, next, depth + 1) : null
  }

  const end = async (offer: OfferRow, as: 'passed_on' | 'void'): Promise<boolean> => {
    const next = await nextAfter(offer)
    return await changed(offer, async (tx) => {
      await store.setEnded(tx, offer.offerId, as)
      if (as === 'passed_on') await auctions.recordNonPayment(tx, offer.accountId, offer.auctionId)
      if (next) {
        assertThat(await open(tx, next), 'a lot is offered to the next by whoever ended the offer before')
        const { auctionId, showId, accountId, amountMinor } = next.offer
        await auctions.recordTakeover(tx, showId, { auctionId, accountId, amountMinor })
        await settled(tx, offer, 'passed_on')
        tx.afterCommit(() => tell(next.offer.offerId))
        return
      }
      await settled(tx, offer, 'not_sold')
      await auctions.giveBack(tx, offer.auctionId)
    })
  }

  const tryAgain = async (offer: OfferRow): Promise<boolean> => {
    const ready = await tries.prepareOrFail(offer, offer.cardId)
    return await changed(offer, async (tx) => {
      if (typeof ready === 'string') await store.setFailed(tx, offer, ready)
      else await tries.start(tx, offer, ready, { payBeforeMs: null })
    })
  }

  const carryOut = (offer: OfferRow, step: Exclude<Step, { kind: 'none' }>): Promise<boolean> => {
    const { offerId, checkoutId } = offer
    switch (step.kind) {
      case 'paid':
        return changed(offer, async (tx) => {
          await store.setEnded(tx, offerId, 'paid')
          await settled(tx, offer, 'paid')
        })
      case 'follow':
        return changed(offer, async (tx) => {
          if (step.state === 'charging') return await store.setCharging(tx, offerId)
          const payBeforeMs = await store.setNeedsAction(tx, offer, lastMomentMs)
          if (checkoutId) await checkouts.endPayTime(tx, checkoutId, payBeforeMs)
        })
      case 'fail':
        return changed(offer, (tx) =>
          step.fault === 'ours'
            ? store.setFailedByUs(tx, offer, step.failure, ownFaultsMax)
            : store.setFailed(tx, offer, step.failure),
        )
      case 'try-again':
        return tryAgain(offer)
      case 'end':
        return end(offer, step.as)
    }
  }

  return {
    /** Offers a won lot to its winner. Repeats: nothing happens; also for a lot that was not sold. */
    begin: async (auctionId: AuctionId): Promise<void> => {
      const [won, before] = await Promise.all([records.won(auctionId), store.listOfAuction(auctionId)])
      if (!won || before.length > 0) return
      const first = await prepared(won, { accountId: won.winnerAccountId, amountMinor: won.hammerMinor }, 0)
      const isFirst = await between('settlements.offer.beginning', 'settlements.offer.begun', () =>
        database.transaction((tx) => open(tx, first)),
      )
      if (isFirst) tell(first.offer.offerId)
    },

    /** Moves an offer on as far as its checkout and the clock allow. Safe beside itself. */
    look: async (offerId: OfferId): Promise<void> => {
      for (let steps = 0; steps < stepsMax; steps += 1) {
        const offer = await store.find(offerId)
        if (!offer || !isOpen(offer.state)) return
        const { checkoutId } = offer
        const standing = checkoutId ? ((await checkouts.standings([checkoutId])).get(checkoutId) ?? null) : null
        const step = stepOf(offer, standing)
        if (step.kind === 'none') return
        await carryOut(offer, step)
      }
    },
  }
}

export type Cascade = ReturnType<typeof createCascade>
