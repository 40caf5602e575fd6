import type { AuctionId, OperationId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import type { PaymentProvider } from '#modules/payments'
import { type AuctionHouse, startAuctionHouse } from '../../../test/support/auction-house.ts'
import { brokenRules } from '../../../test/support/invariants.ts'
import { ProviderRefused } from '../payments/provider.ts'

let house: AuctionHouse
beforeAll(async () => {
  house = await startAuctionHouse()
})
afterAll(() => house.close())

const nonPayments = (auctionId: AuctionId) =>
  house.shop.rows('SELECT account_id FROM auction_non_payments WHERE auction_id = $1', [auctionId])
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })

describe('faults that are not the bidder’s', () => {
  let isDown = false
  const failing = (provider: PaymentProvider): PaymentProvider => ({
    ...provider,
    authorise: async (request) => {
      if (isDown) throw new ProviderRefused('maintenance')
      return await provider.authorise(request)
    },
  })

  it('[SE5] cost no time and leave no mark: the same card is tried again', async () => {
    const ada = await house.shop.buyer()
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    const selling = house.shop.newProcess(failing)
    isDown = true
    await house.settlements.begin(auctionId)
    await house.work(selling)
    const failed = await house.winOf(ada, auctionId)
    expect(failed.offer).toMatchObject({ state: 'payment_failed', failure: 'provider_error' })
    // Nothing is tried at once again, and nothing is given up while a further try is due.
    await house.work(selling)
    expect((await house.winOf(ada, auctionId)).checkoutId).toBe(failed.checkoutId)
    await house.shop.rows('UPDATE auction_offers SET try_again_at = now(), pay_before = now() WHERE auction_id = $1', [
      auctionId,
    ])
    isDown = false
    await house.work(selling)
    const again = await house.winOf(ada, auctionId)
    expect(again.checkoutId).not.toBe(failed.checkoutId)
    await house.work(selling)
    expect((await house.winOf(ada, auctionId)).offer.state).toBe('paid')
    expect(await nonPayments(auctionId)).toEqual([])
    expect(await brokenRules(house.shop)).toEqual([])
  })

  it('[SE5] leave a bidder whose card is gone by then the time to name another, and no more', async () => {
    const [ada, ben] = [await house.shop.buyer(), await house.shop.buyer()]
    const auctionId = await house.closeAuction({
      bids: [
        [ben, 900],
        [ada, 2_000],
      ],
      hammerMinor: 1_000,
    })
    const selling = house.shop.newProcess(failing)
    isDown = true
    await house.settlements.begin(auctionId)
    await house.work(selling)
    isDown = false
    await house.shop.payments.removeCard(ada.account.accountId, ada.cardId)
    await house.shop.rows('UPDATE auction_offers SET try_again_at = now() WHERE auction_id = $1', [auctionId])
    await house.settlements.sweepOffers()
    expect((await house.winOf(ada, auctionId)).offer).toMatchObject({
      state: 'payment_failed',
      failure: 'card_missing',
    })
    await house.runOut(auctionId)
    await house.settlements.sweepOffers()
    expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['passed_on', 'charging'])
    await house.work(selling)
    expect((await house.winOf(ben, auctionId)).offer.state).toBe('paid')
    expect(await nonPayments(auctionId)).toEqual([{ account_id: ada.account.accountId }])
  })

  it('[SE5] are told from a bank’s step that was left undone, also while its money is let go', async () => {
    const ada = await house.shop.buyer('challenge')
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.settlements.begin(auctionId)
    await house.work()
    const asked = await house.winOf(ada, auctionId)
    expect(asked.offer.state).toBe('needs_action')
    // Somebody looks at the offer between the checkout's decision to fail and the provider's answer.
    const looking = house.shop.newProcess((provider) => ({
      ...provider,
      cancel: async (...request) => {
        await house.settlements.sweepOffers()
        return await provider.cancel(...request)
      },
    }))
    await house.shop.rows('UPDATE checkouts SET pay_before = now(), look_at = now() WHERE id = $1', [asked.checkoutId])
    await house.runOut(auctionId)
    await house.work(looking)
    expect((await house.winOf(ada, auctionId)).offer).toMatchObject({ state: 'passed_on', failure: 'time_over' })
    expect(await nonPayments(auctionId)).toEqual([{ account_id: ada.account.accountId }])
  })

  it('[SE5] give the time anew to a bidder who was mending the payment', async () => {
    const ada = await house.shop.buyer('declined')
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    const selling = house.shop.newProcess(failing)
    await house.settlements.begin(auctionId)
    await house.work(selling)
    await house.shop.rows(`UPDATE auction_offers SET pay_before = now() + interval '9 seconds' WHERE auction_id = $1`, [
      auctionId,
    ])
    const cardId = await house.shop.saveCard(ada.account)
    const { offer } = await house.winOf(ada, auctionId)
    await house.settlements.pay(ada.account, { offerId: offer.offerId, cardId, operationId: newId() })
    isDown = true
    await house.work(selling)
    isDown = false
    const failed = await house.winOf(ada, auctionId)
    expect(failed.offer).toMatchObject({ state: 'payment_failed', failure: 'provider_error' })
    expect((failed.offer.payBeforeMs ?? 0) - Date.now()).toBeGreaterThan(100_000)
    await house.settlements.pay(ada.account, { offerId: offer.offerId, cardId, operationId: newId() })
    await house.work(selling)
    expect((await house.winOf(ada, auctionId)).offer.state).toBe('paid')
  })

  it('[SE5] end the offer without a mark after five tries, and the next bidder is asked', async () => {
    const [ada, ben] = [await house.shop.buyer(), await house.shop.buyer()]
    const auctionId = await house.closeAuction({
      bids: [
        [ben, 900],
        [ada, 2_000],
      ],
      hammerMinor: 1_000,
    })
    const selling = house.shop.newProcess(failing)
    isDown = true
    await house.settlements.begin(auctionId)
    for (let tries = 0; tries < 5; tries += 1) {
      await house.work(selling)
      await house.shop.rows('UPDATE auction_offers SET try_again_at = now() WHERE try_again_at IS NOT NULL', [])
      await house.settlements.sweepOffers()
    }
    isDown = false
    expect(await house.shop.rows('SELECT state FROM orders WHERE auction_id = $1', [auctionId])).toEqual(
      Array.from({ length: 5 }, () => ({ state: 'payment_failed' })),
    )
    await house.runOut(auctionId)
    await house.settlements.sweepOffers()
    expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['void', 'charging'])
    await house.work(selling)
    expect((await house.winOf(ben, auctionId)).offer.state).toBe('paid')
    expect(await nonPayments(auctionId)).toEqual([])
    expect(await brokenRules(house.shop)).toEqual([])
  })
})

