import { type Address, type AuctionId, allInMinor, type BidTerms, type VariantId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type AuctionHouse, type Bidder, startAuctionHouse } from '../../../test/support/auction-house.ts'
import { brokenRules } from '../../../test/support/invariants.ts'

let house: AuctionHouse
/** 400 g is the seeded mug's weight. */
let light: VariantId
let heavy: VariantId
beforeAll(async () => {
  house = await startAuctionHouse()
  light = await newVariant(40)
  heavy = await newVariant(29_900)
})
afterAll(() => house.close())

async function newVariant(weightGrams: number): Promise<VariantId> {
  const variantId = newId<VariantId>()
  await house.shop.rows(
    `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
     VALUES ($1, $2, $3, 'Sand', 2000, 'USD', $4)`,
    [variantId, house.shop.world.productId, variantId, weightGrams],
  )
  await house.shop.db.transaction((tx) =>
    house.shop.inventory.receive(tx, { variantId, units: 100, reference: `seed:${variantId}` }),
  )
  return variantId
}

const hammerMinor = 1_033
const wonBy = (bidder: Bidder, variantId?: VariantId) =>
  house.closeAuction({ bids: [[bidder, 2_000]], hammerMinor, ...(variantId ? { variantId } : {}) })
const termsOf = (bidder: Bidder, auctionId: AuctionId): Promise<BidTerms> =>
  house.settlements.bidTerms(bidder.account, { auctionId })
const settle = async (auctionId: AuctionId) => {
  await house.settlements.begin(auctionId)
  await house.work()
}
const orderOf = async (bidder: Bidder, auctionId: AuctionId) => {
  const { orderId } = await house.winOf(bidder, auctionId)
  if (!orderId) throw new Error('the win has an order')
  return await house.shop.checkout.orders.get(bidder.account, orderId)
}

