import { createHash } from 'node:crypto'
import {
  type AccountId,
  chatSettingsChanged,
  type createShow,
  type moderate,
  type ProductId,
  productPinned,
  type RequestOf,
  type ShelfItem,
  type Show,
  type ShowId,
  type setChatSettings,
  shelfChanged,
  showEnded,
  showStarted,
} from '@livelot/client/contracts'
import { writeOutbox } from '#infra/postgres/outbox'
import type { Transaction } from '#infra/postgres/pool'
import type { Bus } from '#infra/redis/bus'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { showEndedJob, showStandingChangedJob, writeShowEvent } from './events.ts'
import { controlChannel } from './keys.ts'
import { type ShowRecord, standingOf, stepTo, toShowBody } from './show.ts'
import { pinnedField, shelfField, showField, slowField } from './state.ts'
import { inTransaction, type ShowStore } from './store.pg.ts'
import type { Purpose, StreamTokens } from './stream-tokens.ts'
import type { ShowViews } from './views.ts'

export interface LiveParts {
  readonly store: ShowStore
  readonly views: ShowViews
  readonly tokens: StreamTokens
  readonly bus: Bus
  /** Shelf items in the order asked for; products that do not exist are left out. */
  readonly shelfItems: (productIds: readonly ProductId[]) => Promise<ShelfItem[]>
}

type Verbs = ReturnType<typeof inTransaction>

