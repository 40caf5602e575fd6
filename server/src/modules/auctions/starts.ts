import type { Auction, AuctionId, LotId, RequestOf, startAuction } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import { type AuctionRecord, headOf, incrementsOf, unitReferenceOf } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { firstHash } from './chain.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { lotStore } from './lot-store.pg.ts'
import { tellLots } from './lots.ts'
import type { AuctionInventory, AuctionShows } from './needs.ts'
import type { AuctionViews } from './views.ts'

export interface StartParts {
  readonly database: Database
  readonly keeper: GateKeeper
  readonly views: AuctionViews
  readonly shows: AuctionShows
  readonly inventory: AuctionInventory
  /** So many lots of one show run beside each other. */
  readonly lotsAtOnceMax: number
  /** The clock of this process looks at the new auction at once. */
  readonly onStarted: (auction: AuctionRecord) => void
  readonly log: Log
}

/** Runs lots: Postgres first, then the gate, which Redis' clock starts. */
export function createStarts(parts: StartParts) {
  const { database, keeper, views, shows, inventory, lotsAtOnceMax, log } = parts

  const write = async (lotId: LotId, actor: Actor, request: RequestOf<typeof startAuction>): Promise<void> => {
    const { creatorId } = creatorOf(actor)
    const known = await lotStore.byId(database, lotId)
    if (known?.creatorId !== creatorId) throw new Refusal('lot.not_found')
    await database.transaction(async (tx) => {
      const show = await shows.lock(tx, known.showId)
      // A second request with this operation id waited for the show: there is nothing left to do.
      if (await auctionStore.byOperation(tx, creatorId, request.operationId)) return
      if (show?.state !== 'live') throw new Refusal('show.not_live')
      const lot = await lotStore.lock(tx, lotId)
      if (!lot) throw new Refusal('lot.not_found')
      if (lot.state !== 'prepared' && lot.state !== 'unsold') throw new Refusal('lot.wrong_state', { state: lot.state })
      const runningLots = (await auctionStore.runningOfShow(tx, lot.showId)).length
      if (runningLots >= lotsAtOnceMax) throw new Refusal('lot.too_many_running', { lotsAtOnceMax })
      const { showId, brandId, productId, variantId, title, pictureUrl, currency, startPriceMinor, terms } = lot
      const auctionId = newId<AuctionId>()
      if (lot.unitReference !== null) await inventory.releaseStock(tx, lot.unitReference)
      const unit = { variantId, units: 1, reference: unitReferenceOf(auctionId) }
      if (!(await inventory.claimStock(tx, unit))) throw new Refusal('checkout.out_of_stock')
      const goods = { brandId, productId, variantId, title, pictureUrl, currency, startPriceMinor }
      const auction: AuctionRecord = {
        auctionId,
        lotId,
        showId,
        creatorId,
        lotNumber: lot.number,
        ...goods,
        terms,
        increments: incrementsOf(terms, currency),
        operationId: request.operationId,
        closedAtMs: null,
      }
      await auctionStore.insert(tx, auction, firstHash(headOf(auction)))
      await lotStore.setRun(tx, lotId, { state: 'running', auctionId, unitReference: lot.unitReference })
      await tellLots(tx, showId, [{ ...lot, state: 'running', auctionId, preBidCount: 0 }])
    })
  }

  return {
    /**
     * Runs a lot of a live show of the caller. Refuses: lot.not_found, lot.wrong_state, lot.too_many_running,
     * show.not_live, checkout.out_of_stock, idempotency.key_reused; auction.gate_closed: it will start as soon as Redis answers.
     * Repeats: the same operation id gives the same auction.
     */
    start: async (request: RequestOf<typeof startAuction>, actor: Actor): Promise<Auction> => {
      const { creatorId } = creatorOf(actor)
      const stored = () => auctionStore.byOperation(database, creatorId, request.operationId)
      const before = await stored()
      if (!before) await write(request.lotId, actor, request)
      const auction = before ?? (await stored())
      assertThat(auction, 'an auction that was inserted, or was there before, is there')
      if (auction.lotId !== request.lotId) throw new Refusal('idempotency.key_reused')
      const { auctionId } = auction
      parts.onStarted(auction)
      try {
        await keeper.restore(auctionId)
        const started = await views.ofRecord(auction, actor)
        if (started) return started
      } catch (error) {
        log.warn({ err: error, auctionId }, 'an auction was not opened at once; its clock will open it')
      }
      throw new Refusal('auction.gate_closed', { retryAfterMs: 1_000 })
    },
  }
}

export type Starts = ReturnType<typeof createStarts>
