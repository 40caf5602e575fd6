import type {
  CheckoutItem,
  Coupon,
  createCoupon,
  OperationId,
  ProductId,
  RequestOf,
  VariantId,
} from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { type Shop, startShop } from '../../../test/support/shop.ts'

let shop: Shop
let host: AccountActor
beforeAll(async () => {
  shop = await startShop()
  const { showId, creatorId } = shop.world
  host = { ...(await shop.newActor(['buyer', 'creator'])), creatorId }
  await shop.rows(
    `INSERT INTO shows (id, creator_id, title, state, starts_at, started_at, operation_id, request_hash)
     VALUES ($1, $2, 'Mugs', 'live', now(), now(), $1, '')`,
    [showId, creatorId],
  )
})
afterAll(() => shop.close())

type Buyer = Awaited<ReturnType<Shop['buyer']>>
type Terms = Partial<RequestOf<typeof createCoupon>>

const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' })
let made = 0
const newCoupon = async (terms: Terms = {}): Promise<Coupon> => {
  made += 1
  const request: RequestOf<typeof createCoupon> = {
    showId: shop.world.showId,
    code: `CODE${made}`,
    discount: { kind: 'percent', percent: 10, capMinor: null },
    currency: 'USD',
    minimumItemsMinor: 0,
    appliesToFlashSales: false,
    redemptionsMax: 100,
    validMinutes: 60,
    operationId: newId<OperationId>(),
    ...terms,
  }
  return (await shop.coupons.service.create(request, host)).coupon
}
const quote = (buyer: Buyer, couponCode: string, item: CheckoutItem = shop.listItem()) =>
  shop.checkout.quote(buyer.account, { item, couponCode })
const buy = async (buyer: Buyer, { code }: Coupon, item = shop.listItem(), operationId = newId<OperationId>()) => {
  const { total } = await quote(buyer, code, item)
  return await startAt(buyer, code, total.amountMinor, item, operationId)
}
const startAt = (
  { account, cardId }: Buyer,
  couponCode: string,
  totalMinor: number,
  item = shop.listItem(),
  operationId = newId<OperationId>(),
) =>
  shop.checkout.start(account, {
    item,
    cardId,
    expectedTotal: { amountMinor: totalMinor, currency: 'USD' },
    operationId,
    couponCode,
  })
const countOf = async ({ couponId }: Coupon) => {
  const [row] = await shop.rows<{ counted: number; redeemed: number }>(
    `SELECT redemption_count AS counted, (SELECT count(*) FROM coupon_redemptions WHERE coupon_id = c.id) AS redeemed
     FROM coupons c WHERE id = $1`,
    [couponId],
  )
  return row
}
const refusal = (code: string, details?: object) =>
  expect.objectContaining({ name: 'Refusal', code, ...(details && { details }) })
const codesOf = (answers: readonly PromiseSettledResult<unknown>[]) =>
  answers.map((one) => (one.status === 'rejected' ? (one.reason as { code?: string }).code : 'done')).sort()
const many = <T>(count: number, make: (place: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, place) => make(place)))

