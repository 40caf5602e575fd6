import type { AccountId, ShowId } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { type Bidder, type Hall, openHall } from './hall-for-tests.ts'
import { deskKeys } from './keys.ts'

let hall: Hall
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  hall = await openHall({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await hall?.close()
  for (const one of stores) await one.drop()
})

const refusal = (code: string, details: unknown = expect.anything()) => expect.objectContaining({ code, details })
const notEligible = (reason: string) => refusal('bid.not_eligible', expect.objectContaining({ reason }))
const missing = async (accountId: AccountId, showId: ShowId = hall.showId) =>
  (await hall.auctions.entries.mine(showId, accountId)).missing
const moderator = (accountId: AccountId) =>
  hall.run('INSERT INTO show_moderators (show_id, account_id) VALUES ($1, $2)', [hall.showId, accountId])
/** Wins that the account left unpaid, `daysAgo`. */
const leaveUnpaid = async (accountId: AccountId, daysAgo: number) => {
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  await hall.database.transaction((tx) => hall.auctions.recordNonPayment(tx, accountId, auctionId))
  await hall.run(`UPDATE auction_non_payments SET at = now() - $2 * interval '1 day' WHERE auction_id = $1`, [
    auctionId,
    daysAgo,
  ])
  await hall.auctions.entries.bidderChanged(accountId)
  return auctionId
}

it('[AU24] gives each bidder of a show one paddle, numbered from 1, however often and at once they enter', async () => {
  const showId = await hall.addShow(hall.host.creatorId)
  const people = await Promise.all(Array.from({ length: 6 }, () => hall.bidder(null)))
  const entered = await Promise.all([...people, ...people].map((who) => hall.enter(showId, who)))
  const numbers = entered.map((entry) => entry.paddle.number)
  expect(numbers.slice(0, 6)).toEqual(numbers.slice(6))
  expect(numbers.slice(0, 6).sort()).toEqual([1, 2, 3, 4, 5, 6])
  const [first] = people as [Bidder]
  const cardId = await hall.addCard(first.accountId)
  const changed = await hall.enter(showId, { ...first, cardId }, 9_000)
  expect(changed).toEqual({ ...entered[0], cardId, limitMinor: 9_000 })
  expect(await hall.auctions.entries.mine(showId, first.accountId)).toEqual({ entry: changed, missing: [] })
  const { items } = await hall.auctions.entries.list(showId, hall.host)
  expect(items).toHaveLength(6)
  expect(items.find((one) => one.accountId === first.accountId)).toEqual({
    paddle: changed.paddle,
    accountId: first.accountId,
    isBarred: false,
  })
  await expect(hall.auctions.entries.list(showId, await hall.addHost())).rejects.toEqual(refusal('show.not_found'))
})

it('[AU25] gives no paddle without a card of the own, an address and the terms', async () => {
  const actor = await hall.addAccount()
  expect(await missing(actor.accountId)).toEqual(['terms_not_accepted', 'card_missing'])
  const other = await hall.bidder(null)
  const asked = { actor, accountId: actor.accountId, cardId: other.cardId }
  await expect(hall.enter(hall.showId, asked)).rejects.toEqual(refusal('card.not_found'))
  const cardId = await hall.addCard(actor.accountId)
  await hall.run('UPDATE accounts SET address = NULL WHERE id = $1', [actor.accountId])
  expect(await missing(actor.accountId)).toEqual(['terms_not_accepted', 'address_missing'])
  await expect(hall.enter(hall.showId, { ...asked, cardId })).rejects.toEqual(notEligible('address_missing'))
  await expect(
    hall.auctions.entries.mine('00000000-0000-4000-8000-000000000000' as ShowId, actor.accountId),
  ).rejects.toEqual(refusal('show.not_found'))
})