describe('what one buyer wins in one show', () => {
  it('[SE6] [SE7] ships together: the first win pays the parcel, the others what their weight adds, as told', async () => {
    const ada = await house.shop.buyer()
    const told: [string, number][] = []
    const wins = [await wonBy(ada), await wonBy(ada), await wonBy(ada, light), await wonBy(ada)]
    for (const auctionId of wins) {
      const terms = await termsOf(ada, auctionId)
      told.push([terms.shippingNote, terms.shippingMinor])
      await settle(auctionId)
      const win = await house.winOf(ada, auctionId)
      expect(win.offer.state).toBe('paid')
      expect(win.total.amountMinor).toBe(allInMinor(hammerMinor, terms))
    }
    // 400 g, 800 g, 840 g and 1240 g: one, two, two and three started half kilograms.
    expect(told).toEqual([
      ['first', 499],
      ['added', 100],
      ['together', 0],
      ['added', 100],
    ])
    const orders = await Promise.all(wins.map((auctionId) => orderOf(ada, auctionId)))
    expect(orders.map((order) => order.shipping.amountMinor)).toEqual([499, 100, 0, 100])
    expect(new Set(orders.map((order) => order.bundleId)).size).toBe(1)
    expect(await brokenRules(house.shop)).toEqual([])
  })

  it('[SE6] pays for one parcel also when the hammers fall together', async () => {
    const ada = await house.shop.buyer()
    const wins = await Promise.all([wonBy(ada), wonBy(ada), wonBy(ada)])
    await Promise.all(wins.map((auctionId) => house.settlements.begin(auctionId)))
    await house.work()
    const orders = await Promise.all(wins.map((auctionId) => orderOf(ada, auctionId)))
    expect(orders.map((order) => order.shipping.amountMinor).sort((a, b) => b - a)).toEqual([499, 100, 100])
    expect(orders.map((order) => order.state)).toEqual(['paid', 'paid', 'paid'])
  })

  it('[SE6] counts what is paid or may yet be, and nothing else', async () => {
    const ada = await house.shop.buyer('declined')
    const failed = await wonBy(ada)
    await settle(failed)
    const other = await house.shop.saveCard(ada.account)
    await house.shop.rows('UPDATE show_paddles SET card_id = $2 WHERE account_id = $1', [ada.account.accountId, other])
    const paid = await wonBy(ada)
    expect(await termsOf(ada, paid)).toMatchObject({ shippingNote: 'first', shippingMinor: 499 })
    await settle(paid)
    const { offer } = await house.winOf(ada, failed)
    await house.settlements.pay(ada.account, { offerId: offer.offerId, cardId: other, operationId: newId() })
    await house.work()
    expect((await orderOf(ada, failed)).shipping.amountMinor).toBe(100)

    const operator = await house.shop.newActor(['buyer', 'operator'])
    const { orderId } = await orderOf(ada, paid)
    await house.shop.checkout.orders.refund(operator, { orderId, reason: 'broken', operationId: newId() })
    const pending = await house.shop.rows<{ id: string }>('SELECT id FROM payment_refunds WHERE order_id = $1', [
      orderId,
    ])
    for (const { id } of pending) await house.shop.checkout.orders.settleRefund(id)
    expect(await orderOf(ada, paid)).toMatchObject({ state: 'refunded', refunded: { amountMinor: 1_628 } })
    expect((await orderOf(ada, failed)).state).toBe('paid')
    // The parcel that is left was charged 1.00; a further win makes it whole, and never more than a parcel of its own.
    expect(await termsOf(ada, await wonBy(ada))).toMatchObject({ shippingNote: 'added', shippingMinor: 499 })
    expect(await brokenRules(house.shop)).toEqual([])
  })

  it('[SE6] goes to one address, and in a parcel of its own where it is packed already or too heavy', async () => {
    const ada = await house.shop.buyer()
    const first = await wonBy(ada)
    await settle(first)
    const next = await wonBy(ada)
    expect(await termsOf(ada, next)).toMatchObject({ shippingNote: 'added' })
    expect(await termsOf(ada, await wonBy(ada, heavy))).toMatchObject({ shippingNote: 'first', shippingMinor: 6_399 })
    const stranger = await house.shop.buyer()
    expect(await termsOf(stranger, next)).toMatchObject({ shippingNote: 'first' })
    const home = (
      await house.shop.rows<{ address: Address }>('SELECT address FROM accounts WHERE id = $1', [ada.account.accountId])
    )[0]?.address
    const moved = JSON.stringify({ ...home, line1: '14 Pine St' })
    await house.shop.rows('UPDATE accounts SET address = $2 WHERE id = $1', [ada.account.accountId, moved])
    expect(await termsOf(ada, next)).toMatchObject({ shippingNote: 'first', shippingMinor: 499 })
    await house.shop.rows('UPDATE accounts SET address = $2 WHERE id = $1', [
      ada.account.accountId,
      JSON.stringify(home),
    ])
    await house.shop.rows('UPDATE order_bundles SET closed_at = now() WHERE account_id = $1', [ada.account.accountId])
    expect(await termsOf(ada, next)).toMatchObject({ shippingNote: 'first', shippingMinor: 499 })
    await settle(next)
    expect((await orderOf(ada, next)).bundleId).not.toBe((await orderOf(ada, first)).bundleId)
  })
})

describe('the all-in price of a bid', () => {
  it('[SE7] is told to guests by country, and refused where nobody delivers', async () => {
    const auctionId = await wonBy(await house.shop.buyer())
    const guest = { kind: 'guest' } as const
    expect(await house.settlements.bidTerms(guest, { auctionId })).toEqual({
      currency: 'USD',
      country: 'US',
      shippingMinor: 499,
      shippingNote: 'first',
      itemsTaxMillipercent: 0,
      shippingTaxMillipercent: 0,
      isTaxIncluded: false,
      feesMinor: 0,
    })
    expect(await house.settlements.bidTerms(guest, { auctionId, country: 'DE' })).toMatchObject({
      country: 'DE',
      shippingMinor: 1_999,
      itemsTaxMillipercent: 19_000,
      isTaxIncluded: true,
    })
    const refused = (code: string) => expect.objectContaining({ name: 'Refusal', code })
    const nowhere = house.settlements.bidTerms(guest, { auctionId, country: 'AQ' })
    await expect(nowhere).rejects.toEqual(refused('checkout.cannot_ship'))
    const nothing = house.settlements.bidTerms(guest, { auctionId: newId<AuctionId>() })
    await expect(nothing).rejects.toEqual(refused('auction.not_found'))
  })
})
