import { type AuctionId, type CheckoutId, type OperationId, offerChanged, type Win } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type AuctionHouse, type Bidder, startAuctionHouse } from '../../../test/support/auction-house.ts'
import { brokenRules, witnessedIntents } from '../../../test/support/invariants.ts'

let house: AuctionHouse
beforeAll(async () => {
  house = await startAuctionHouse()
})
afterAll(() => house.close())

const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' })
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })
const stock = async () => {
  const [levels] = await house.shop.rows<{ available: number; held: number; sold: number }>(
    'SELECT available, held, sold FROM stock_levels WHERE variant_id = $1',
    [house.shop.world.variantId],
  )
  if (!levels) throw new Error('the seeded variant has stock')
  return levels
}
const lotState = async (auctionId: AuctionId) =>
  (await house.shop.rows<{ state: string }>('SELECT state FROM lots WHERE auction_id = $1', [auctionId]))[0]?.state
/** What the room was told of the settlement, in its order. */
const settled = async (auctionId: AuctionId) =>
  (
    await house.shop.rows<{ data: { outcome: string; depth: number } }>(
      `SELECT payload -> 'data' AS data FROM outbox WHERE payload ->> 'type' = 'auction:settled'
       AND payload -> 'data' ->> 'auctionId' = $1 ORDER BY id`,
      [auctionId],
    )
  ).map((row) => `${row.data.outcome} ${row.data.depth}`)
/** What somebody who comes later is told of it. */
const listed = async (auctionId: AuctionId) => {
  const { items } = await house.settlements.listOfShow(house.shop.world.showId)
  const found = items.find((one) => one.auctionId === auctionId)
  return found ? `${found.outcome} ${found.depth}` : null
}
const nonPayers = async (auctionId: AuctionId) =>
  (
    await house.shop.rows<{ id: string }>(
      'SELECT account_id AS id FROM auction_non_payments WHERE auction_id = $1 ORDER BY at, account_id',
      [auctionId],
    )
  ).map((row) => row.id)
const chargesOf = async (win: Pick<Win, 'checkoutId'>) =>
  (await house.shop.provider.listIntentsByCheckout(win.checkoutId ?? '')).map((intent) => [
    intent.status,
    intent.capturedMinor,
  ])
const moneyIsRight = async () => expect(await brokenRules(house.shop)).toEqual([])