it('[AU25] gives no paddle to the host, to moderators, to banned people and to who shares a card with the team', async () => {
  const host = {
    actor: hall.host,
    accountId: hall.host.accountId,
    cardId: await hall.addCard(hall.host.accountId, 'F1'),
  }
  await expect(hall.enter(hall.showId, host)).rejects.toEqual(notEligible('show_team'))
  const helper = await hall.bidder(null)
  await moderator(helper.accountId)
  expect(await missing(helper.accountId)).toEqual(['terms_not_accepted', 'show_team'])
  await expect(hall.enter(hall.showId, helper)).rejects.toEqual(notEligible('show_team'))
  const linked = await hall.bidder(null)
  await hall.addCard(linked.accountId, 'F1')
  // The card named is another one: all that the account saved count.
  await expect(hall.enter(hall.showId, linked)).rejects.toEqual(notEligible('linked_account'))
  const banned = await hall.bidder(null)
  await hall.run(
    `INSERT INTO show_restrictions (show_id, account_id, kind, by_account_id) VALUES ($1, $2, 'ban', $3)`,
    [hall.showId, banned.accountId, hall.host.accountId],
  )
  await expect(hall.enter(hall.showId, banned)).rejects.toEqual(notEligible('barred_by_host'))
})

it('[AU26] keeps people from lots of their own brands, and of brands of whom they share a card with', async () => {
  const [seller, friend] = [await hall.bidder(null), await hall.bidder(null)]
  for (const who of [seller, friend]) await hall.addCard(who.accountId, 'F2')
  const { brandId, variantId } = await hall.addVariant(3)
  await hall.run('INSERT INTO brand_members (brand_id, account_id) VALUES ($1, $2)', [brandId, seller.accountId])
  for (const who of [seller, friend]) await hall.enter(hall.showId, who)
  const theirs = await hall.start((await hall.lot({ goods: { kind: 'variant', variantId } })).lotId)
  const others = await hall.start((await hall.lot()).lotId)
  for (const who of [seller, friend]) {
    await expect(hall.bid(theirs.auctionId, who, 1_000)).rejects.toEqual(notEligible('own_lot'))
  }
  expect(await hall.bid(others.auctionId, seller, 1_000)).toMatchObject({ answer: 'leading' })
})

it('[AU27] lets the host mute a bidder and lift it; bids that stand go on standing', async () => {
  const [ada, ben] = [await hall.bidder(), await hall.bidder()]
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  await hall.bid(auctionId, ada, 1_000)
  const { paddle } = await hall.auctions.entries.bidder(hall.showId, ada.accountId)
  const bar = (isBarred: boolean) => hall.auctions.entries.bar({ showId: hall.showId, paddle, isBarred }, hall.host)
  expect([await bar(true), await bar(true)]).toEqual([{}, {}])
  await expect(hall.bid(auctionId, ada, 5_000)).rejects.toEqual(notEligible('barred_by_host'))
  expect(await missing(ada.accountId)).toEqual(['barred_by_host'])
  // Entering again does not lift it.
  await expect(hall.enter(hall.showId, ada)).rejects.toEqual(notEligible('barred_by_host'))
  expect((await hall.auctions.views.get(auctionId, ben.actor)).figures.leader?.number).toBe(paddle)
  await bar(false)
  expect(await hall.bid(auctionId, ada, 5_000, 'max')).toMatchObject({ answer: 'leading', maximumMinor: 5_000 })
  await expect(
    hall.auctions.entries.bar({ showId: hall.showId, paddle: 9_999, isBarred: true }, hall.host),
  ).rejects.toEqual(refusal('profile.not_found'))
})