/** The verbs on shows. Each locks the show first, so that its facts have one order, and tells its room in the same commit. */
export function createLiveService(parts: LiveParts) {
  const { store, views, tokens } = parts

  const owned = async (verbs: Verbs, showId: ShowId, actor: Actor): Promise<ShowRecord> => {
    const record = await verbs.lock(showId)
    // Somebody else's show is told as absent to creators: its existence is public, its controls are not.
    if (!record || record.creatorId !== creatorOf(actor).creatorId) throw new Refusal('show.not_found')
    return record
  }

  const changeOwn = <T>(
    showId: ShowId,
    actor: Actor,
    work: (tx: Transaction, verbs: Verbs, record: ShowRecord) => Promise<T>,
  ): Promise<T> =>
    store.transaction(async (tx) => {
      const verbs = inTransaction(tx)
      return await work(tx, verbs, await owned(verbs, showId, actor))
    })

  const tellControl = (tx: Transaction, message: Readonly<Record<string, string>>) =>
    tx.afterCommit(() => parts.bus.publish(controlChannel, JSON.stringify(message)))

  const moveTo = async (showId: ShowId, actor: Actor, to: 'live' | 'ended'): Promise<ShowRecord> => {
    const creator = await views.creatorOf(await views.record(showId))
    return await changeOwn(showId, actor, async (tx, verbs, record) => {
      const step = stepTo(record.state, to)
      if (step === 'already') return record
      if (step === 'forbidden') throw new Refusal('show.wrong_state', { state: record.state })
      const moved = await (to === 'live' ? verbs.setLive(showId) : verbs.setEnded(showId))
      assertThat(moved, 'a locked show is there')
      const fields = showField(toShowBody(moved, creator))
      if (to === 'live') {
        await writeShowEvent(tx, showId, showStarted, { startedAtMs: moved.startedAtMs ?? 0 }, fields)
      } else {
        await writeShowEvent(tx, showId, showEnded, { endedAtMs: moved.endedAtMs ?? 0 }, fields)
        await writeOutbox(tx, showEndedJob, { showId })
      }
      return moved
    })
  }

  const knownItems = async (productIds: readonly ProductId[]): Promise<ShelfItem[]> => {
    const wanted = [...new Set(productIds)]
    const items = await parts.shelfItems(wanted)
    if (items.length < wanted.length) throw new Refusal('product.not_found')
    return items
  }

  const rulesFor = async (showId: ShowId, actor: Actor) => {
    const rules = await store.rules(showId)
    if (!rules) throw new Refusal('show.not_found')
    return standingOf(rules, actor)
  }

  return {
    /**
     * Schedules a show. Refuses: product.not_found, idempotency.key_reused.
     * Repeats: the same operation id gives the same show.
     */
    create: async (request: RequestOf<typeof createShow>, actor: Actor, coverUrl?: string): Promise<Show> => {
      const { creatorId } = creatorOf(actor)
      const { title, teaser, startsAtMs, operationId } = request
      const items = await knownItems(request.productIds)
      const productIds = items.map((item) => item.productId)
      const told = JSON.stringify([title, teaser, startsAtMs, request.productIds])
      const requestHash = createHash('sha256').update(told).digest()
      const cover = coverUrl ?? items[0]?.pictureUrl ?? ''
      const showId = newId<ShowId>()
      await store.transaction(async (tx) => {
        const verbs = inTransaction(tx)
        const row = { showId, creatorId, title, teaser, coverUrl: cover, startsAtMs, operationId, requestHash }
        if (await verbs.insert(row)) await verbs.setShelf(showId, productIds)
      })
      const stored = await store.byOperation(creatorId, operationId)
      assertThat(stored, 'a show that was inserted, or was there before, is there')
      if (!stored.requestHash.equals(requestHash)) throw new Refusal('idempotency.key_reused')
      return await views.view(stored)
    },

    /** Opens the room. Refuses: show.not_found, show.wrong_state. Repeats: changes nothing. */
    start: async (showId: ShowId, actor: Actor): Promise<Show> => views.view(await moveTo(showId, actor, 'live')),

    /** Ends the show. Refuses: show.not_found, show.wrong_state. Repeats: changes nothing. */
    end: async (showId: ShowId, actor: Actor): Promise<Show> => views.view(await moveTo(showId, actor, 'ended')),

    get: async (showId: ShowId): Promise<Show> => views.view(await views.record(showId)),
    list: views.list,
    listMine: (actor: Actor) => views.listMine(creatorOf(actor).creatorId),

    /** Replaces the shelf; a pin that is no longer on it goes. Refuses: show.not_found, show.wrong_state, product.not_found. */
    setShelf: async (
      showId: ShowId,
      productIds: readonly ProductId[],
      actor: Actor,
    ): Promise<{ items: ShelfItem[] }> => {
      const items = await knownItems(productIds)
      const ids = items.map((item) => item.productId)
      await changeOwn(showId, actor, async (tx, verbs, record) => {
        if (record.state === 'ended') throw new Refusal('show.wrong_state', { state: record.state })
        await verbs.setShelf(showId, ids)
        await writeShowEvent(tx, showId, shelfChanged, { items }, shelfField(items))
        if (record.pinnedProductId === null || ids.includes(record.pinnedProductId)) return
        await verbs.setPin(showId, null)
        await writeShowEvent(tx, showId, productPinned, { productId: null }, pinnedField(null))
      })
      return { items }
    },

    /** Refuses: show.not_found. */
    getShelf: async (showId: ShowId): Promise<{ items: ShelfItem[] }> => {
      await views.record(showId)
      return { items: await parts.shelfItems(await store.shelf(showId)) }
    },

    /** Tells the room of changed prices or stock on the shelf. Repeats: tells again; the caller says when it changed. */
    tellShelf: async (showId: ShowId): Promise<void> => {
      const items = await parts.shelfItems(await store.shelf(showId))
      await store.transaction((tx) => writeShowEvent(tx, showId, shelfChanged, { items }, shelfField(items)))
    },

    /** Pins a product of the shelf, or nothing. Refuses: show.not_found, show.wrong_state, show.product_not_on_shelf. */
    pin: async (showId: ShowId, productId: ProductId | null, actor: Actor): Promise<{ productId: ProductId | null }> =>
      changeOwn(showId, actor, async (tx, verbs, record) => {
        if (record.state === 'ended') throw new Refusal('show.wrong_state', { state: record.state })
        const shelf = await verbs.shelf(showId)
        if (productId !== null && !shelf.includes(productId)) throw new Refusal('show.product_not_on_shelf')
        if (record.pinnedProductId === productId) return { productId }
        await verbs.setPin(showId, productId)
        await writeShowEvent(tx, showId, productPinned, { productId }, pinnedField(productId))
        return { productId }
      }),

    /** Slow mode and muted words, by host and moderators. Refuses: show.not_found, auth.forbidden. */
    setChatSettings: async (request: RequestOf<typeof setChatSettings>, actor: Actor) => {
      const { showId, slowModeSeconds } = request
      if (!(await rulesFor(showId, actor)).canModerate) throw new Refusal('auth.forbidden')
      const mutedWords = [...new Set(request.mutedWords)]
      await store.transaction(async (tx) => {
        const verbs = inTransaction(tx)
        const record = await verbs.lock(showId)
        if (!record) throw new Refusal('show.not_found')
        await verbs.setChat(showId, slowModeSeconds, mutedWords)
        if (record.slowModeSeconds !== slowModeSeconds)
          await writeShowEvent(tx, showId, chatSettingsChanged, { slowModeSeconds }, slowField(slowModeSeconds))
        tellControl(tx, { kind: 'rules', showId })
      })
      return { slowModeSeconds, mutedWords }
    },

    /**
     * Mutes, bans, lifts either, or changes moderators (host only). The host and, but by the host, moderators cannot be
     * restricted. Refuses: show.not_found, auth.forbidden, profile.not_found. Repeats: changes nothing.
     */
    moderate: async (request: RequestOf<typeof moderate>, actor: Actor): Promise<Record<string, never>> => {
      const { showId, accountId, action } = request
      const rules = await store.rules(showId)
      if (!rules) throw new Refusal('show.not_found')
      const standing = standingOf(rules, actor)
      if (actor.kind !== 'account' || !standing.canModerate) throw new Refusal('auth.forbidden')
      const changesModerators = action === 'add-moderator' || action === 'remove-moderator'
      const isOnModerator = rules.moderators.has(accountId)
      if (!standing.isHost && (changesModerators || isOnModerator)) throw new Refusal('auth.forbidden')
      await store.transaction(async (tx) => {
        const verbs = inTransaction(tx)
        await verbs.lock(showId)
        if (!(await applyAction(verbs, showId, accountId, action, actor.accountId)))
          throw new Refusal('profile.not_found')
        if (action !== 'mute' && action !== 'unmute')
          await writeOutbox(tx, showStandingChangedJob, { showId, accountId })
        tellControl(tx, { kind: 'rules', showId })
      })
      return {}
    },

    /**
     * A token for one video session. Watching needs a live show; its creator may publish before it starts, so that the
     * first viewers see a picture. Refuses: show.not_found, show.not_live, auth.forbidden.
     */
    issueStreamToken: async (showId: ShowId, purpose: Purpose, actor: Actor) => {
      const record = await views.record(showId)
      if (purpose === 'publish' && (actor.kind === 'guest' || actor.creatorId !== record.creatorId))
        throw new Refusal(actor.kind === 'guest' ? 'auth.required' : 'auth.forbidden')
      if (record.state === 'ended' || (purpose === 'watch' && record.state !== 'live'))
        throw new Refusal('show.not_live')
      return await tokens.issue(showId, purpose, actor.kind === 'account' ? actor.accountId : null)
    },

    redeemStreamToken: tokens.redeem,
  }
}

export type LiveService = ReturnType<typeof createLiveService>

/** False where the person does not exist. */
async function applyAction(
  verbs: Verbs,
  showId: ShowId,
  accountId: AccountId,
  action: RequestOf<typeof moderate>['action'],
  byAccountId: AccountId,
): Promise<boolean> {
  switch (action) {
    case 'mute':
    case 'ban':
      return await verbs.restrict(showId, accountId, action, byAccountId)
    case 'unmute':
    case 'unban':
      await verbs.lift(showId, accountId, action === 'unmute' ? 'mute' : 'ban')
      return true
    case 'add-moderator':
      return await verbs.addModerator(showId, accountId)
    case 'remove-moderator':
      await verbs.removeModerator(showId, accountId)
      return true
    default:
      return action satisfies never
  }
}
