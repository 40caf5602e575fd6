import type { AccountId, BrandId, ShowId } from '@livelot/client/contracts'
import { bidTermsVersion } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import type { Reason } from './entry.ts'
import { entryStore } from './entry-store.pg.ts'
import type { AuctionProfiles, AuctionShows, SavedCards } from './needs.ts'
import { nonPaymentsForBar, nonPaymentsForDeposit } from './record-limits.ts'

export interface EligibilityParts {
  readonly database: Database
  readonly shows: AuctionShows
  readonly profiles: AuctionProfiles
  readonly cards: SavedCards
}

/** One account before one show: what stands between it and a paddle there, and what its paddle would carry. */
export interface Standing {
  readonly name: string
  /** In the order of IneligibleReason. A deposit counts as missing until it is held. */
  readonly missing: readonly Reason[]
  /** Own brands, and those of accounts with a card in common. */
  readonly brandIds: readonly BrandId[]
  readonly isTeam: boolean
  readonly isBanned: boolean
  /** Bids only with a deposit. */
  readonly asksDeposit: boolean
  /** Held for this show; null: nothing. */
  readonly depositMinor: number | null
}

export function createEligibility({ database, shows, profiles, cards }: EligibilityParts) {
  /** Refuses: show.not_found. */
  return async (showId: ShowId, accountId: AccountId): Promise<Standing> => {
    const [show, rules, account] = await Promise.all([
      shows.byId(showId),
      shows.rules(showId),
      profiles.accountById(accountId),
    ])
    if (!show || !rules || !account) throw new Refusal('show.not_found')
    const host = await profiles.accountOfCreator(show.creatorId)
    const team = [...(host ? [host] : []), ...rules.moderators]
    const isTeam = team.includes(accountId)
    const [linked, sharers, hasCard, accepted, nonPayments, entry] = await Promise.all([
      cards.sharersAmong(accountId, team),
      cards.sharers(accountId),
      cards.hasAny(accountId),
      entryStore.acceptedVersion(database, accountId),
      entryStore.nonPayments(database, accountId),
      entryStore.byAccount(database, showId, accountId),
    ])
    const isBanned = rules.banned.has(accountId)
    const depositMinor = entry?.depositMinor ?? null
    const isLinked = linked.some((other) => other !== accountId)
    const asksDeposit = nonPayments >= nonPaymentsForDeposit && nonPayments < nonPaymentsForBar
    const stands: readonly [Reason, boolean][] = [
      ['terms_not_accepted', (accepted ?? 0) < bidTermsVersion],
      ['card_missing', !hasCard],
      ['address_missing', account.address === null],
      ['show_team', isTeam],
      ['linked_account', isLinked && !isTeam],
      ['barred_by_host', isBanned || entry?.isBarred === true],
      ['non_payer', nonPayments >= nonPaymentsForBar],
      ['deposit_required', asksDeposit && depositMinor === null],
    ]
    const others = sharers.filter((other) => other !== accountId)
    return {
      name: account.displayName,
      missing: stands.filter(([, isSo]) => isSo).map(([reason]) => reason),
      brandIds: [...new Set([...account.brandIds, ...(await profiles.brandsOfAccounts(others))])],
      isTeam,
      isBanned,
      asksDeposit,
      depositMinor,
    }
  }
}

export type Eligibility = ReturnType<typeof createEligibility>