describe('the winner', () => {
  it('[SE1] [SE9] is charged the hammer with shipping and tax, and gets the unit that was set aside', async () => {
    const ada = await house.shop.buyer()
    const ben = await house.shop.buyer()
    const before = await stock()
    const auctionId = await house.closeAuction({
      bids: [
        [ben, 1_000],
        [ada, 5_000],
      ],
      hammerMinor: 1_100,
    })
    expect(await stock()).toEqual({ ...before, available: before.available - 1, held: before.held + 1 })
    await house.settlements.begin(auctionId)
    const begun = await house.winOf(ada, auctionId)
    expect(begun).toEqual({
      auctionId,
      showId: house.shop.world.showId,
      lotNumber: expect.any(Number),
      title: 'Old mug',
      pictureUrl: '/mug.webp',
      hammer: usd(1_100),
      // 1100 + 499 delivery, and 6.25 % of both.
      total: usd(1_699),
      offer: {
        offerId: expect.any(String),
        depth: 0,
        isRunnerUp: false,
        state: 'charging',
        actionUrl: null,
        failure: null,
        payBeforeMs: null,
      },
      checkoutId: expect.any(String),
      orderId: expect.any(String),
      orderNumber: expect.stringMatching(/^LL-/),
      bundleId: expect.any(String),
    })
    expect(await stock()).toEqual({ ...before, available: before.available - 1, held: before.held + 1 })
    await house.work()
    const paid = await house.winOf(ada, auctionId)
    expect(paid).toEqual({ ...begun, offer: { ...begun.offer, state: 'paid' } })
    expect(await chargesOf(paid)).toEqual([['captured', 1_699]])
    expect(await stock()).toEqual({ ...before, available: before.available - 1, sold: before.sold + 1 })
    expect(await settled(auctionId)).toEqual(['paid 0'])
    expect(await listed(auctionId)).toBe('paid 0')
    expect(await lotState(auctionId)).toBe('sold')
    const told = () =>
      house.shop.told.filter((one) => one.accountId === ada.account.accountId && one.event === offerChanged.name)
    await expect.poll(() => told().at(-1)?.data).toEqual({ win: paid })
    await house.settlements.begin(auctionId)
    expect(await house.offersOf(auctionId)).toHaveLength(1)
    expect((await house.settlements.listMyWins(ben.account.accountId, null)).items).toEqual([])
    await moneyIsRight()
  })

  it('[SE2] [SE9] whose card is declined pays with another one in time', async () => {
    const ada = await house.shop.buyer('declined')
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.settlements.begin(auctionId)
    const askedAt = Date.now()
    await house.work()
    const failed = await house.winOf(ada, auctionId)
    expect(failed.offer).toMatchObject({ state: 'payment_failed', failure: 'card_declined' })
    const leftMs = (failed.offer.payBeforeMs ?? 0) - askedAt
    expect(leftMs).toBeGreaterThan(119_000)
    expect(leftMs).toBeLessThan(130_000)

    const cardId = await house.shop.saveCard(ada.account)
    const wish = { offerId: failed.offer.offerId, cardId, operationId: newId<OperationId>() }
    const stranger = await house.shop.buyer()
    await expect(house.settlements.pay(stranger.account, wish)).rejects.toEqual(refusal('offer.not_found'))
    await expect(
      house.settlements.pay(ada.account, { ...wish, cardId: stranger.cardId, operationId: newId() }),
    ).rejects.toEqual(refusal('card.not_found'))
    const again = await Promise.all([1, 2, 3].map(() => house.settlements.pay(ada.account, wish)))
    expect(new Set(again.map((one) => one.checkoutId)).size).toBe(1)
    expect(again[0]?.offer).toMatchObject({ state: 'charging', failure: null, payBeforeMs: null })
    await expect(house.settlements.pay(ada.account, { ...wish, cardId: ada.cardId })).rejects.toEqual(
      refusal('idempotency.key_reused'),
    )
    await expect(house.settlements.pay(ada.account, { ...wish, operationId: newId() })).rejects.toEqual(
      refusal('offer.in_payment'),
    )
    // The time runs out while the payment is under way: it was begun in time.
    await house.runOut(auctionId)
    await house.work()
    const paid = await house.winOf(ada, auctionId)
    expect(paid.offer.state).toBe('paid')
    expect(await chargesOf(paid)).toEqual([['captured', 1_593]])
    expect(await nonPayers(auctionId)).toEqual([])
    await expect(house.settlements.pay(ada.account, { ...wish, operationId: newId() })).rejects.toEqual(
      refusal('offer.over'),
    )
    await moneyIsRight()
  })

  it('[SE2] does the bank’s step in time', async () => {
    const ada = await house.shop.buyer('challenge')
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.settlements.begin(auctionId)
    await house.work()
    const asked = await house.winOf(ada, auctionId)
    expect(asked.offer).toMatchObject({
      state: 'needs_action',
      failure: null,
      actionUrl: expect.stringContaining('/hosted/challenge/'),
      payBeforeMs: expect.any(Number),
    })
    // Money is not taken later than that either.
    const [checkout] = await house.shop.rows<{ ms: number }>(
      'SELECT (extract(epoch FROM pay_before) * 1000)::bigint AS ms FROM checkouts WHERE id = $1',
      [asked.checkoutId],
    )
    expect(checkout?.ms).toBe(asked.offer.payBeforeMs)
    await house.answerChallenge(asked.offer.actionUrl ?? '', 'approve')
    // The provider's event may be looking at the payment already.
    const state = async () => {
      await house.work()
      return (await house.winOf(ada, auctionId)).offer.state
    }
    await expect.poll(state).toBe('paid')
    await moneyIsRight()
  })

  it('[SE2] may take another card instead of the bank’s step; what the first one held is let go', async () => {
    const ada = await house.shop.buyer('challenge')
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.settlements.begin(auctionId)
    await house.work()
    const asked = await house.winOf(ada, auctionId)
    const cardId = await house.shop.saveCard(ada.account)
    const wish = { offerId: asked.offer.offerId, cardId, operationId: newId<OperationId>() }
    const begun = await house.settlements.pay(ada.account, wish)
    expect(begun.checkoutId).not.toBe(asked.checkoutId)
    await house.work()
    expect(await chargesOf(asked)).toEqual([['canceled', 0]])
    expect(await chargesOf(begun)).toEqual([['captured', 1_593]])
    expect((await house.winOf(ada, auctionId)).offer.state).toBe('paid')
    await moneyIsRight()
  })

  it('[SE2] [SE5] who leaves the bank’s step undone has not paid', async () => {
    const [ada, ben] = [await house.shop.buyer('challenge'), await house.shop.buyer()]
    const auctionId = await house.closeAuction({
      bids: [
        [ben, 900],
        [ada, 2_000],
      ],
      hammerMinor: 1_000,
    })
    await house.settlements.begin(auctionId)
    await house.work()
    const asked = await house.winOf(ada, auctionId)
    await house.runOut(auctionId)
    await house.shop.rows('UPDATE checkouts SET pay_before = now() WHERE id = $1', [asked.checkoutId])
    await house.work()
    expect(await house.offersOf(auctionId)).toMatchObject([{ state: 'passed_on' }, { state: 'charging' }])
    const takenOver = 'SELECT account_id, amount_minor FROM auction_takeovers WHERE auction_id = $1'
    expect(await house.shop.rows(takenOver, [auctionId])).toEqual([
      { account_id: ben.account.accountId, amount_minor: 900 },
    ])
    await house.work()
    expect((await house.winOf(ben, auctionId)).offer.state).toBe('paid')
    expect(await nonPayers(auctionId)).toEqual([ada.account.accountId])
    expect(await chargesOf(asked)).toEqual([['canceled', 0]])
    await moneyIsRight()
  })
})

