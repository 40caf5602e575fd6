import {
  type AccountId,
  type Address,
  type DataOf,
  type GiveawayId,
  giveawayLimits,
  type HandedPrize,
  prizeExpired,
  prizeExpiring,
  type WonPrize,
} from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'
import type { Drawing } from './drawing.ts'
import { type GiveawayRecord, nextInTurn, prizeReference } from './giveaway.ts'
import { expiryBatchMax } from './limits.ts'
import type { PrizeGoods, SavedAddresses } from './needs.ts'
import { type ExpiredPrize, prizeStore } from './prizes.pg.ts'
import { giveawayStore } from './store.pg.ts'

export interface PrizeParts {
  readonly database: Database
  readonly goods: PrizeGoods
  readonly addresses: SavedAddresses
  readonly teller: Teller
  readonly tellWinners: Drawing['tellWinners']
  readonly log: Log
}

/** Prizes after the draw: claimed in time, or passed on. Against each other, whichever Postgres writes first wins. */
export function createPrizes({ database, goods, addresses, teller, tellWinners, log }: PrizeParts) {
  const record = async (giveawayId: GiveawayId): Promise<GiveawayRecord> => {
    const one = await giveawayStore.byId(database, giveawayId)
    if (!one) throw new Refusal('giveaway.not_found')
    return one
  }

  const tell = async (
    giveawayId: GiveawayId,
    accountId: AccountId,
    event: typeof prizeExpired | typeof prizeExpiring,
  ): Promise<void> => {
    const prize = await prizeStore.ofAccount(database, giveawayId, accountId)
    if (prize) teller.toAccount(accountId, event, { prize } satisfies DataOf<typeof prizeExpired>)
  }

  /** Gives one prize to the next in the order of the draw. Answers whose it is now; null where it goes to nobody. */
  const passOn = async (
    tx: Transaction,
    one: GiveawayRecord,
    { prizeNo, turn }: ExpiredPrize,
  ): Promise<AccountId | null> => {
    assertThat(one.drawn, 'only what was drawn has prizes')
    const { giveawayId, prize } = one
    const entryNo = nextInTurn(one.drawn.drawOrder, await prizeStore.countHanded(tx, giveawayId))
    if (turn < giveawayLimits.passesMax && entryNo !== null)
      return await prizeStore.add(tx, giveawayId, { prizeNo, turn: turn + 1, entryNo })
    if (prize.kind === 'variant') await goods.giveBack(tx, prizeReference(giveawayId, prizeNo))
    return null
  }

  const expireOf = async (giveawayId: GiveawayId): Promise<void> => {
    const one = await record(giveawayId)
    const { expired, next } = await database.transaction(async (tx) => {
      await giveawayStore.lock(tx, giveawayId)
      const over = await prizeStore.expire(tx, giveawayId)
      const passedTo: AccountId[] = []
      for (const prize of over) {
        const accountId = await passOn(tx, one, prize)
        if (accountId) passedTo.push(accountId)
      }
      return { expired: over, next: passedTo }
    })
    tellWinners(giveawayId, next)
    for (const { accountId } of expired) await tell(giveawayId, accountId, prizeExpired)
    if (expired.length > 0) log.info({ giveawayId, expired: expired.length, passedOn: next.length }, 'prizes passed on')
  }

  return {
    /**
     * Claims the caller's prize. Refuses: giveaway.not_found, prize.not_found, prize.expired, checkout.address_missing.
     * Repeats: the first claim stands, with its address.
     */
    claim: async (giveawayId: GiveawayId, given: Address | undefined, accountId: AccountId): Promise<WonPrize> => {
      const one = await record(giveawayId)
      const own = await prizeStore.ofAccount(database, giveawayId, accountId)
      if (!own) throw new Refusal('prize.not_found')
      if (own.state === 'claimed') return own
      if (own.state === 'expired') throw new Refusal('prize.expired')
      const address = given ?? (await addresses.addressOf(accountId))
      if (!address) throw new Refusal('checkout.address_missing')
      await database.transaction(async (tx) => {
        const claimed = await prizeStore.claim(tx, giveawayId, accountId, address)
        if (claimed && one.prize.kind === 'variant')
          await goods.handOver(tx, prizeReference(giveawayId, claimed.prizeNo))
      })
      const after = await prizeStore.ofAccount(database, giveawayId, accountId)
      if (after?.state !== 'claimed') throw new Refusal('prize.expired')
      return after
    },

    listMine: async (accountId: AccountId): Promise<{ items: WonPrize[] }> => ({
      items: await prizeStore.allOfAccount(database, accountId),
    }),

    /** For the host. Refuses: giveaway.not_found. */
    listHanded: async (giveawayId: GiveawayId, actor: Actor): Promise<{ items: HandedPrize[] }> => {
      const one = await record(giveawayId)
      if (one.creatorId !== creatorOf(actor).creatorId) throw new Refusal('giveaway.not_found')
      const items = await prizeStore.handed(database, giveawayId)
      // What the warehouse sends, it sends without the host's help: the address is none of the host's business.
      return { items: one.prize.kind === 'text' ? items : items.map((item) => ({ ...item, address: null })) }
    },

    /** Reminds whose time is nearly over, and passes on what was not claimed in time. */
    sweep: async (): Promise<void> => {
      for (const { giveawayId, accountId } of await prizeStore.remind(database, expiryBatchMax))
        await tell(giveawayId, accountId, prizeExpiring)
      for (const giveawayId of await prizeStore.overdue(database, expiryBatchMax)) await expireOf(giveawayId)
    },
  }
}

export type Prizes = ReturnType<typeof createPrizes>
