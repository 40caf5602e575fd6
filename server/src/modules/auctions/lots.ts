import { createHash } from 'node:crypto'
import {
  auctionLimits,
  type BrandId,
  type CreatorId,
  type Currency,
  type changeLot,
  type createLot,
  type DataOf,
  type Lot,
  type LotId,
  lotsChanged,
  type moveLot,
  preBidVoided,
  type RequestOf,
  type ShowId,
} from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { Teller } from '#kernel/teller'
import { writeShowEvent } from '#modules/live'
import { checkTerms, type LotRecord, movedPositions, readTerms, takesPreBids, toLot } from './lot.ts'
import { lotStore, type VoidedPreBid } from './lot-store.pg.ts'
import type { AuctionCatalog, AuctionInventory, AuctionProfiles, AuctionShows } from './needs.ts'
import { positionStep } from './record-limits.ts'

export interface LotServiceParts {
  readonly database: Database
  readonly shows: AuctionShows
  readonly catalog: AuctionCatalog
  readonly profiles: AuctionProfiles
  readonly inventory: AuctionInventory
  readonly teller: Teller
}

type CreateRequest = RequestOf<typeof createLot>
type Goods = Pick<
  LotRecord,
  'brandId' | 'productId' | 'variantId' | 'title' | 'pictureUrl' | 'currency' | 'unitReference'
>

const plainPictureUrl = '/plain-lot.svg'
/** Above every amount that a bid may have. */
const anyAmountMinor = auctionLimits.priceMinorMax + 1

