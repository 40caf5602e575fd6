import { createHash } from 'node:crypto'
import {
  type CreatorId,
  type createFlashSale,
  type FlashSale,
  type FlashSaleId,
  flashSaleScheduled,
  type ProductId,
  type RequestOf,
  type ShowId,
  type ShowState,
  type VariantId,
} from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import type { VariantRecord } from '#modules/catalog'
import type { Inventory } from '#modules/inventory'
import { writeShowEvent } from '#modules/live'
import { priorPriceOf, type SaleFigures, type SaleRecord, stateAt, timesOf, toFlashSale } from './flash-sale.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { priorPriceDays } from './limits.ts'
import { type NewSale, saleStore } from './store.pg.ts'
import type { Gate } from './store.redis.ts'

/** What flash sales need to know of shows. */
export interface SaleShows {
  /** The show, its row locked until the transaction ends; null where there is none. */
  lock(tx: Transaction, showId: ShowId): Promise<{ readonly creatorId: CreatorId; readonly state: ShowState } | null>
  shelf(tx: Transaction, showId: ShowId): Promise<readonly ProductId[]>
}

/** What flash sales need to know of products. */
export interface SaleCatalog {
  /** Refuses: product.not_found. */
  variant(variantId: VariantId): Promise<VariantRecord>
  lowestPriceOfDays(variantId: VariantId, days: number): Promise<number | null>
}

/** What flash sales need to know of the rooms in which buyers wait for their turn. */
export interface WaitingRooms {
  /** The seed of a new room's draw, and its hash, which is told before anybody can come. */
  draw(): { readonly seed: Buffer; readonly seedCommitment: string }
  open(tx: Transaction, flashSaleId: FlashSaleId, seed: Buffer): Promise<void>
}

export interface SaleServiceParts {
  readonly database: Database
  readonly gate: Gate
  readonly keeper: GateKeeper
  readonly inventory: Inventory
  readonly shows: SaleShows
  readonly catalog: SaleCatalog
  readonly waitingRooms: WaitingRooms
  readonly log: Log
}

type CreateRequest = RequestOf<typeof createFlashSale>