it('[AU27] takes the right to bid from who becomes a moderator or is banned, until that is lifted', async () => {
  const ada = await hall.bidder()
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  await hall.bid(auctionId, ada, 1_000)
  await moderator(ada.accountId)
  await hall.auctions.entries.standingChanged(hall.showId, ada.accountId)
  await expect(hall.bid(auctionId, ada, 5_000)).rejects.toEqual(notEligible('show_team'))
  await hall.run('DELETE FROM show_moderators WHERE account_id = $1', [ada.accountId])
  await hall.run(
    `INSERT INTO show_restrictions (show_id, account_id, kind, by_account_id) VALUES ($1, $2, 'ban', $3)`,
    [hall.showId, ada.accountId, hall.host.accountId],
  )
  await hall.auctions.entries.standingChanged(hall.showId, ada.accountId)
  await expect(hall.bid(auctionId, ada, 5_000)).rejects.toEqual(notEligible('barred_by_host'))
  await hall.run('DELETE FROM show_restrictions WHERE account_id = $1', [ada.accountId])
  await hall.auctions.entries.standingChanged(hall.showId, ada.accountId)
  expect(await hall.bid(auctionId, ada, 5_000, 'max')).toMatchObject({ answer: 'leading' })
})

it('[AU12] counts a lot that went on to a runner-up to the own limit, once, also at a desk that was written anew', async () => {
  const before = await hall.start((await hall.lot()).lotId)
  const ben = await hall.bidder(null)
  await hall.enter(hall.showId, ben, 3_000)
  const takeover = { auctionId: before.auctionId, accountId: ben.accountId, amountMinor: 1_500 }
  const record = () =>
    hall.database.transaction((tx) => hall.auctions.entries.recordTakeover(tx, hall.showId, takeover))
  await record()
  await record()
  const told = await hall.jobs('auctions.lot-taken-over')
  expect(told).toEqual([
    { showId: hall.showId, ...takeover },
    { showId: hall.showId, ...takeover },
  ])
  const bind = () => hall.auctions.entries.bindTakeover(hall.showId, takeover)
  await Promise.all([bind(), bind(), bind()])
  const next = await hall.start((await hall.lot()).lotId)
  const over = refusal('bid.over_limit', expect.objectContaining({ limitLeftMinor: 1_500 }))
  await expect(hall.bid(next.auctionId, ben, 1_600, 'max')).rejects.toEqual(over)
  await hall.redis.del(...deskKeys(hall.showId))
  await bind()
  await expect
    .poll(() => hall.bid(next.auctionId, ben, 1_600, 'max').catch((error: { code?: string }) => error.code))
    .toBe('bid.over_limit')
  expect(await hall.bid(next.auctionId, ben, 1_500, 'max')).toMatchObject({ answer: 'leading' })
})

it('[AU28] asks a deposit of who left two wins of thirty days unpaid, and keeps out who left three', async () => {
  const ada = await hall.bidder()
  const { auctionId } = await hall.start((await hall.lot()).lotId)
  await leaveUnpaid(ada.accountId, 31)
  await leaveUnpaid(ada.accountId, 29)
  expect(await missing(ada.accountId)).toEqual([])
  const last = await leaveUnpaid(ada.accountId, 0)
  // The same failure counts once.
  await hall.database.transaction((tx) => hall.auctions.recordNonPayment(tx, ada.accountId, last))
  expect(await missing(ada.accountId)).toEqual(['deposit_required'])
  await expect(hall.bid(auctionId, ada, 1_000)).rejects.toEqual(notEligible('deposit_required'))
  await expect(hall.enter(hall.showId, ada)).rejects.toEqual(notEligible('deposit_required'))
  hall.deposits.set(ada.accountId, { amountMinor: 2_000, currency: 'USD' })
  expect(await hall.enter(hall.showId, ada)).toMatchObject({ deposit: { amountMinor: 2_000, currency: 'USD' } })
  expect(await missing(ada.accountId)).toEqual([])
  expect(await hall.bid(auctionId, ada, 1_000)).toMatchObject({ answer: 'leading' })
  await leaveUnpaid(ada.accountId, 1)
  expect(await missing(ada.accountId)).toEqual(['non_payer'])
  await expect(hall.bid(auctionId, ada, 5_000)).rejects.toEqual(notEligible('non_payer'))
  await expect(hall.enter(await hall.addShow(hall.host.creatorId), ada)).rejects.toEqual(notEligible('non_payer'))
  expect(await hall.jobs('auctions.bidder-changed')).toContainEqual({ accountId: ada.accountId })
})