describe('the runners-up', () => {
  const failing = (cards: readonly string[]): Promise<Bidder[]> =>
    Promise.all(cards.map((card) => house.shop.buyer(card)))

  it('[SE1] [SE3] are charged their own last bid, the best first, when the winner has not paid in time', async () => {
    const [ada, ben, cleo] = (await failing(['declined', 'visa', 'visa'])) as [Bidder, Bidder, Bidder]
    const bids = [
      [cleo, 700],
      [ben, 500],
      [cleo, 800],
      [ben, 900],
      [ada, 2_000],
    ] as const
    const auctionId = await house.closeAuction({ bids, hammerMinor: 1_000 })
    const setAside = await stock()
    await house.settlements.begin(auctionId)
    await house.work()
    expect(await house.offersOf(auctionId)).toHaveLength(1)
    // The unit was there for the next bidder all the time.
    expect(await stock()).toEqual(setAside)
    await house.runOut(auctionId)
    await house.settlements.sweepOffers()
    expect(await house.offersOf(auctionId)).toMatchObject([
      { accountId: ada.account.accountId, depth: 0, state: 'passed_on' },
      { accountId: ben.account.accountId, depth: 1, state: 'charging' },
    ])
    await house.work()
    const paid = await house.winOf(ben, auctionId)
    expect(paid).toMatchObject({ hammer: usd(900), offer: { depth: 1, isRunnerUp: true, state: 'paid' } })
    expect(await chargesOf(paid)).toEqual([['captured', 1_486]])
    expect(await stock()).toEqual({ ...setAside, held: setAside.held - 1, sold: setAside.sold + 1 })
    expect(await settled(auctionId)).toEqual(['passed_on 0', 'paid 1'])
    expect(await listed(auctionId)).toBe('paid 1')
    expect(await nonPayers(auctionId)).toEqual([ada.account.accountId])
    expect(await lotState(auctionId)).toBe('sold')
    const late = { offerId: (await house.winOf(ada, auctionId)).offer.offerId, cardId: ada.cardId }
    await expect(house.settlements.pay(ada.account, { ...late, operationId: newId() })).rejects.toEqual(
      refusal('offer.over'),
    )
    await moneyIsRight()
  })

  it('[SE3] are not charged beyond the limit that they set, counting what they won since', async () => {
    const [ada, ben, cleo] = (await failing(['declined', 'visa', 'visa'])) as [Bidder, Bidder, Bidder]
    const bids = [
      [cleo, 800],
      [ben, 900],
      [ada, 2_000],
    ] as const
    const passOn = async (limitMinor: number) => {
      const auctionId = await house.closeAuction({ bids, hammerMinor: 1_000 })
      await house.shop.rows('UPDATE show_paddles SET limit_minor = $2 WHERE account_id = $1', [
        ben.account.accountId,
        limitMinor,
      ])
      await house.settlements.begin(auctionId)
      await house.work()
      await house.runOut(auctionId)
      await house.settlements.sweepOffers()
      await house.work()
      return (await house.offersOf(auctionId)).at(-1)
    }
    const since = await house.closeAuction({ bids: [[ben, 1_000]], hammerMinor: 600 })
    await house.settlements.begin(since)
    await house.work()
    expect(await passOn(1_499)).toMatchObject({ accountId: cleo.account.accountId, state: 'paid' })
    expect(await passOn(1_500)).toMatchObject({ accountId: ben.account.accountId, state: 'paid' })
    // Won as runner-up counts as well.
    expect(await passOn(2_399)).toMatchObject({ accountId: cleo.account.accountId, state: 'paid' })
    expect(await passOn(2_400)).toMatchObject({ accountId: ben.account.accountId, state: 'paid' })
    await moneyIsRight()
  })

  it('[SE3] who all fail leave the lot unsold, its unit in stock and a mark on each', async () => {
    const all = (await failing(['declined', 'insufficient-funds', 'expired'])) as [Bidder, Bidder, Bidder]
    const before = await stock()
    const bids = all.map((bidder, index) => [bidder, 1_000 - index * 100] as const)
    const auctionId = await house.closeAuction({ bids, hammerMinor: 950 })
    await house.settlements.begin(auctionId)
    for (let depth = 0; depth < 3; depth += 1) {
      await house.work()
      expect((await house.offersOf(auctionId)).at(-1)).toMatchObject({ depth, state: 'payment_failed' })
      const win = await house.winOf(all[depth] as Bidder, auctionId)
      const leftMs = (win.offer.payBeforeMs ?? 0) - Date.now()
      expect(Math.round(leftMs / 60_000)).toBe(depth === 0 ? 2 : 1)
      await house.runOut(auctionId)
      await house.settlements.sweepOffers()
    }
    expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['passed_on', 'passed_on', 'passed_on'])
    expect(await settled(auctionId)).toEqual(['passed_on 0', 'passed_on 1', 'not_sold 2'])
    expect(await listed(auctionId)).toBe('not_sold 2')
    expect((await nonPayers(auctionId)).sort()).toEqual(all.map((one) => one.account.accountId).sort())
    expect(await stock()).toEqual(before)
    expect(await lotState(auctionId)).toBe('unsold')
    await moneyIsRight()
  })

  it('[SE3] are asked down to depth three, and never below the reserve', async () => {
    const all = await failing(Array.from({ length: 5 }, () => 'declined'))
    const bids = all.map((bidder, index) => [bidder, 1_000 - index * 100] as const)
    const deep = await house.closeAuction({ bids, hammerMinor: 950 })
    const guarded = await house.closeAuction({ bids, hammerMinor: 950, reserveMinor: 900 })
    for (const auctionId of [deep, guarded]) {
      await house.settlements.begin(auctionId)
      for (let turn = 0; turn < 6; turn += 1) {
        await house.work()
        await house.runOut(auctionId)
        await house.settlements.sweepOffers()
      }
    }
    expect((await house.offersOf(deep)).map((one) => one.state)).toEqual(Array.from({ length: 4 }, () => 'passed_on'))
    expect(await settled(deep)).toEqual(['passed_on 0', 'passed_on 1', 'passed_on 2', 'not_sold 3'])
    expect(await settled(guarded)).toEqual(['passed_on 0', 'not_sold 1'])
    await moneyIsRight()
  })
})