describe('what stands in the way before the bank is asked', () => {
  it('[SE2] is told to the bidder, who can mend it in time', async () => {
    const ada = await house.shop.buyer()
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.shop.payments.removeCard(ada.account.accountId, ada.cardId)
    await house.settlements.begin(auctionId)
    const missing = await house.winOf(ada, auctionId)
    expect(missing).toMatchObject({
      total: { amountMinor: 1_000 },
      offer: { state: 'payment_failed', failure: 'card_missing', payBeforeMs: expect.any(Number) },
      checkoutId: null,
      orderId: null,
    })
    const cardId = await house.shop.saveCard(ada.account)
    const wish = { offerId: missing.offer.offerId, cardId, operationId: newId<OperationId>() }
    await house.shop.rows('UPDATE accounts SET address = NULL WHERE id = $1', [ada.account.accountId])
    await expect(house.settlements.pay(ada.account, wish)).rejects.toEqual(refusal('checkout.address_missing'))
    const address = { name: 'A', line1: 'B', city: 'C', postalCode: '1', country: 'AQ' }
    const move = async (country: string) =>
      await house.shop.rows('UPDATE accounts SET address = $2 WHERE id = $1', [
        ada.account.accountId,
        JSON.stringify({ ...address, country }),
      ])
    await move('AQ')
    await expect(house.settlements.pay(ada.account, wish)).rejects.toEqual(refusal('checkout.cannot_ship'))
    await move('CA')
    await house.settlements.pay(ada.account, wish)
    await house.work()
    expect(await house.winOf(ada, auctionId)).toMatchObject({
      total: { amountMinor: 2_299 },
      offer: { state: 'paid', failure: null },
    })
  })

  it('[SE2] counts as not paid when the time is over', async () => {
    const ada = await house.shop.buyer()
    const auctionId = await house.closeAuction({ bids: [[ada, 2_000]], hammerMinor: 1_000 })
    await house.shop.rows('UPDATE accounts SET address = NULL WHERE id = $1', [ada.account.accountId])
    await house.settlements.begin(auctionId)
    const { offer } = await house.winOf(ada, auctionId)
    expect(offer).toMatchObject({ failure: 'address_missing' })
    await house.runOut(auctionId)
    const wish = { offerId: offer.offerId, cardId: ada.cardId, operationId: newId<OperationId>() }
    await expect(house.settlements.pay(ada.account, wish)).rejects.toEqual(refusal('offer.over'))
    expect((await house.winOf(ada, auctionId)).offer.state).toBe('passed_on')
    expect(await nonPayments(auctionId)).toEqual([{ account_id: ada.account.accountId }])
  })
})