/** Verbs on sales: making, closing, reading. */
export function createSaleService(parts: SaleServiceParts) {
  const { database, gate, keeper, inventory, shows, catalog, waitingRooms, log } = parts

  const figuresOf = async (sale: SaleRecord): Promise<SaleFigures> => {
    const atGate = await gate.figures(sale).catch(() => null)
    if (atGate) return atGate
    const truth = await saleStore.figures(database, sale.flashSaleId)
    const state = stateAt(sale, await saleStore.nowMs(database))
    return { state, remainingUnits: truth.freeUnits - truth.liveUnits, soldUnits: truth.soldUnits }
  }
  const view = async (sale: SaleRecord): Promise<FlashSale> => toFlashSale(sale, await figuresOf(sale))

  const record = async (flashSaleId: FlashSaleId): Promise<SaleRecord> => {
    const sale = await saleStore.byId(database, flashSaleId)
    if (!sale) throw new Refusal('flash_sale.not_found')
    return sale
  }

  const close = async (sale: SaleRecord): Promise<SaleRecord> => {
    await saleStore.closeEarly(database, sale.flashSaleId)
    const closed = await record(sale.flashSaleId)
    try {
      await gate.tick(closed, closed.closesAtMs)
    } catch (error) {
      log.warn({ err: error, flashSaleId: sale.flashSaleId }, 'the gate did not close at once; the clock will close it')
    }
    return closed
  }

  const write = async (request: CreateRequest, creatorId: CreatorId, requestHash: Buffer): Promise<void> => {
    const variant = await catalog.variant(request.variantId)
    const lowestMinor = await catalog.lowestPriceOfDays(request.variantId, priorPriceDays)
    refuseUnless(request.salePriceMinor < variant.priceMinor, 'salePriceMinor', 'must be below the list price')
    await database.transaction(async (tx) => {
      const { showId, totalUnits, variantId } = request
      const show = await shows.lock(tx, showId)
      if (!show || show.creatorId !== creatorId) throw new Refusal('show.not_found')
      if (show.state === 'ended') throw new Refusal('show.wrong_state', { state: show.state })
      const shelf = await shows.shelf(tx, showId)
      if (!shelf.includes(variant.productId)) throw new Refusal('show.product_not_on_shelf')
      const times = timesOf(request, await saleStore.nowMs(tx))
      refuseUnless(times, 'opensAtMs', 'must be at least the shortest countdown and at most seven days ahead')
      const draw = request.waitingRoom ? waitingRooms.draw() : null
      const sale: NewSale = {
        ...times,
        flashSaleId: newId<FlashSaleId>(),
        showId,
        creatorId,
        productId: variant.productId,
        variantId,
        productName: variant.productName,
        variantName: variant.variantName,
        pictureUrl: variant.pictureUrl,
        priceMinor: request.salePriceMinor,
        priorPriceMinor: priorPriceOf(lowestMinor, request.salePriceMinor),
        currency: variant.currency,
        totalUnits,
        perBuyerLimit: request.perBuyerLimit,
        waitingRoomCommitment: draw?.seedCommitment ?? null,
        operationId: request.operationId,
        requestHash,
      }
      if (!(await saleStore.insert(tx, sale))) return
      if (draw) await waitingRooms.open(tx, sale.flashSaleId, draw.seed)
      const loan = { flashSaleId: sale.flashSaleId, variantId, units: totalUnits }
      if (!(await inventory.allocateToSale(tx, loan))) throw new Refusal('flash_sale.not_enough_stock')
      const told = toFlashSale({ ...sale, finishedAtMs: null }, scheduled(totalUnits))
      await writeShowEvent(tx, showId, flashSaleScheduled, { sale: told }, saleField(told))
    })
  }

  return {
    /**
     * Makes a sale in a show of the caller: borrows its units from the stock, announces it and makes its gate.
     * Refuses: show.not_found, show.wrong_state, show.product_not_on_shelf, product.not_found,
     * flash_sale.not_enough_stock, idempotency.key_reused, request.invalid (price or start).
     * Repeats: the same operation id gives the same sale.
     */
    create: async (request: CreateRequest, actor: Actor): Promise<FlashSale> => {
      const { creatorId } = creatorOf(actor)
      const requestHash = hashOf(request)
      const stored = () => saleStore.byOperation(database, creatorId, request.operationId)
      const before = await stored()
      if (!before) await write(request, creatorId, requestHash)
      const sale = before ?? (await stored())
      assertThat(sale, 'a sale that was inserted, or was there before, is there')
      if (!sale.requestHash.equals(requestHash)) throw new Refusal('idempotency.key_reused')
      await keeper.rebuild(sale.flashSaleId).catch((error: unknown) => {
        log.warn({ err: error, flashSaleId: sale.flashSaleId }, 'gate not made at once; a sweep will make it')
      })
      return await view(sale)
    },

    /** Ends a sale of the caller early. Refuses: flash_sale.not_found. Repeats: changes nothing. */
    close: async (flashSaleId: FlashSaleId, actor: Actor): Promise<FlashSale> => {
      const sale = await record(flashSaleId)
      if (sale.creatorId !== creatorOf(actor).creatorId) throw new Refusal('flash_sale.not_found')
      return await view(await close(sale))
    },

    /** Ends all sales of a show that has ended. Repeats: changes nothing. */
    closeSalesOfShow: async (showId: ShowId): Promise<void> => {
      const sales = await saleStore.unfinishedOfShow(database, showId)
      await Promise.all(sales.map(close))
    },

    /** Refuses: flash_sale.not_found. */
    get: async (flashSaleId: FlashSaleId): Promise<FlashSale> => view(await record(flashSaleId)),

    /** The latest sales of a show. */
    ofShow: (showId: ShowId): Promise<readonly SaleRecord[]> => saleStore.ofShow(database, showId),

    /** Fields of the show's state that belong to its flash sales, for when that state is rebuilt. */
    showFields: async (showId: ShowId): Promise<Record<string, string>> => {
      const sales = await saleStore.ofShow(database, showId)
      const told = await Promise.all(sales.map(view))
      return Object.assign({}, ...told.map((sale) => ({ ...saleField(sale), ...figureFields(sale) })))
    },

    /** Ends the books of a sale that is over: unsold units go back to the stock. Nothing happens while a hold is open. */
    finish: async (sale: SaleRecord): Promise<void> => {
      const { flashSaleId } = sale
      const answer = await gate.tick(sale, sale.closesAtMs)
      if (answer[0] !== 'ticked' || answer[1] !== 'closed' || answer[3] > 0) return
      const status = await keeper.copyLog(sale)
      if (status.gate !== 'stands' || status.seq !== answer[2]) return
      const finished = await database.transaction(async (tx) => {
        const sums = await saleStore.finish(tx, flashSaleId)
        if (sums) await inventory.returnFromSale(tx, { flashSaleId, soldUnits: sums.soldUnits })
        return sums
      })
      if (finished) log.info({ flashSaleId, ...finished }, 'flash sale finished')
    },
  }
}

export type SaleService = ReturnType<typeof createSaleService>

const scheduled = (totalUnits: number): SaleFigures => ({
  state: 'scheduled',
  remainingUnits: totalUnits,
  soldUnits: 0,
})

const saleField = (sale: FlashSale) => ({ [`sale:${sale.flashSaleId}`]: JSON.stringify(sale) })

const figureFields = (sale: FlashSale) => ({
  [`state:${sale.flashSaleId}`]: sale.state,
  [`remaining:${sale.flashSaleId}`]: String(sale.remainingUnits),
  [`sold:${sale.flashSaleId}`]: String(sale.soldUnits),
})

function refuseUnless(condition: unknown, path: string, problem: string): asserts condition {
  if (!condition) throw new Refusal('request.invalid', { issues: [{ path, problem }] })
}

/** What makes two requests the same; fields in an order of their own, so that the client's does not matter. */
function hashOf(request: CreateRequest): Buffer {
  const { showId, variantId, salePriceMinor, totalUnits, perBuyerLimit, countdownSeconds, runSeconds } = request
  const limits = [salePriceMinor, totalUnits, perBuyerLimit, countdownSeconds, runSeconds, request.opensAtMs ?? null]
  // A sale without a waiting room is hashed without a word on it: repetitions across an update stay repetitions.
  const room = request.waitingRoom ? ['waiting-room'] : []
  return createHash('sha256')
    .update(JSON.stringify([showId, variantId, ...limits, ...room]))
    .digest()
}
