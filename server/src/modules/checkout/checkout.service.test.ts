import {
  type CardId,
  type Checkout,
  checkoutChanged,
  type OperationId,
  type VariantId,
} from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type Shop, startShop } from '../../../test/support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.close())

const stateOf = async (checkout: Checkout) => {
  const [row] = await shop.rows<{ state: string; failure: string | null; order: string }>(
    `SELECT c.state, c.failure, o.state AS "order" FROM checkouts c JOIN orders o ON o.id = c.order_id WHERE c.id = $1`,
    [checkout.checkoutId],
  )
  return row
}
const stock = async () => {
  const [levels] = await shop.rows<{ available: number; held: number; sold: number }>(
    'SELECT available, held, sold FROM stock_levels WHERE variant_id = $1',
    [shop.world.variantId],
  )
  if (!levels) throw new Error('the seeded variant has stock')
  return levels
}
const providerOf = async (checkout: Checkout) =>
  (await shop.provider.listIntentsByCheckout(checkout.checkoutId)).map((intent) => ({
    status: intent.status,
    captured: intent.capturedMinor,
  }))
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })

describe('buying at the list price', () => {
  it('[CH1] [CH4] charges exactly the quoted total, once the order stands, and posts every cent', async () => {
    const buyer = await shop.buyer()
    const quote = await shop.checkout.quote(buyer.account, { item: shop.listItem() })
    const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' })
    expect(quote).toEqual({
      productName: 'Stoneware mug',
      variantName: 'Sand',
      pictureUrl: '/mug.webp',
      units: 1,
      unitPrice: usd(2_000),
      items: usd(2_000),
      discount: usd(0),
      shipping: usd(499),
      tax: usd(156),
      fees: usd(0),
      total: usd(2_655),
      country: 'US',
      taxIncluded: false,
    })
    const before = await stock()
    const started = await shop.start(buyer)
    expect(started).toMatchObject({ state: 'created', failure: null, actionUrl: null, total: usd(2_655) })
    expect(await stateOf(started)).toEqual({ state: 'created', failure: null, order: 'payment_pending' })
    expect(await stock()).toEqual({ ...before, available: before.available - 1, held: before.held + 1 })
    expect(await providerOf(started)).toEqual([])

    await shop.checkout.advance(started.checkoutId, 'job')
    expect(await stateOf(started)).toEqual({ state: 'paid', failure: null, order: 'paid' })
    expect(await providerOf(started)).toEqual([{ status: 'captured', captured: 2_655 }])
    expect(await stock()).toEqual({ ...before, available: before.available - 1, sold: before.sold + 1 })
    const lines = await shop.rows(
      `SELECT t.kind, e.account, e.currency, e.amount_minor AS amount FROM ledger_transactions t
       JOIN ledger_entries e ON e.transaction_id = t.id WHERE t.reference = $1 ORDER BY e.line`,
      [started.orderId],
    )
    expect(lines).toEqual([
      { kind: 'sale', account: 'provider/sandbox/clearing', currency: 'USD', amount: 2_655 },
      { kind: 'sale', account: `brand/${shop.world.brandId}/payable`, currency: 'USD', amount: -1_880 },
      { kind: 'sale', account: 'platform/fees', currency: 'USD', amount: -120 },
      { kind: 'sale', account: 'tax/payable', currency: 'USD', amount: -156 },
      { kind: 'sale', account: 'shipping/collected', currency: 'USD', amount: -499 },
    ])
    expect(shop.told.filter((one) => one.event === checkoutChanged.name).map((one) => one.data)).toEqual([
      { checkout: { ...started, state: 'paid' } },
    ])
  })

  it('[CH3] gives a repeat the same checkout and refuses the same id for another wish', async () => {
    const buyer = await shop.buyer()
    const operationId = newId<OperationId>()
    const first = await shop.start(buyer, shop.listItem(), operationId)
    const again = await Promise.all(Array.from({ length: 5 }, () => shop.start(buyer, shop.listItem(), operationId)))
    expect(again).toEqual(Array.from({ length: 5 }, () => first))
    await expect(shop.start(buyer, shop.listItem(2), operationId)).rejects.toEqual(refusal('idempotency.key_reused'))
    await shop.checkout.advance(first.checkoutId, 'job')
    expect(await shop.start(buyer, shop.listItem(), operationId)).toEqual({ ...first, state: 'paid' })
    expect(await shop.rows('SELECT id FROM orders WHERE account_id = $1', [buyer.account.accountId])).toHaveLength(1)
  })

  it('[CH2] refuses without a trace: another total, no address, nobody delivers, no such card or product', async () => {
    const buyer = await shop.buyer()
    const before = await stock()
    const wish = { item: shop.listItem(), cardId: buyer.cardId, operationId: newId<OperationId>() }
    const start = (special: object) =>
      shop.checkout.start(buyer.account, {
        ...wish,
        expectedTotal: { amountMinor: 2_655, currency: 'USD' },
        ...special,
      })
    await expect(start({ expectedTotal: { amountMinor: 2_654, currency: 'USD' } })).rejects.toMatchObject({
      code: 'checkout.price_changed',
      details: { quote: { total: { amountMinor: 2_655, currency: 'USD' } } },
    })
    await expect(start({ expectedTotal: { amountMinor: 2_655, currency: 'EUR' } })).rejects.toEqual(
      refusal('checkout.price_changed'),
    )
    const polar = { name: 'A', line1: 'B', city: 'C', postalCode: '1', country: 'AQ' }
    await expect(start({ address: polar })).rejects.toEqual(refusal('checkout.cannot_ship'))
    await expect(start({ cardId: newId<CardId>() })).rejects.toEqual(refusal('card.not_found'))
    const stranger = await shop.buyer()
    await expect(start({ cardId: stranger.cardId })).rejects.toEqual(refusal('card.not_found'))
    const nothing = { kind: 'variant', variantId: newId<VariantId>(), units: 1 }
    await expect(start({ item: nothing })).rejects.toEqual(refusal('product.not_found'))
    await shop.rows('UPDATE accounts SET address = NULL WHERE id = $1', [buyer.account.accountId])
    await expect(start({})).rejects.toEqual(refusal('checkout.address_missing'))
    expect(await stock()).toEqual(before)
    expect(await shop.rows('SELECT id FROM orders WHERE account_id = $1', [buyer.account.accountId])).toEqual([])
  })

  it('[CH5] never sells more than there is', async () => {
    const scarce = newId<VariantId>()
    await shop.rows(
      `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
       VALUES ($1, $2, 'MUG-2', 'Slate', 2000, 'USD', 400)`,
      [scarce, shop.world.productId],
    )
    await shop.db.transaction((tx) => shop.inventory.receive(tx, { variantId: scarce, units: 2, reference: 'seed:2' }))
    const buyers = await Promise.all(Array.from({ length: 5 }, () => shop.buyer()))
    const item = { kind: 'variant' as const, variantId: scarce, units: 1 }
    const answers = await Promise.allSettled(buyers.map((buyer) => shop.start(buyer, item)))
    expect(answers.filter((one) => one.status === 'fulfilled')).toHaveLength(2)
    for (const one of answers)
      if (one.status === 'rejected') expect(one.reason).toEqual(refusal('checkout.out_of_stock'))
  })

  it('[CH5] lets nobody keep the stock from others by unpaid checkouts without end', async () => {
    const buyer = await shop.buyer('challenge')
    const opened: Checkout[] = []
    for (let made = 0; made < 10; made += 1) opened.push(await shop.start(buyer))
    const before = await stock()
    await expect(shop.start(buyer)).rejects.toEqual(refusal('request.rate_limited'))
    expect(await stock()).toEqual(before)
    await shop.rows(`UPDATE checkouts SET pay_before = now() WHERE id = $1`, [opened[0]?.checkoutId])
    await shop.checkout.advance(opened[0]?.checkoutId as string, 'job')
    expect(await shop.start(buyer)).toMatchObject({ state: 'created' })
    await shop.rows(`UPDATE checkouts SET pay_before = now() WHERE account_id = $1`, [buyer.account.accountId])
    const left = await shop.rows<{ id: string }>('SELECT id FROM checkouts WHERE account_id = $1 AND is_open', [
      buyer.account.accountId,
    ])
    await Promise.all(left.map(({ id }) => shop.checkout.advance(id, 'job')))
  })

  it('[CH9] answers a waiting page as soon as the checkout moves, and hides it from others', async () => {
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    const waiting = shop.checkout.get(buyer.account, { checkoutId: started.checkoutId, waitMs: 25_000 })
    await shop.checkout.advance(started.checkoutId, 'job')
    expect(await waiting).toEqual({ ...started, state: 'paid' })
    const { account: stranger } = await shop.buyer()
    await expect(shop.checkout.get(stranger, { checkoutId: started.checkoutId, waitMs: 0 })).rejects.toEqual(
      refusal('checkout.not_found'),
    )
    await expect(shop.checkout.continue(stranger, started.checkoutId)).rejects.toEqual(refusal('checkout.not_found'))
  })

  it('[CH9] answers a start that waits with what became of it, also when it is sent again', async () => {
    const buyer = await shop.buyer()
    const expectedTotal = { amountMinor: 2_655, currency: 'USD' as const }
    const wish = { item: shop.listItem(), cardId: buyer.cardId, operationId: newId<OperationId>(), expectedTotal }
    const start = (waitMs: number) => shop.checkout.start(buyer.account, { ...wish, waitMs })
    const waiting = start(25_000)
    const begun = () =>
      shop.rows<{ id: string }>('SELECT id FROM checkouts WHERE account_id = $1', [buyer.account.accountId])
    await expect.poll(async () => (await begun()).length).toBe(1)
    expect(await start(1)).toMatchObject({ state: 'created', checkoutId: (await begun())[0]?.id })
    await shop.checkout.advance((await begun())[0]?.id ?? '', 'job')
    const paid = await waiting
    expect(paid).toMatchObject({ state: 'paid', checkoutId: (await begun())[0]?.id })
    expect(await start(25_000)).toEqual(paid)
  })

  it('[CH9] drives a checkout whose id is written in capitals, instead of only keeping others from it', async () => {
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    const shouted = started.checkoutId.toUpperCase() as Checkout['checkoutId']
    expect(await shop.checkout.continue(buyer.account, shouted)).toEqual({ ...started, state: 'paid' })
    const [other, asked] = [await shop.start(buyer), performance.now()]
    const waiting = shop.checkout.get(buyer.account, {
      checkoutId: other.checkoutId.toUpperCase() as Checkout['checkoutId'],
      waitMs: 20_000,
    })
    await shop.checkout.advance(other.checkoutId, 'job')
    expect(await waiting).toEqual({ ...other, state: 'paid' })
    expect(performance.now() - asked).toBeLessThan(2_500)
  })

  it('[CH9] drives a checkout that nobody looked at in time, when its page asks', async () => {
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    await shop.rows(`UPDATE checkouts SET look_at = now() - interval '1 second' WHERE id = $1`, [started.checkoutId])
    const answer = await shop.checkout.get(buyer.account, { checkoutId: started.checkoutId, waitMs: 25_000 })
    expect(answer.state).toBe('paid')
  })
})