/** Verbs on lots. Each locks the show first, so that its queue has one order, and tells the room in the same commit. */
export function createLotService(parts: LotServiceParts) {
  const { database, shows, catalog, profiles, inventory, teller } = parts

  const changeOwn = async <T>(
    lotId: LotId,
    actor: Actor,
    states: readonly LotRecord['state'][],
    work: (tx: Transaction, lot: LotRecord) => Promise<T>,
  ): Promise<T> => {
    const { creatorId } = creatorOf(actor)
    const known = await lotStore.byId(database, lotId)
    if (known?.creatorId !== creatorId) throw new Refusal('lot.not_found')
    return await database.transaction(async (tx) => {
      await shows.lock(tx, known.showId)
      const lot = await lotStore.lock(tx, lotId)
      if (!lot) throw new Refusal('lot.not_found')
      if (!states.includes(lot.state)) throw new Refusal('lot.wrong_state', { state: lot.state })
      return await work(tx, lot)
    })
  }

  /** After the commit: who is not there finds it among the own pre-bids. */
  const tellVoided = (
    { showId, lotId, number: lotNumber }: LotRecord,
    voided: readonly VoidedPreBid[],
    reason: DataOf<typeof preBidVoided>['reason'],
  ): void => {
    for (const { accountId, maximumMinor } of voided)
      teller.toAccount(accountId, preBidVoided, { showId, lotId, lotNumber, maximumMinor, reason })
  }

  const catalogueGoods = async (variantId: LotRecord['variantId'], actor: Actor): Promise<Goods> => {
    const variant = await catalog.variant(variantId)
    // What somebody made up for a show of his own is nobody else's to sell.
    const isOpenToAll = await catalog.isListed(variant.productId)
    const account = isOpenToAll ? null : await profiles.accountById(creatorOf(actor).accountId)
    if (!isOpenToAll && !account?.brandIds.includes(variant.brandId)) throw new Refusal('product.not_found')
    const { brandId, productId, productName, variantName, pictureUrl, currency } = variant
    const title = variantName === '' ? productName : `${productName}, ${variantName}`
    return { brandId, productId, variantId, title, pictureUrl, currency, unitReference: null }
  }

  /** Makes the goods up: a product that no list shows, with one unit that nobody can order. */
  const ownGoods = async (
    tx: Transaction,
    creatorId: CreatorId,
    lotId: LotId,
    goods: Extract<CreateRequest['goods'], { kind: 'ad-hoc' }> & { readonly priceMinor: number },
  ): Promise<Goods> => {
    const { title, currency, weightGrams, priceMinor } = goods
    const pictureUrl = goods.pictureUrl ?? plainPictureUrl
    const brandId: BrandId = await profiles.brandOfCreator(tx, creatorId)
    const made = { brandId, name: title, pictureUrl, currency: currency as Currency, priceMinor, weightGrams }
    const { productId, variantId } = await catalog.addUnlisted(tx, made)
    const unit = { variantId, units: 1, reference: `lot:${lotId}` }
    await inventory.receive(tx, unit)
    const isKept = await inventory.claimStock(tx, unit)
    assertThat(isKept, 'a unit that came in can be claimed')
    return { brandId, productId, variantId, title, pictureUrl, currency, unitReference: unit.reference }
  }

  const write = async (request: CreateRequest, actor: Actor, requestHash: Buffer): Promise<void> => {
    const { showId, goods, startPriceMinor, operationId } = request
    const { creatorId } = creatorOf(actor)
    const terms = readTerms(request.terms)
    checkTerms(startPriceMinor, terms)
    const known = goods.kind === 'variant' ? await catalogueGoods(goods.variantId, actor) : null
    await database.transaction(async (tx) => {
      const show = await shows.lock(tx, showId)
      if (show?.creatorId !== creatorId) throw new Refusal('show.not_found')
      if (show.state === 'ended') throw new Refusal('show.wrong_state', { state: show.state })
      // Another request with this operation id may have come first: then there are goods already.
      if (await lotStore.byOperation(tx, creatorId, operationId)) return
      const next = await lotStore.nextPlaces(tx, showId)
      if (next.lots >= auctionLimits.lotsPerShowMax) throw new Refusal('lot.too_many')
      const lotId = newId<LotId>()
      const made =
        goods.kind === 'ad-hoc'
          ? await ownGoods(tx, creatorId, lotId, { ...goods, priceMinor: startPriceMinor })
          : known
      assertThat(made, 'goods are of the catalogue or made up')
      // Own limits and deposits are one amount for all lots of a show.
      if (next.currency !== null && next.currency !== made.currency) {
        const problem = `is not ${next.currency}, in which the other lots of the show are sold`
        throw new Refusal('lot.terms_refused', { issues: [{ path: 'goods.currency', problem }] })
      }
      const places = { number: next.number, position: next.position + positionStep }
      const lot = { lotId, showId, creatorId, ...places, ...made, startPriceMinor, terms, operationId, requestHash }
      if (!(await lotStore.insert(tx, lot))) throw new Refusal('idempotency.key_reused')
      await tellLots(tx, showId, [{ ...lot, state: 'prepared', auctionId: null, preBidCount: 0 }])
    })
  }

  return {
    /**
     * Prepares a lot at the end of the queue. Refuses: show.not_found, show.wrong_state, product.not_found,
     * lot.too_many, lot.terms_refused, idempotency.key_reused. Repeats: the same operation id gives the same lot.
     */
    create: async (request: CreateRequest, actor: Actor): Promise<Lot> => {
      const { creatorId } = creatorOf(actor)
      const requestHash = hashOf(request)
      const stored = () => lotStore.byOperation(database, creatorId, request.operationId)
      const before = await stored()
      if (!before) await write(request, actor, requestHash)
      const lot = before ?? (await stored())
      assertThat(lot, 'a lot that was inserted, or was there before, is there')
      if (!lot.requestHash.equals(requestHash)) throw new Refusal('idempotency.key_reused')
      return toLot(lot, true)
    },

    /**
     * New price and terms of a lot that does not run; pre-bids that no longer fit are void, and their bidders told.
     * Refuses: lot.not_found, lot.wrong_state, lot.terms_refused. Repeats: changes nothing.
     */
    change: async (request: RequestOf<typeof changeLot>, actor: Actor): Promise<Lot> => {
      const { lotId, startPriceMinor } = request
      const terms = readTerms(request.terms)
      const { changed, voided } = await changeOwn(lotId, actor, ['prepared', 'unsold'], async (tx, lot) => {
        checkTerms(startPriceMinor, terms)
        await lotStore.setTerms(tx, { ...lot, startPriceMinor, terms })
        const voided = await lotStore.voidPreBids(tx, lotId, takesPreBids(terms) ? startPriceMinor : anyAmountMinor)
        const changed = await lotStore.byId(tx, lotId)
        assertThat(changed, 'a locked lot is there')
        await tellLots(tx, lot.showId, [changed])
        return { changed, voided }
      })
      tellVoided(changed, voided, takesPreBids(terms) ? 'start_price' : 'no_pre_bids')
      return toLot(changed, true)
    },

    /** Puts a lot that does not run before another, or at the end. Refuses: lot.not_found, lot.wrong_state. */
    move: async ({ lotId, beforeLotId }: RequestOf<typeof moveLot>, actor: Actor): Promise<{ items: Lot[] }> =>
      changeOwn(lotId, actor, ['prepared', 'unsold'], async (tx, lot) => {
        const queue = await lotStore.queue(tx, lot.showId)
        if (beforeLotId !== null && !queue.some((one) => one.lotId === beforeLotId)) throw new Refusal('lot.not_found')
        if (beforeLotId === lotId) return { items: queue.map((one) => toLot(one, true)) }
        const positions = movedPositions(queue, lotId, beforeLotId)
        await lotStore.setPositions(tx, positions)
        const moved = await lotStore.queue(tx, lot.showId)
        await tellLots(
          tx,
          lot.showId,
          moved.filter((one) => positions.has(one.lotId)),
        )
        return { items: moved.map((one) => toLot(one, true)) }
      }),

    /** Takes a prepared lot out; its number is not given again. Refuses: lot.not_found, lot.wrong_state. */
    remove: async (lotId: LotId, actor: Actor): Promise<Record<string, never>> => {
      const { lot, voided } = await changeOwn(lotId, actor, ['prepared'], async (tx, lot) => {
        const voided = await lotStore.voidPreBids(tx, lotId, anyAmountMinor)
        await lotStore.remove(tx, lotId)
        await writeShowEvent(tx, lot.showId, lotsChanged, { changed: [], removedLotIds: [lotId] })
        return { lot, voided }
      })
      tellVoided(lot, voided, 'lot_removed')
      return {}
    },

    /** Lots in the order of the queue; reserves for the host only. Refuses: show.not_found. */
    list: async (showId: ShowId, actor: Actor): Promise<{ items: Lot[] }> => {
      const show = await shows.byId(showId)
      if (!show) throw new Refusal('show.not_found')
      const isHost = actor.kind === 'account' && actor.creatorId === show.creatorId
      return { items: (await lotStore.queue(database, showId)).map((lot) => toLot(lot, isHost)) }
    },
  }
}

export type LotService = ReturnType<typeof createLotService>

/** Tells the room how lots stand. Locks the show. */
export async function tellLots(tx: Transaction, showId: ShowId, lots: readonly LotRecord[]): Promise<void> {
  await writeShowEvent(tx, showId, lotsChanged, { changed: lots.map((lot) => toLot(lot, false)), removedLotIds: [] })
}

/** What makes two requests the same; in an order of its own, so that the client's does not matter. */
function hashOf({ showId, goods, startPriceMinor, terms }: CreateRequest): Buffer {
  const told =
    goods.kind === 'variant'
      ? [goods.kind, goods.variantId]
      : [goods.kind, goods.title, goods.currency, goods.weightGrams, goods.pictureUrl ?? null]
  return createHash('sha256')
    .update(JSON.stringify([showId, told, startPriceMinor, readTerms(terms)]))
    .digest()
}