describe('the price', () => {
  it('[CP5] [CP6] is reduced before tax, charged as quoted, and posted to the cent at the brand’s cost', async () => {
    const buyer = await shop.buyer()
    const coupon = await newCoupon({ discount: { kind: 'percent', percent: 15, capMinor: null } })
    // Austin taxes goods and delivery with 6.25 %: (20.00 - 3.00 + 4.99) * 0.0625 = 1.374.
    expect(await quote(buyer, coupon.code)).toMatchObject({
      items: usd(2_000),
      discount: usd(300),
      shipping: usd(499),
      tax: usd(137),
      total: usd(2_336),
    })
    const started = await buy(buyer, coupon)
    await shop.checkout.advance(started.checkoutId, 'job')
    const intents = await shop.provider.listIntentsByCheckout(started.checkoutId)
    expect(intents.map((one) => one.capturedMinor)).toEqual([2_336])
    expect(await shop.checkout.orders.get(buyer.account, started.orderId)).toMatchObject({
      items: usd(2_000),
      discount: usd(300),
      total: usd(2_336),
    })
    const lines = await shop.rows<{ account: string; amount: number }>(
      `SELECT e.account, e.amount_minor AS amount FROM ledger_transactions t
       JOIN ledger_entries e ON e.transaction_id = t.id WHERE t.reference = $1 ORDER BY e.line`,
      [started.orderId],
    )
    expect(lines).toEqual([
      { account: 'provider/sandbox/clearing', amount: 2_336 },
      { account: `brand/${shop.world.brandId}/payable`, amount: -1_598 },
      { account: 'platform/fees', amount: -102 },
      { account: 'tax/payable', amount: -137 },
      { account: 'shipping/collected', amount: -499 },
    ])
    expect(lines.reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
    const [letter] = await shop.rows<{ body: string }>('SELECT body FROM mail_outbox WHERE reference = $1', [
      started.orderId,
    ])
    expect(letter?.body).toContain('Items: USD 20.00\nCoupon: USD -3.00\nDelivery: USD 4.99')
  })

  it('[CP4] is never nothing', async () => {
    const coupon = await newCoupon({ discount: { kind: 'amount', amountMinor: 9_000 } })
    expect(await quote(await shop.buyer(), coupon.code)).toMatchObject({ discount: usd(1_999), total: usd(531) })
  })

  it('[CP5] is refused with the new quote where another was seen, and takes no redemption then', async () => {
    const coupon = await newCoupon()
    const buyer = await shop.buyer()
    await expect(startAt(buyer, coupon.code, 2_655)).rejects.toEqual(
      refusal('checkout.price_changed', { quote: await quote(buyer, coupon.code) }),
    )
    expect(await countOf(coupon)).toEqual({ counted: 0, redeemed: 0 })
  })

  it('[CP7] of a flash sale is reduced only where the creator says so', async () => {
    const [buyer, flashSaleId] = [await shop.buyer(), await shop.openSale(3)]
    const item = await shop.hold(buyer.account, flashSaleId)
    const [listOnly, both] = [await newCoupon(), await newCoupon({ appliesToFlashSales: true })]
    await expect(quote(buyer, listOnly.code, item)).rejects.toEqual(
      refusal('coupon.not_for_this', { reason: 'flash-sale' }),
    )
    expect(await quote(buyer, both.code, item)).toMatchObject({ items: usd(1_500), discount: usd(150) })
    const started = await buy(buyer, both, item)
    await shop.checkout.advance(started.checkoutId, 'job')
    expect(await shop.final(buyer, started.checkoutId)).toMatchObject({ state: 'paid' })
    expect(await countOf(both)).toEqual({ counted: 1, redeemed: 1 })
  })
})

describe('a refusal', () => {
  it('[CP13] is all that an account gets that guesses codes, also for one that is there', async () => {
    const [guesser, buyer] = [await shop.buyer(), await shop.buyer()]
    const { code } = await newCoupon()
    for (let i = 0; i < 10; i += 1)
      await expect(quote(guesser, `GUESS${i}`)).rejects.toEqual(refusal('coupon.not_found'))
    const slowed = refusal('request.rate_limited', { retryAfterMs: expect.any(Number) })
    await expect(quote(guesser, code)).rejects.toEqual(slowed)
    expect(await quote(buyer, code)).toMatchObject({ discount: { currency: 'USD' } })
  })

  it('[CP8] says that there is no such code, here or at all, or that it is not for this', async () => {
    const buyer = await shop.buyer()
    const { code } = await newCoupon()
    const euro = await newCoupon({ currency: 'EUR' })
    await expect(quote(buyer, 'NOSUCHCODE')).rejects.toEqual(refusal('coupon.not_found'))
    const { showId: _inShow, ...outside } = shop.listItem() as Extract<CheckoutItem, { kind: 'variant' }>
    await expect(quote(buyer, code, outside)).rejects.toEqual(
      refusal('coupon.not_for_this', { reason: 'outside-show' }),
    )
    await expect(quote(buyer, euro.code)).rejects.toEqual(refusal('coupon.not_for_this', { reason: 'currency' }))
    const [productId, variantId] = [newId<ProductId>(), newId<VariantId>()]
    await shop.rows(
      `INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, 'Bowl', 'home', '/b')`,
      [productId, shop.world.brandId],
    )
    await shop.rows(
      `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
       VALUES ($1, $2, 'BOWL-1', 'Blue', 900, 'USD', 100)`,
      [variantId, productId],
    )
    await expect(quote(buyer, code, { ...outside, variantId, showId: shop.world.showId })).rejects.toEqual(
      refusal('coupon.not_for_this', { reason: 'not-on-shelf' }),
    )
  })

  it('[CP8] says that it is over, by the creator’s word or by time', async () => {
    const buyer = await shop.buyer()
    const [ended, late] = [await newCoupon(), await newCoupon()]
    const { total } = await quote(buyer, ended.code)
    await shop.coupons.service.end(ended.couponId, host)
    await shop.rows(`UPDATE coupons SET valid_until = now() - interval '1 second' WHERE id = $1`, [late.couponId])
    for (const { code } of [ended, late]) {
      await expect(quote(buyer, code)).rejects.toEqual(refusal('coupon.ended'))
      await expect(startAt(buyer, code, total.amountMinor)).rejects.toEqual(refusal('coupon.ended'))
    }
  })

  it('[CP8] says that the items cost too little, with the minimum', async () => {
    const buyer = await shop.buyer()
    const coupon = await newCoupon({ minimumItemsMinor: 2_001 })
    await expect(quote(buyer, coupon.code)).rejects.toEqual(refusal('coupon.below_minimum', { minimum: usd(2_001) }))
    expect(await quote(buyer, coupon.code, shop.listItem(2))).toMatchObject({ discount: usd(400) })
  })
})

describe('a redemption', () => {
  it('[CP9] of the last ones goes to exactly as many of fifty buyers as there are', async () => {
    const coupon = await newCoupon({ redemptionsMax: 7 })
    const buyers = await many(50, () => shop.buyer())
    const { total } = await quote(buyers[0] as Buyer, coupon.code)
    const before = await shop.rows('SELECT available, held FROM stock_levels')
    const answers = await Promise.allSettled(buyers.map((buyer) => startAt(buyer, coupon.code, total.amountMinor)))
    expect(codesOf(answers)).toEqual([...Array(43).fill('coupon.used_up'), ...Array(7).fill('done')])
    expect(await countOf(coupon)).toEqual({ counted: 7, redeemed: 7 })
    // Whoever was refused has no order and no unit.
    const orders = await shop.rows('SELECT id FROM orders WHERE coupon_id = $1', [coupon.couponId])
    expect(orders).toHaveLength(7)
    const [levels] = before as { available: number; held: number }[]
    expect(await shop.rows('SELECT available, held FROM stock_levels')).toEqual([
      { available: (levels?.available ?? 0) - 7, held: (levels?.held ?? 0) + 7 },
    ])
  })

  it('[CP10] is one for a buyer who tries twenty times at once, and one operation for its repeats', async () => {
    const [coupon, buyer] = [await newCoupon(), await shop.buyer()]
    const { total } = await quote(buyer, coupon.code)
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, () => startAt(buyer, coupon.code, total.amountMinor)),
    )
    expect(codesOf(answers)).toEqual([...Array(19).fill('coupon.used_by_you'), 'done'])
    expect(await countOf(coupon)).toEqual({ counted: 1, redeemed: 1 })
    const other = await shop.buyer()
    const operationId = newId<OperationId>()
    const repeats = await many(5, () => startAt(other, coupon.code, total.amountMinor, shop.listItem(), operationId))
    expect(new Set(repeats.map((one) => one.checkoutId)).size).toBe(1)
    expect(await countOf(coupon)).toEqual({ counted: 2, redeemed: 2 })
    await expect(
      shop.checkout.start(other.account, {
        item: shop.listItem(),
        cardId: other.cardId,
        expectedTotal: total,
        operationId,
      }),
    ).rejects.toEqual(refusal('idempotency.key_reused'))
  })

  it('[CP11] is given back once when the payment fails, and then is anybody’s again', async () => {
    const coupon = await newCoupon({ redemptionsMax: 1 })
    const [poor, next] = [await shop.buyer('declined'), await shop.buyer()]
    const failing = await buy(poor, coupon)
    await expect(buy(next, coupon)).rejects.toEqual(refusal('coupon.used_up'))
    await expect(buy(poor, coupon)).rejects.toEqual(refusal('coupon.used_by_you'))
    await many(3, () => shop.checkout.advance(failing.checkoutId, 'job'))
    expect(await shop.final(poor, failing.checkoutId)).toMatchObject({ state: 'failed', failure: 'card_declined' })
    expect(await countOf(coupon)).toEqual({ counted: 0, redeemed: 0 })
    const paid = await buy(next, coupon)
    await shop.checkout.advance(paid.checkoutId, 'job')
    expect(await countOf(coupon)).toEqual({ counted: 1, redeemed: 1 })
  })

  it('[CP11] stays taken when a paid order is refunded, and when the coupon is ended', async () => {
    const [coupon, buyer] = [await newCoupon(), await shop.buyer()]
    const started = await buy(buyer, coupon)
    await shop.coupons.service.end(coupon.couponId, host)
    await shop.checkout.advance(started.checkoutId, 'job')
    const seller = await shop.newActor(['seller'])
    const wish = { orderId: started.orderId, reason: 'broken', operationId: newId<OperationId>() }
    const refund = await shop.checkout.orders.refund(seller, wish)
    expect(refund.amount).toEqual(started.total)
    await shop.checkout.orders.settleRefund(refund.refundId)
    expect(await countOf(coupon)).toEqual({ counted: 1, redeemed: 1 })
    const [open] = await shop.rows<{ sum: number }>(
      `SELECT coalesce(sum(e.amount_minor), 0)::bigint AS sum FROM ledger_entries e
       JOIN ledger_transactions t ON t.id = e.transaction_id WHERE t.reference IN ($1, $2)
       GROUP BY e.account HAVING sum(e.amount_minor) <> 0`,
      [started.orderId, refund.refundId],
    )
    expect(open).toBeUndefined()
  })

  it('[CP12] is refused by the database where an order says otherwise than its coupon', async () => {
    const [coupon, buyer] = [await newCoupon(), await shop.buyer()]
    const { orderId } = await buy(buyer, coupon)
    const change = (set: string) => shop.rows(`UPDATE orders SET ${set} WHERE id = $1`, [orderId])
    await expect(change('discount_minor = 0')).rejects.toMatchObject({ constraint: 'orders_coupon_discounts' })
    await expect(change('discount_minor = 201')).rejects.toMatchObject({ constraint: 'orders_total' })
    await expect(change('discount_minor = 2000, total_minor = total_minor - 1800')).rejects.toMatchObject({
      constraint: 'orders_discount',
    })
    await expect(change('auction_id = id')).rejects.toMatchObject({ constraint: 'orders_no_coupon_on_wins' })
    await expect(
      shop.rows('UPDATE coupons SET redemption_count = redemptions_max + 1 WHERE id = $1', [coupon.couponId]),
    ).rejects.toMatchObject({ constraint: 'coupons_limit_holds' })
  })
})
