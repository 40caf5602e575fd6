import type {
  AccountId,
  AuctionId,
  barBidder,
  Entry,
  enterBidding,
  getMyEntry,
  PaddleHolder,
  RequestOf,
  ResponseOf,
  ShowId,
} from '@livelot/client/contracts'
import type { z } from 'zod'
import { writeOutbox } from '#infra/postgres/outbox'
import type { Database, Transaction } from '#infra/postgres/pool'
import { type AccountActor, type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { createEligibility } from './eligibility.ts'
import { barredFor, type PaddleRecord, type Reason, toEntrant, toEntry, toPaddle } from './entry.ts'
import { entryStore } from './entry-store.pg.ts'
import type { AuctionGate, Takeover } from './gate.ts'
import type { GateKeeper } from './gate-keeper.ts'
import { bidderChangedJob, lotTakenOverJob } from './jobs.ts'
import type { AuctionProfiles, AuctionShows, Deposits, SavedCards } from './needs.ts'

export interface EntryServiceParts {
  readonly database: Database
  readonly gate: AuctionGate
  readonly keeper: GateKeeper
  readonly shows: AuctionShows
  readonly profiles: AuctionProfiles
  readonly cards: SavedCards
  readonly deposits: Deposits
}

/** Told before anything else is looked at: they cannot be mended by the bidder. */
const forGood: readonly Reason[] = ['show_team', 'linked_account', 'barred_by_host', 'non_payer']
const deskTriesMax = 5

/** Who may bid in a show: Postgres holds it, the gate's desk follows. */
export function createEntryService(parts: EntryServiceParts) {
  const { database, gate, keeper, shows, cards, deposits } = parts
  const standingOf = createEligibility(parts)

  /**
   * The desk says of this bidder what Postgres says, whoever else writes at the same time: what was written is compared
   * with what Postgres says afterwards. Null where there is no such paddle. Refuses: auction.gate_closed.
   */
  const bringToDesk = async (showId: ShowId, accountId: AccountId): Promise<PaddleRecord | null> => {
    let written = ''
    for (let tries = 0; tries < deskTriesMax; tries += 1) {
      const record = await entryStore.byAccount(database, showId, accountId)
      if (!record) return null
      const entrant = toEntrant(record)
      if (JSON.stringify(entrant) === written) return record
      // Entering lifts no bar by itself; what Postgres says of it is told apart.
      const isAtDesk =
        (await gate.enter(showId, entrant)) === 'entered' &&
        (await gate.bar(showId, accountId, entrant.barredFor)) === 'barred'
      written = isAtDesk ? JSON.stringify(entrant) : ''
      if (!isAtDesk) await keeper.openDesk(showId)
    }
    throw new Refusal('auction.gate_closed', { retryAfterMs: 1_000 })
  }

  const ownShow = async (showId: ShowId, actor: Actor): Promise<void> => {
    const show = await shows.byId(showId)
    if (show?.creatorId !== creatorOf(actor).creatorId) throw new Refusal('show.not_found')
  }

  return {
    /**
     * Gives a paddle, or changes card and limit of the one there is. Refuses: show.not_found, card.not_found,
     * bid.not_eligible, payment.unavailable, auction.gate_closed. Repeats: the same paddle.
     */
    enter: async (request: RequestOf<typeof enterBidding>, actor: AccountActor): Promise<Entry> => {
      const { showId, cardId, limitMinor, acceptedTermsVersion } = request
      const { accountId } = actor
      const standing = await standingOf(showId, accountId)
      const blocked = standing.missing.find((reason) => forGood.includes(reason))
      if (blocked) throw new Refusal('bid.not_eligible', { reason: blocked })
      if (!(await cards.owns(accountId, cardId))) throw new Refusal('card.not_found')
      if (standing.missing.includes('address_missing'))
        throw new Refusal('bid.not_eligible', { reason: 'address_missing' })
      const { asksDeposit, depositMinor } = standing
      // The limit was raised: until more is held, what was held for a lower one counts for nothing.
      if (asksDeposit && depositMinor !== null && depositMinor < (limitMinor ?? Number.POSITIVE_INFINITY)) {
        await entryStore.dropDeposit(database, showId, accountId)
        await bringToDesk(showId, accountId)
      }
      const deposit = asksDeposit ? await deposits.hold({ showId, accountId, cardId, limitMinor }) : null
      if (asksDeposit && !deposit) throw new Refusal('bid.not_eligible', { reason: 'deposit_required' })
      const { name, brandIds, isTeam, isBanned } = standing
      const termsVersion = acceptedTermsVersion
      const entry = { showId, accountId, name, cardId, limitMinor, termsVersion, brandIds, isTeam, isBanned, deposit }
      await entryStore.enter(database, entry)
      const record = await bringToDesk(showId, accountId)
      assertThat(record, 'who has entered has a paddle')
      return toEntry(record)
    },

    /** The caller's paddle, or what stands in the way of one or of its use. Refuses: show.not_found. */
    mine: async (showId: ShowId, accountId: AccountId): Promise<ResponseOf<typeof getMyEntry>> => {
      const [standing, record] = await Promise.all([
        standingOf(showId, accountId),
        entryStore.byAccount(database, showId, accountId),
      ])
      return { entry: record && toEntry(record), missing: [...standing.missing] }
    },

    /** Who holds a paddle in a show of the caller. Refuses: show.not_found. */
    list: async (showId: ShowId, actor: Actor): Promise<{ items: z.infer<typeof PaddleHolder>[] }> => {
      await ownShow(showId, actor)
      const records = await entryStore.ofShow(database, showId)
      const items = records.map((record) => ({
        paddle: toPaddle(record),
        accountId: record.accountId,
        isBarred: record.isBarred,
      }))
      return { items }
    },

    /**
     * Mutes a bidder, or lifts it. Bids that stand go on standing. Refuses: show.not_found, profile.not_found,
     * auction.gate_closed. Repeats: changes nothing.
     */
    bar: async (request: RequestOf<typeof barBidder>, actor: Actor): Promise<Record<string, never>> => {
      const { showId, paddle, isBarred } = request
      await ownShow(showId, actor)
      const record = await entryStore.setBarred(database, showId, paddle, isBarred)
      if (!record) throw new Refusal('profile.not_found')
      await bringToDesk(showId, record.accountId)
      return {}
    },

    /** Somebody became a moderator, was banned, or is neither any more. Repeats: changes nothing. */
    standingChanged: async (showId: ShowId, accountId: AccountId): Promise<void> => {
      const rules = await shows.rules(showId)
      if (!rules) return
      const is = { team: rules.moderators.has(accountId), banned: rules.banned.has(accountId) }
      if (await entryStore.setStanding(database, showId, accountId, is)) await bringToDesk(showId, accountId)
    },

    /** What counts against a bidder changed: every desk that knows the account is told. Repeats: changes nothing. */
    bidderChanged: async (accountId: AccountId): Promise<void> => {
      for (const { showId } of await entryStore.ofAccount(database, accountId)) await bringToDesk(showId, accountId)
    },

    /** A win was not paid in time; it counts against its winner for thirty days. Repeats: counts once. */
    recordNonPayment: async (tx: Transaction, accountId: AccountId, auctionId: AuctionId): Promise<void> => {
      await entryStore.recordNonPayment(tx, accountId, auctionId)
      await writeOutbox(tx, bidderChangedJob, { accountId })
    },

    /** A lot went on to a runner-up, at the own last bid: it counts to the own limit. Repeats: counts once. */
    recordTakeover: async (tx: Transaction, showId: ShowId, takeover: Takeover): Promise<void> => {
      await entryStore.recordTakeover(tx, takeover)
      await writeOutbox(tx, lotTakenOverJob, { showId, ...takeover })
    },

    /** The desk counts it too. Refuses: auction.gate_closed. Repeats: counts once. */
    bindTakeover: async (showId: ShowId, takeover: Takeover): Promise<void> => {
      for (let tries = 0; tries < deskTriesMax; tries += 1) {
        if ((await gate.bind(showId, takeover)) === 'bound') return
        await keeper.openDesk(showId)
      }
      throw new Refusal('auction.gate_closed', { retryAfterMs: 1_000 })
    },

    /** The paddle of an account in a show, with the card that its wins are charged to; null where there is none. */
    paddleOf: (showId: ShowId, accountId: AccountId): Promise<PaddleRecord | null> =>
      entryStore.byAccount(database, showId, accountId),

    /** Refuses: bid.not_eligible, for an account that may not bid in the show. */
    bidder: async (showId: ShowId, accountId: AccountId): Promise<PaddleRecord> => {
      const record = await entryStore.byAccount(database, showId, accountId)
      const reason = record ? barredFor(record) : 'not_entered'
      if (!record || reason) throw new Refusal('bid.not_eligible', { reason })
      return record
    },
  }
}

export type EntryService = ReturnType<typeof createEntryService>
