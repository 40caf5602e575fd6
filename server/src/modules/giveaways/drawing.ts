import {
  type AccountId,
  type DataOf,
  type GiveawayId,
  giveawayClosed,
  giveawayDrawn,
  giveawayEntriesChanged,
  giveawayVoided,
  prizeWon,
  type ShowId,
  type ToldEvent,
} from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'
import { writeShowEvent } from '#modules/live'
import { commitmentOf, drawEntries, entryHashOf, type KeptEntry, listHashOf } from './draw.ts'
import { entryStore } from './entries.pg.ts'
import {
  type ClosedFact,
  type DrawnFact,
  type GiveawayRecord,
  giveawayField,
  prizeReference,
  toGiveaway,
  type VoidFact,
} from './giveaway.ts'
import type { GiveawayShows, PrizeGoods } from './needs.ts'
import { prizeStore } from './prizes.pg.ts'
import { giveawayStore } from './store.pg.ts'

export interface DrawingParts {
  readonly database: Database
  readonly shows: GiveawayShows
  readonly goods: PrizeGoods
  readonly teller: Teller
  readonly log: Log
}

/** Whether the step was made by this call; false where it is not time, or another process made it. */
type Step = (giveawayId: GiveawayId, showId: ShowId) => Promise<boolean>

/**
 * The steps of time: counts told, list frozen, winners drawn. Any process may try any of them at any time; Postgres lets
 * each of them happen once, when it is due by its clock, and in order.
 */
export function createDrawing({ database, shows, goods, teller, log }: DrawingParts) {
  const step =
    (make: (tx: Transaction, giveawayId: GiveawayId) => Promise<boolean>): Step =>
    (giveawayId, showId) =>
      database.transaction(async (tx) => {
        // The show's row comes first: whoever tells a room locks in this order.
        await shows.lock(tx, showId)
        return await make(tx, giveawayId)
      })

  const record = async (tx: Transaction, giveawayId: GiveawayId): Promise<GiveawayRecord> => {
    const one = await giveawayStore.byId(tx, giveawayId)
    assertThat(one, 'a giveaway that moves is there')
    return one
  }

  const tell = async <E extends ToldEvent>(
    tx: Transaction,
    giveawayId: GiveawayId,
    event: E,
    dataOf: (one: GiveawayRecord) => DataOf<E>,
  ): Promise<void> => {
    const one = await record(tx, giveawayId)
    await writeShowEvent(tx, one.showId, event, dataOf(one), giveawayField(toGiveaway(one)))
  }

  const freeze = async (tx: Transaction, giveawayId: GiveawayId): Promise<boolean> => {
    if (!(await giveawayStore.close(tx, giveawayId))) return false
    const one = await record(tx, giveawayId)
    const entries = await entryStore.list(tx, giveawayId)
    const entryListHash = hashOf(one, entries)
    await giveawayStore.addClosed(tx, giveawayId, { entryCount: entries.length, entryListHash })
    const told = { giveawayId, entryCount: entries.length, entryListHash }
    await tell(tx, giveawayId, giveawayClosed, () => told)
    log.info(told, 'entries of a giveaway closed')
    return true
  }

  /** Gives each prize to the winner in its turn; a prize without a winner goes back. */
  const handOut = async (tx: Transaction, one: GiveawayRecord, drawOrder: readonly number[]): Promise<AccountId[]> => {
    const winners: AccountId[] = []
    for (let prizeNo = 1; prizeNo <= one.winnerCount; prizeNo += 1) {
      const entryNo = drawOrder[prizeNo - 1]
      if (entryNo !== undefined) winners.push(await prizeStore.add(tx, one.giveawayId, { prizeNo, turn: 0, entryNo }))
      else if (one.prize.kind === 'variant') await goods.giveBack(tx, prizeReference(one.giveawayId, prizeNo))
    }
    return winners
  }

  /** Nothing is drawn from what was altered, and nothing is won; the show can have its next giveaway. */
  const callOff = async (tx: Transaction, one: GiveawayRecord, reason: VoidFact['reason']): Promise<true> => {
    const { giveawayId, prize, winnerCount } = one
    await giveawayStore.addVoid(tx, giveawayId, { reason })
    for (let prizeNo = 1; prize.kind === 'variant' && prizeNo <= winnerCount; prizeNo += 1)
      await goods.giveBack(tx, prizeReference(giveawayId, prizeNo))
    await tell(tx, giveawayId, giveawayVoided, () => ({ giveawayId, reason }))
    log.error({ giveawayId, reason }, 'a giveaway was called off: what is kept is not what was told')
    return true
  }

  const draw = async (tx: Transaction, giveawayId: GiveawayId): Promise<boolean> => {
    if (!(await giveawayStore.beginDraw(tx, giveawayId))) return false
    const one = await record(tx, giveawayId)
    const entries = await entryStore.list(tx, giveawayId)
    const seed = await giveawayStore.seed(tx, giveawayId)
    assertThat(one.closed, 'what is drawn was closed before')
    if (!isAsTold(one, one.closed, entries)) return await callOff(tx, one, 'list_changed')
    if (!seed || commitmentOf(seed) !== one.seedCommitment) return await callOff(tx, one, 'seed_changed')
    const drawOrder = drawEntries(seed, one.closed, one.winnerCount)
    const winners = drawOrder.slice(0, one.winnerCount).map((entryNo) => {
      const entry = entries[entryNo - 1]
      assertThat(entry?.entryNo === entryNo, 'entries are numbered without a gap')
      return { entryNo, displayName: entry.displayName }
    })
    const fact: DrawnFact = { seed: seed.toString('hex'), drawOrder, winners }
    await giveawayStore.addDrawn(tx, giveawayId, fact)
    const accounts = await handOut(tx, one, drawOrder)
    await tell(tx, giveawayId, giveawayDrawn, ({ drawnAtMs }) => {
      assertThat(drawnAtMs, 'a drawn giveaway says when it was drawn')
      return { giveawayId, seed: fact.seed, drawnAtMs, winners }
    })
    tx.afterCommit(() => tellWinners(giveawayId, accounts))
    log.info({ giveawayId, entryCount: one.entryCount, winners: winners.length }, 'winners of a giveaway drawn')
    return true
  }

  /** Best effort: whoever is away sees it with the giveaway. */
  const tellWinners = (giveawayId: GiveawayId, accounts: readonly AccountId[]): void => {
    for (const accountId of accounts)
      prizeStore.ofAccount(database, giveawayId, accountId).then(
        (prize) => prize && teller.toAccount(accountId, prizeWon, { prize }),
        (error: unknown) => log.warn({ err: error, giveawayId }, 'a winner was not told'),
      )
  }

  return {
    tellCount: step(async (tx, giveawayId) => {
      if (!(await giveawayStore.countTold(tx, giveawayId))) return false
      await tell(tx, giveawayId, giveawayEntriesChanged, ({ entryCount }) => ({ giveawayId, entryCount }))
      return true
    }),
    close: step(freeze),
    draw: step(draw),
    tellWinners,
  }
}

export type Drawing = ReturnType<typeof createDrawing>

/** The frozen list is there whole, in its order, and has the hash that the room was told. */
const isAsTold = (one: GiveawayRecord, closed: ClosedFact, entries: readonly KeptEntry[]): boolean =>
  entries.length === closed.entryCount &&
  entries.every(({ entryNo }, at) => entryNo === at + 1) &&
  hashOf(one, entries) === closed.entryListHash

const hashOf = (one: GiveawayRecord, entries: readonly KeptEntry[]): string =>
  listHashOf(
    one,
    entries.map((entry) => entryHashOf(one.giveawayId, entry)),
  )
