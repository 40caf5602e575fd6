import type { AccountId, GiveawayEntry, GiveawayId, ShowId } from '@livelot/client/contracts'
import { batched } from '#infra/postgres/batched'
import type { Database } from '#infra/postgres/pool'
import { type AccountActor, accountOf } from '#kernel/actor'
import type { Caller } from '#kernel/caller'
import { Refusal } from '#kernel/errors'
import { newSalt } from './draw.ts'
import { type AddedEntries, entryStore } from './entries.pg.ts'
import { entryBatchMax, knownGiveawaysMax } from './limits.ts'
import type { GiveawayRooms } from './needs.ts'
import { giveawayStore } from './store.pg.ts'

export interface EnteringParts {
  readonly database: Database
  readonly rooms: GiveawayRooms
}

export interface Entered {
  readonly entry: GiveawayEntry
  readonly entryCount: number
}

type Answer = Entered | { readonly refused: Refusal }
type Enter = (actor: AccountActor) => Promise<Answer>

interface KnownGiveaway {
  readonly showId: ShowId
  readonly enter: Enter
}

/**
 * Entries, many at a time: those who tap while a batch is on its way to Postgres go together in the next one. Nobody is
 * told of an entry that is not committed.
 */
export function createEntering({ database, rooms }: EnteringParts) {
  const known = new Map<GiveawayId, KnownGiveaway>()

  const addAll = (giveawayId: GiveawayId, actors: readonly AccountActor[]): Promise<AddedEntries> => {
    const distinct = new Map(actors.map((one) => [one.accountId, one]))
    const asked = [...distinct.values()].map(({ accountId, displayName }) => ({
      accountId,
      displayName,
      salt: newSalt(),
    }))
    return database.transaction(async (tx) => {
      await giveawayStore.lock(tx, giveawayId)
      return await entryStore.add(tx, giveawayId, asked)
    })
  }

  const enterBatch = async (
    giveawayId: GiveawayId,
    showId: ShowId,
    actors: readonly AccountActor[],
  ): Promise<readonly Answer[]> => {
    const rules = await rooms.rules(showId)
    const refusals = actors.map((actor) => {
      const { canModerate, isBanned } = rooms.standingOf(rules, actor)
      if (!canModerate && !isBanned) return null
      return new Refusal('giveaway.not_eligible', { reason: canModerate ? 'team' : 'banned' })
    })
    const eligible = actors.filter((_, index) => refusals[index] === null)
    const added = eligible.length > 0 ? await addAll(giveawayId, eligible) : null
    return actors.map(({ accountId }, index) => {
      const refused = refusals[index]
      return refused ? { refused } : answerOf(added as AddedEntries, accountId)
    })
  }

  const find = async (giveawayId: GiveawayId): Promise<KnownGiveaway | null> => {
    const before = known.get(giveawayId)
    if (before) return before
    const record = await giveawayStore.byId(database, giveawayId)
    if (!record) return null
    // Another caller may have been faster; there is one line of batches for each giveaway.
    const meanwhile = known.get(giveawayId)
    if (meanwhile) return meanwhile
    const { showId } = record
    const enter = batched((actors: readonly AccountActor[]) => enterBatch(giveawayId, showId, actors), {
      sizeMax: entryBatchMax,
      parallel: 1,
    })
    if (known.size >= knownGiveawaysMax) known.clear()
    known.set(giveawayId, { showId, enter })
    return { showId, enter }
  }

  /**
   * Enters the caller. Refuses: giveaway.not_found, show.not_joined, giveaway.not_eligible, giveaway.closed,
   * giveaway.full. Repeats: an account has one entry, and asking again answers it, also when it is too late to enter.
   */
  return async (giveawayId: GiveawayId, caller: Caller): Promise<Entered> => {
    const actor = accountOf(caller.actor)
    const giveaway = await find(giveawayId)
    if (!giveaway) throw new Refusal('giveaway.not_found')
    if (!caller.isInRoom?.(giveaway.showId)) throw new Refusal('show.not_joined')
    const answer = await giveaway.enter(actor)
    if ('refused' in answer) throw answer.refused
    return answer
  }
}

function answerOf({ isOpen, entryCount, byAccount }: AddedEntries, accountId: AccountId): Answer {
  const own = byAccount.get(accountId)
  if (!own) return { refused: new Refusal(isOpen ? 'giveaway.full' : 'giveaway.closed') }
  const { entryNo, displayName, salt } = own
  return { entry: { entryNo, displayName, salt }, entryCount }
}
