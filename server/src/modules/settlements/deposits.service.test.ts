import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AuctionHouse, type Bidder, startAuctionHouse } from '../../../test/support/auction-house.ts'
import { brokenRules } from '../../../test/support/invariants.ts'

let house: AuctionHouse
beforeAll(async () => {
  house = await startAuctionHouse()
})
afterAll(() => house.close())

const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' })
const hold = ({ account, cardId }: Bidder, limitMinor: number | null = null) =>
  house.settlements.deposits.hold({
    showId: house.shop.world.showId,
    accountId: account.accountId,
    cardId,
    limitMinor,
  })
const journalOf = ({ account }: Bidder) =>
  house.shop.rows<{ id: string; state: string; amount: number }>(
    'SELECT id, state, amount_minor AS amount FROM deposits WHERE account_id = $1 ORDER BY asked_at',
    [account.accountId],
  )
/** What the provider holds for the bidder's deposits. */
const heldFor = async (bidder: Bidder) => {
  const all = await Promise.all(
    (await journalOf(bidder)).map(({ id }) => house.shop.provider.listIntentsByCheckout(id)),
  )
  return all.flat().map((intent) => [intent.status, intent.amount.amountMinor, intent.capturedMinor])
}
const makeDue = () => house.shop.rows('UPDATE deposits SET look_at = now()')
const endShow = (agoMinutes: number) =>
  house.shop.rows(
    `UPDATE shows SET state = 'ended', started_at = now() - interval '2 hours', ended_at = now() - $2 * interval '1 minute'
     WHERE id = $1`,
    [house.shop.world.showId, agoMinutes],
  )
const notEligible = (details: object) => ({
  code: 'bid.not_eligible',
  details: { reason: 'deposit_required', ...details },
})

describe('a deposit', () => {
  it('[SE8] is held once for a show, the own limit or the fixed amount', async () => {
    const ada = await house.shop.buyer()
    expect(await hold(ada)).toEqual(usd(5_000))
    expect(await Promise.all([hold(ada), hold(ada)])).toEqual([usd(5_000), usd(5_000)])
    expect(await heldFor(ada)).toEqual([['authorised', 5_000, 0]])
    const careful = await house.shop.buyer()
    expect(await hold(careful, 1_200)).toEqual(usd(1_200))
    expect(await heldFor(careful)).toEqual([['authorised', 1_200, 0]])
    const eager = await house.shop.buyer()
    expect(await hold(eager, 900_000)).toEqual(usd(5_000))
    // A limit that is raised afterwards raises the deposit with it; a lower one leaves it.
    expect(await hold(careful, 900)).toEqual(usd(1_200))
    expect(await hold(careful)).toEqual(usd(5_000))
    expect(await heldFor(careful)).toEqual([
      ['canceled', 1_200, 0],
      ['authorised', 5_000, 0],
    ])
    const twice = await house.shop.buyer()
    await Promise.allSettled([hold(twice), hold(twice), hold(twice)])
    expect(await hold(twice)).toEqual(usd(5_000))
    expect(await heldFor(twice)).toEqual([['authorised', 5_000, 0]])
  })

  it('[SE8] is refused with the bank’s reason, and another card may be tried', async () => {
    const ada = await house.shop.buyer('declined')
    await expect(hold(ada)).rejects.toMatchObject(notEligible({ failure: 'card_declined' }))
    expect(await journalOf(ada)).toMatchObject([{ state: 'refused' }])
    const cardId = await house.shop.saveCard(ada.account)
    expect(await hold({ ...ada, cardId })).toEqual(usd(5_000))
    expect(await heldFor(ada)).toEqual([
      ['declined', 5_000, 0],
      ['authorised', 5_000, 0],
    ])
    const stranger = await house.shop.buyer()
    await expect(hold({ ...ada, account: stranger.account })).rejects.toMatchObject({ code: 'card.not_found' })
  })

  it('[SE8] waits for the bank’s step, or is let go for another card', async () => {
    const ada = await house.shop.buyer('challenge')
    const actionUrl = expect.stringContaining('/hosted/challenge/')
    const asked = await hold(ada).catch((error: { details: { actionUrl: string } }) => error)
    expect(asked).toMatchObject(notEligible({ actionUrl }))
    await expect(hold(ada)).rejects.toMatchObject(notEligible({ actionUrl }))
    await house.answerChallenge((asked as { details: { actionUrl: string } }).details.actionUrl, 'approve')
    expect(await hold(ada)).toEqual(usd(5_000))
    expect(await heldFor(ada)).toEqual([['authorised', 5_000, 0]])

    const ben = await house.shop.buyer('challenge')
    await expect(hold(ben)).rejects.toMatchObject(notEligible({ actionUrl }))
    const cardId = await house.shop.saveCard(ben.account)
    expect(await hold({ ...ben, cardId })).toEqual(usd(5_000))
    expect(await heldFor(ben)).toEqual([
      ['canceled', 5_000, 0],
      ['authorised', 5_000, 0],
    ])
  })

  it('[SE8] that another card has replaced while the bank was asked is let go', async () => {
    const ada = await house.shop.buyer()
    const cardId = await house.shop.saveCard(ada.account)
    const slow = house.settling(
      house.shop.newProcess((provider) => ({
        ...provider,
        authorise: async (request) => {
          await hold({ ...ada, cardId })
          return await provider.authorise(request)
        },
      })),
    )
    const wish = { showId: house.shop.world.showId, accountId: ada.account.accountId, cardId: ada.cardId }
    await expect(slow.deposits.hold(wish)).rejects.toMatchObject({ code: 'payment.unavailable' })
    expect((await heldFor(ada)).map(([status]) => status)).toEqual(['canceled', 'authorised'])
    expect((await journalOf(ada)).map(({ state }) => state)).toEqual(['released', 'held'])
  })

  it('[SE8] that nobody came back for is let go', async () => {
    const ada = await house.shop.buyer('challenge')
    await expect(hold(ada)).rejects.toMatchObject(notEligible({}))
    await makeDue()
    await house.settlements.deposits.sweep()
    expect(await journalOf(ada)).toMatchObject([{ state: 'needs_action' }])
    await house.shop.rows(`UPDATE deposits SET asked_at = now() - interval '20 minutes' WHERE account_id = $1`, [
      ada.account.accountId,
    ])
    await makeDue()
    await house.settlements.deposits.sweep()
    expect(await journalOf(ada)).toMatchObject([{ state: 'released' }])
    expect(await heldFor(ada)).toEqual([['canceled', 5_000, 0]])
  })

  it('[SE8] is let go when the show is over and nothing is owed, by whoever comes first, once', async () => {
    const ada = await house.shop.buyer()
    const owing = await house.shop.buyer('declined')
    const good = await house.shop.saveCard(owing.account)
    await hold(ada)
    await hold({ ...owing, cardId: good })
    const auctionId = await house.closeAuction({ bids: [[owing, 2_000]], hammerMinor: 1_000 })
    await house.settlements.begin(auctionId)
    await house.work()
    const both = [house.settlements, house.settling(house.shop.newProcess())]
    const sweep = async () => {
      await makeDue()
      await Promise.all(both.map((one) => one.deposits.sweep()))
    }
    await sweep()
    expect(await journalOf(ada)).toMatchObject([{ state: 'held' }])
    await endShow(1)
    await sweep()
    expect(await journalOf(ada)).toMatchObject([{ state: 'held' }])
    await endShow(11)
    await sweep()
    expect(await journalOf(ada)).toMatchObject([{ state: 'released' }])
    expect(await heldFor(ada)).toEqual([['canceled', 5_000, 0]])
    expect(await journalOf(owing)).toMatchObject([{ state: 'held' }])
    await house.runOut(auctionId)
    await house.settlements.sweepOffers()
    await sweep()
    expect(await journalOf(owing)).toMatchObject([{ state: 'released' }])
    expect(await heldFor(owing)).toEqual([['canceled', 5_000, 0]])
    expect(await brokenRules(house.shop)).toEqual([])
  })
})

