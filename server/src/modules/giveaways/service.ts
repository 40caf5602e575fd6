import { createHash } from 'node:crypto'
import {
  type AccountId,
  type CreatorId,
  type Giveaway,
  type GiveawayEntry,
  type GiveawayExport,
  type GiveawayId,
  type GiveawayPrize,
  giveawayOpened,
  type openGiveaway,
  type RequestOf,
  type ShowId,
  type WonPrize,
} from '@livelot/client/contracts'
import { type Database, type Transaction, violates } from '#infra/postgres/pool'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { writeShowEvent } from '#modules/live'
import { entryHashOf, newSeed } from './draw.ts'
import { entryStore } from './entries.pg.ts'
import { type GiveawayRecord, giveawayField, type NewGiveaway, prizeReference, toGiveaway } from './giveaway.ts'
import { knownExportsMax } from './limits.ts'
import type { GiveawayShows, PrizeGoods } from './needs.ts'
import { prizeStore } from './prizes.pg.ts'
import { giveawayStore } from './store.pg.ts'

export interface GiveawayServiceParts {
  readonly database: Database
  readonly shows: GiveawayShows
  readonly goods: PrizeGoods
}

type OpenRequest = RequestOf<typeof openGiveaway>

/** Verbs on giveaways: opening and reading. */
export function createGiveawayService(parts: GiveawayServiceParts) {
  const { database, shows, goods } = parts
  const exports = new Map<GiveawayId, Promise<GiveawayExport>>()

  const record = async (giveawayId: GiveawayId): Promise<GiveawayRecord> => {
    const one = await giveawayStore.byId(database, giveawayId)
    if (!one) throw new Refusal('giveaway.not_found')
    return one
  }

  const prizeOf = async ({ prize }: OpenRequest): Promise<GiveawayPrize> => {
    if (prize.kind === 'text') return prize
    const { productId, variantId, productName, variantName, pictureUrl } = await goods.variant(prize.variantId)
    return { kind: 'variant', productId, variantId, productName, variantName, pictureUrl }
  }

  const setAside = async (tx: Transaction, { giveawayId, prize, winnerCount }: NewGiveaway): Promise<void> => {
    if (prize.kind === 'text') return
    for (let prizeNo = 1; prizeNo <= winnerCount; prizeNo += 1) {
      const unit = { variantId: prize.variantId, reference: prizeReference(giveawayId, prizeNo) }
      if (!(await goods.setAside(tx, unit))) throw new Refusal('giveaway.not_enough_stock')
    }
  }

  const write = async (request: OpenRequest, creatorId: CreatorId, requestHash: Buffer): Promise<void> => {
    const prize = await prizeOf(request)
    await database.transaction(async (tx) => {
      const { showId, title, winnerCount, entrySeconds, operationId } = request
      const show = await shows.lock(tx, showId)
      if (!show || show.creatorId !== creatorId) throw new Refusal('show.not_found')
      if (show.state !== 'live') throw new Refusal('show.not_live', { state: show.state })
      if (prize.kind === 'variant' && !(await shows.shelf(tx, showId)).includes(prize.productId))
        throw new Refusal('show.product_not_on_shelf')
      const giveawayId = newId<GiveawayId>()
      const terms = { giveawayId, showId, creatorId, title, prize, winnerCount, entrySeconds, ...newSeed() }
      const opened: NewGiveaway = { ...terms, operationId, requestHash }
      if (!(await giveawayStore.insert(tx, opened))) return
      await setAside(tx, opened)
      const stored = await giveawayStore.byId(tx, giveawayId)
      assertThat(stored, 'a giveaway that was inserted is there')
      const giveaway = toGiveaway(stored)
      await writeShowEvent(tx, showId, giveawayOpened, { giveaway }, giveawayField(giveaway))
    })
  }

  const makeExport = async (one: GiveawayRecord): Promise<GiveawayExport> => {
    const { giveawayId, showId, title, prize, winnerCount, openedAtMs, entriesCloseAtMs, seedCommitment } = one
    assertThat(one.closed && one.drawn, 'what was drawn has been closed')
    const entries = await entryStore.list(database, giveawayId)
    const { seed, drawOrder, winners } = one.drawn
    return {
      version: 1,
      ...{ giveawayId, showId, title, prize, winnerCount, openedAtMs, entriesCloseAtMs, seedCommitment },
      entryHashes: entries.map((entry) => entryHashOf(giveawayId, entry)),
      entryListHash: one.closed.entryListHash,
      seed,
      drawOrder: [...drawOrder],
      winners: winners.map(({ entryNo }) => {
        const entry = entries[entryNo - 1]
        assertThat(entry?.entryNo === entryNo, 'entries are numbered without a gap')
        const { accountId, displayName, salt } = entry
        return { entryNo, accountId, displayName, salt }
      }),
    }
  }

  const knownExport = (one: GiveawayRecord): Promise<GiveawayExport> => {
    const known = exports.get(one.giveawayId)
    if (known) return known
    const made = makeExport(one)
    if (exports.size >= knownExportsMax) exports.delete(exports.keys().next().value as GiveawayId)
    exports.set(one.giveawayId, made)
    made.catch(() => exports.delete(one.giveawayId))
    return made
  }

  return {
    /**
     * Opens a giveaway in a live show of the caller: draws its seed, commits to it, sets the prizes aside and tells the
     * room. Refuses: show.not_found, show.not_live, show.product_not_on_shelf, product.not_found,
     * giveaway.another_runs, giveaway.not_enough_stock, idempotency.key_reused.
     * Repeats: the same operation id gives the same giveaway.
     */
    open: async (request: OpenRequest, actor: Actor): Promise<Giveaway> => {
      const { creatorId } = creatorOf(actor)
      const requestHash = hashOf(request)
      const stored = () => giveawayStore.byOperation(database, creatorId, request.operationId)
      const before = await stored()
      if (!before) await write(request, creatorId, requestHash).catch(refuseSecond)
      const one = before ?? (await stored())
      assertThat(one, 'a giveaway that was inserted, or was there before, is there')
      if (!one.requestHash.equals(requestHash)) throw new Refusal('idempotency.key_reused')
      return toGiveaway(one)
    },

    /** Refuses: giveaway.not_found. */
    get: async (giveawayId: GiveawayId): Promise<Giveaway> => toGiveaway(await record(giveawayId)),

    /** Refuses: giveaway.not_found. */
    myEntry: async (
      giveawayId: GiveawayId,
      accountId: AccountId,
    ): Promise<{ entry: GiveawayEntry | null; prize: WonPrize | null }> => {
      await record(giveawayId)
      const [entry, prize] = await Promise.all([
        entryStore.ofAccount(database, giveawayId, accountId),
        prizeStore.ofAccount(database, giveawayId, accountId),
      ])
      if (!entry) return { entry: null, prize }
      const { entryNo, displayName, salt } = entry
      return { entry: { entryNo, displayName, salt }, prize }
    },

    /** The proof. Refuses: giveaway.not_found, giveaway.not_drawn. */
    export: async (giveawayId: GiveawayId): Promise<GiveawayExport> => {
      const one = await record(giveawayId)
      if (one.state !== 'drawn') throw new Refusal('giveaway.not_drawn')
      return await knownExport(one)
    },

    /** The field of the show's state that belongs to giveaways, for when that state is rebuilt. */
    showFields: async (showId: ShowId): Promise<Record<string, string>> => {
      const one = await giveawayStore.latestOfShow(database, showId)
      return one ? giveawayField(toGiveaway(one)) : {}
    },
  }
}

export type GiveawayService = ReturnType<typeof createGiveawayService>

function refuseSecond(error: unknown): never {
  if (violates(error, 'giveaways_one_active')) throw new Refusal('giveaway.another_runs')
  throw error
}

/** What makes two requests the same; fields in an order of their own, so that the client's does not matter. */
function hashOf({ showId, title, prize, winnerCount, entrySeconds }: OpenRequest): Buffer {
  const goods = prize.kind === 'text' ? [prize.kind, prize.text] : [prize.kind, prize.variantId]
  return createHash('sha256')
    .update(JSON.stringify([showId, title, goods, winnerCount, entrySeconds]))
    .digest()
}