describe('whatever dies on the way', () => {
  it('[SE4] two processes that settle at once make one offer, one order and one charge', async () => {
    const selling = [house.shop, house.shop.newProcess()]
    const settling = [house.settlements, house.settling(selling[1] as typeof house.shop)]
    for (let round = 0; round < 5; round += 1) {
      const [ada, ben] = [await house.shop.buyer('declined'), await house.shop.buyer()]
      const auctionId = await house.closeAuction({
        bids: [
          [ben, 900],
          [ada, 2_000],
        ],
        hammerMinor: 1_000,
      })
      await Promise.all([...settling, ...settling].map((one) => one.begin(auctionId)))
      expect(await house.offersOf(auctionId)).toHaveLength(1)
      await house.work()
      await house.runOut(auctionId)
      await Promise.all([...settling, ...settling].map((one) => one.sweepOffers()))
      expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['passed_on', 'charging'])
      const { checkoutId } = (await house.winOf(ben, auctionId)) as { checkoutId: CheckoutId }
      await Promise.all(selling.map(({ checkout }) => checkout.advance(checkoutId, 'job')))
      await Promise.all([...settling, ...settling].map((one) => one.sweepOffers()))
      expect(await settled(auctionId)).toEqual(['passed_on 0', 'paid 1'])
      expect(
        await house.shop.rows('SELECT state, count(*) AS n FROM orders WHERE auction_id = $1 GROUP BY 1 ORDER BY 1', [
          auctionId,
        ]),
      ).toEqual([
        { state: 'paid', n: 1 },
        { state: 'payment_failed', n: 1 },
      ])
    }
    await moneyIsRight()
  })

  it('[SE4] a second order of an auction cannot be written while the first may be paid', async () => {
    const ada = await house.shop.buyer()
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.settlements.begin(auctionId)
    const copy = `INSERT INTO orders SELECT (jsonb_populate_record(o, jsonb_build_object(
        'id', gen_random_uuid(), 'checkout_id', gen_random_uuid(), 'order_number', gen_random_uuid()))).*
      FROM orders o WHERE o.auction_id = $1`
    const twice = house.shop.rows(copy, [auctionId])
    await expect(twice).rejects.toMatchObject({ constraint: 'orders_auction_once' })
    await house.work()
    await expect(house.shop.rows(copy, [auctionId])).rejects.toMatchObject({ constraint: 'orders_auction_once' })
  })

  it('[SE4] another process carries on from each step that one left', async () => {
    const [ada, ben] = [await house.shop.buyer('declined'), await house.shop.buyer()]
    const auctionId = await house.closeAuction({
      bids: [
        [ben, 900],
        [ada, 2_000],
      ],
      hammerMinor: 1_000,
    })
    // Each step by a composition of its own, which then is heard of no more.
    const fresh = () => {
      const selling = house.shop.newProcess()
      return { selling, settling: house.settling(selling) }
    }
    await fresh().settling.begin(auctionId)
    const first = (await house.winOf(ada, auctionId)).checkoutId as CheckoutId
    await fresh().selling.checkout.advance(first, 'job')
    await fresh().settling.sweepOffers()
    await house.runOut(auctionId)
    await fresh().settling.sweepOffers()
    const second = (await house.winOf(ben, auctionId)).checkoutId as CheckoutId
    await fresh().selling.checkout.advance(second, 'job')
    await fresh().settling.sweepOffers()
    expect((await house.winOf(ben, auctionId)).offer.state).toBe('paid')
    expect(await settled(auctionId)).toEqual(['passed_on 0', 'paid 1'])
    await moneyIsRight()
  })

  it('[SE4] a won lot whose job was lost is offered by the sweep', async () => {
    const ada = await house.shop.buyer()
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.settlements.sweepUnbegun()
    expect(await house.offersOf(auctionId)).toEqual([])
    const later = house.settling(house.shop.newProcess())
    await expect
      .poll(
        async () => {
          await later.sweepUnbegun()
          return (await house.offersOf(auctionId)).length
        },
        { timeout: 10_000, interval: 250 },
      )
      .toBe(1)
    await house.work()
    expect((await house.winOf(ada, auctionId)).offer.state).toBe('paid')
  })

  it('[SE1] everybody was charged once for an auction, by the provider’s own journal', async () => {
    const captured = (await witnessedIntents(house.shop)).flatMap((one) => one.captures.map(() => one.checkoutId))
    const paid = await house.shop.rows<{ id: string }>(`SELECT checkout_id AS id FROM orders WHERE state = 'paid'`)
    expect(captured.sort()).toEqual(paid.map((one) => one.id).sort())
  })
})