describe('who left wins unpaid', () => {
  it('[SE8] enters with a deposit after the second, and not at all after the third', async () => {
    const hall = await startAuctionHouse()
    try {
      const { entries } = hall.auctionsOf(hall.shop, hall.settlements.deposits)
      const ada = await hall.shop.buyer('declined')
      const showId = hall.shop.world.showId
      const enter = (cardId = ada.cardId, limitMinor: number | null = 3_000) =>
        entries.enter({ showId, cardId, acceptedTermsVersion: 1, limitMinor }, ada.account)
      const leaveUnpaid = async () => {
        const auctionId = await hall.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
        await hall.settlements.begin(auctionId)
        await hall.work()
        await hall.runOut(auctionId)
        await hall.settlements.sweepOffers()
      }
      expect(await enter()).toMatchObject({ deposit: null })
      await leaveUnpaid()
      expect(await enter()).toMatchObject({ deposit: null })
      await leaveUnpaid()
      await expect(enter()).rejects.toMatchObject(notEligible({ failure: 'card_declined' }))
      const good = await hall.shop.saveCard(ada.account)
      expect(await enter(good)).toMatchObject({ cardId: good, deposit: usd(3_000) })
      // Raising the limit raises the deposit too; where that fails, nobody bids on the smaller one.
      await expect(enter(ada.cardId, null)).rejects.toMatchObject(notEligible({ failure: 'card_declined' }))
      expect((await entries.mine(showId, ada.account.accountId)).missing).toEqual(['deposit_required'])
      expect(await enter(good, null)).toMatchObject({ limitMinor: null, deposit: usd(5_000) })
      expect(await enter(good)).toMatchObject({ limitMinor: 3_000, deposit: usd(5_000) })
      await hall.shop.rows('UPDATE show_paddles SET card_id = $1', [ada.cardId])
      await leaveUnpaid()
      await expect(enter(good)).rejects.toMatchObject({ code: 'bid.not_eligible', details: { reason: 'non_payer' } })
      // What lies further back than thirty days does not count.
      await hall.shop.rows(`UPDATE auction_non_payments SET at = at - interval '31 days'`)
      expect(await enter(good)).toMatchObject({ cardId: good })
    } finally {
      await hall.close()
    }
  })
})
