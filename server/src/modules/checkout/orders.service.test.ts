import { type OperationId, type Order, type OrderId, type ShowId, salesBoardChanged } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type Shop, startShop } from '../../../test/support/shop.ts'
import { statementOf } from '../../../test/support/shop-world.ts'
import { checkoutJobs } from './jobs.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.close())

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })
const paidOrder = async (buyer: Awaited<ReturnType<Shop['buyer']>>, units = 1) => {
  const started = await shop.start(buyer, shop.listItem(units))
  await shop.checkout.advance(started.checkoutId, 'job')
  return started
}
const page = (limit: number, cursor?: string) => ({ limit, cursor })

describe('orders', () => {
  it('[OR1] are listed newest first, page by page, for their buyer', async () => {
    const buyer = await shop.buyer()
    const { accountId } = buyer.account
    const ids: string[] = []
    for (let made = 0; made < 3; made += 1) ids.unshift((await paidOrder(buyer)).orderId)
    const first = await shop.checkout.orders.list(accountId, page(2))
    expect([first.items.map((one) => one.orderId), first.nextCursor]).toEqual([ids.slice(0, 2), ids[1]])
    const second = await shop.checkout.orders.list(accountId, page(2, first.nextCursor ?? ''))
    expect([second.items.map((one) => one.orderId), second.nextCursor]).toEqual([ids.slice(2), null])
    await expect(shop.checkout.orders.list(accountId, page(2, 'x'))).rejects.toEqual(refusal('request.invalid'))
    const { account: stranger } = await shop.buyer()
    expect(await shop.checkout.orders.list(stranger.accountId, page(2))).toEqual({ items: [], nextCursor: null })
  })

  it('[OR1] tell what was bought and what happened, to their buyer and operators only', async () => {
    const buyer = await shop.buyer()
    const { orderId, orderNumber } = await paidOrder(buyer, 2)
    const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' })
    const order = await shop.checkout.orders.get(buyer.account, orderId)
    const expected: Partial<Order> = {
      orderId,
      orderNumber,
      state: 'paid',
      productName: 'Stoneware mug',
      brandName: 'Kiln & Co',
      units: 2,
      items: usd(4_000) as Order['items'],
      shipping: usd(599) as Order['shipping'],
      tax: usd(287) as Order['tax'],
      total: usd(4_886) as Order['total'],
      refunded: usd(0) as Order['refunded'],
      showId: shop.world.showId,
    }
    expect(order).toMatchObject(expected)
    expect(order.history.map((one) => one.what)).toEqual(['payment_pending', 'paid'])
    expect(orderNumber).toMatch(/^LL-[0-9A-HJKMNP-TV-Z]{7}$/)
    expect(await shop.checkout.orders.get(await shop.newActor(['operator']), orderId)).toEqual(order)
    const { account: stranger } = await shop.buyer()
    await expect(shop.checkout.orders.get(stranger, orderId)).rejects.toEqual(refusal('order.not_found'))
    await expect(shop.checkout.orders.get(stranger, newId<OrderId>())).rejects.toEqual(refusal('order.not_found'))
  })

  it('[OR1] have numbers that never meet, whatever the count', async () => {
    const [row] = await shop.rows<{ numbers: number }>(
      'SELECT count(DISTINCT order_number_of(n)) AS numbers FROM generate_series(1, 20000) AS n',
    )
    expect(row).toEqual({ numbers: 20_000 })
  })

  it('[OR1] have a history that cannot be changed, nor leave the allowed steps', async () => {
    const { orderId } = await paidOrder(await shop.buyer())
    const step = 'INSERT INTO order_events (order_id, version, from_state, to_state) VALUES ($1, $2, $3, $4)'
    await expect(shop.rows(step, [orderId, 3, 'paid', 'payment_failed'])).rejects.toMatchObject({
      constraint: 'order_events_step',
    })
    await expect(shop.rows(step, [orderId, 2, 'payment_pending', 'paid'])).rejects.toMatchObject({ code: '23505' })
    await expect(shop.rows('DELETE FROM order_events')).rejects.toMatchObject({
      constraint: 'order_events_append_only',
    })
    await expect(shop.rows(`UPDATE order_events SET to_state = 'paid'`)).rejects.toMatchObject({
      constraint: 'order_events_append_only',
    })
  })

  it('[OR3] are confirmed by one letter, however often their jobs run', async () => {
    const buyer = await shop.buyer()
    const [{ checkoutId, orderId, orderNumber }, pending] = [await paidOrder(buyer), await shop.start(buyer)]
    const handler = checkoutJobs(shop.checkout).find((one) => one.job.name === 'checkout.advance')
    for (let run = 0; run < 3; run += 1) await handler?.handle({ checkoutId }, 'outbox-1')
    const lettersOf = (reference: string) =>
      shop.rows('SELECT account_id AS "accountId", subject, body FROM mail_outbox WHERE reference = $1', [reference])
    expect(await lettersOf(pending.orderId)).toEqual([])
    expect(await lettersOf(orderId)).toEqual([
      {
        accountId: buyer.account.accountId,
        subject: `Your order ${orderNumber}`,
        body: expect.stringContaining('Total paid: USD 26.55'),
      },
    ])
  })
})

describe('refunds', () => {
  it('[OR2] are for operators and the brand’s sellers, for paid orders, by one wish an id', async () => {
    const buyer = await shop.buyer()
    const { orders } = shop.checkout
    const { orderId, total } = await paidOrder(buyer)
    const operationId = newId<OperationId>()
    const wish = { orderId, reason: 'broken', operationId }
    const otherSeller = { ...(await shop.newActor(['seller'])), brandIds: [] }
    await expect(orders.refund(otherSeller, wish)).rejects.toEqual(refusal('order.not_found'))
    const seller = await shop.newActor(['seller'])
    const pending = await shop.start(await shop.buyer())
    await expect(orders.refund(seller, { ...wish, orderId: pending.orderId })).rejects.toEqual(
      refusal('order.not_refundable'),
    )
    const ofBrand = { ...(await shop.newActor(['buyer'])), brandIds: seller.brandIds }
    await expect(orders.refund(ofBrand, wish)).rejects.toEqual(refusal('order.not_found'))
    const otherCreator = { ...(await shop.newActor(['creator'])), brandIds: [] }
    await expect(orders.refund(otherCreator, wish)).rejects.toEqual(refusal('order.not_found'))
    const refund = await orders.refund(seller, wish)
    expect(refund).toEqual({ refundId: expect.any(String), amount: total, state: 'pending' })
    await expect(orders.refund(seller, { ...wish, reason: 'other' })).rejects.toEqual(refusal('idempotency.key_reused'))
    const [job] = await shop.rows(`SELECT payload FROM outbox WHERE job = 'payments.refund'`)
    expect(job).toEqual({ payload: { refundId: refund.refundId } })
    const before = await shop.rows('SELECT * FROM stock_levels')
    await orders.settleRefund(refund.refundId)
    expect(await shop.rows('SELECT * FROM stock_levels')).toEqual(before)
    const order = await orders.get(buyer.account, orderId)
    expect(order).toMatchObject({ state: 'refunded', refunded: total })
    expect(order.history.map((one) => one.what)).toEqual(['payment_pending', 'paid', 'refunded'])
    await expect(orders.refund(seller, { ...wish, operationId: newId<OperationId>() })).rejects.toEqual(
      refusal('order.not_refundable'),
    )
  })

  it('[OR2] are for the creator too, of whose own brand the goods are', async () => {
    const { orders } = shop.checkout
    const { orderId } = await paidOrder(await shop.buyer())
    const { brandIds } = await shop.newActor(['seller'])
    const creator = { ...(await shop.newActor(['buyer', 'creator'])), brandIds }
    const wish = { orderId, reason: 'cracked', operationId: newId<OperationId>() }
    expect(await orders.refund(creator, wish)).toMatchObject({ state: 'pending' })
  })
})

describe('a refund under way', () => {
  it('[OR2] is answered to a repeated wish at once, also while it is being recorded', async () => {
    const { orders } = shop.checkout
    const { orderId } = await paidOrder(await shop.buyer())
    const seller = await shop.newActor(['seller'])
    const wish = { orderId, reason: 'broken', operationId: newId<OperationId>() }
    const refund = await orders.refund(seller, wish)
    const recording = shop.db.transaction(async (tx) => {
      const settled = `state = 'succeeded', refund_ref = 'rf_given_up', settled_at = now()`
      await tx.query(statementOf(`UPDATE payment_refunds SET ${settled} WHERE id = $1`), [refund.refundId])
      expect(await orders.refund(seller, wish)).toEqual(refund)
      throw new Error('given up')
    })
    await expect(recording).rejects.toThrow('given up')
  }, 8_000)
})

describe('the sales board', () => {
  it('[SB1] counts what is paid and not refunded, for the show’s creator', async () => {
    const creator = { ...(await shop.newActor(['creator'])), creatorId: shop.world.creatorId }
    const { showId } = shop.world
    const before = await shop.checkout.board.get(creator, showId)
    const buyer = await shop.buyer()
    const kept = await paidOrder(buyer, 3)
    await shop.start(buyer)
    const board = await shop.checkout.board.get(creator, showId)
    expect([board.paidOrders, board.paidUnits]).toEqual([before.paidOrders + 1, before.paidUnits + 3])
    expect(board.gmv).toEqual([{ amountMinor: (before.gmv[0]?.amountMinor ?? 0) + 6_000, currency: 'USD' }])
    expect(board.lines[0]).toEqual({
      orderNumber: kept.orderNumber,
      productName: 'Stoneware mug',
      units: 3,
      items: { amountMinor: 6_000, currency: 'USD' },
      buyerName: 'Ada',
      paidAtMs: expect.any(Number),
    })
    await expect(shop.checkout.board.get(await shop.newActor(['creator']), showId)).rejects.toEqual(
      refusal('show.not_found'),
    )
    const operator = await shop.newActor(['operator'])
    expect(await shop.checkout.board.get(operator, showId)).toEqual(board)
    await expect(shop.checkout.board.get(operator, newId<ShowId>())).rejects.toEqual(refusal('show.not_found'))
  })

  it('[SB1] is told to the creator at most twice a second, and in the end as it stands', async () => {
    const creator = { ...(await shop.newActor(['creator'])), creatorId: shop.world.creatorId }
    const others = [shop.newProcess(), shop.newProcess()]
    const told = () => shop.told.filter((one) => one.event === salesBoardChanged.name)
    await expect.poll(() => told().length).toBeGreaterThan(0)
    const already = told().length
    const startedAt = performance.now()
    const buyer = await shop.buyer()
    for (let made = 0; made < 12; made += 1) {
      const started = await shop.start(buyer)
      await others[made % 2]?.checkout.advance(started.checkoutId, 'job')
    }
    const truth = await shop.checkout.board.get(creator, shop.world.showId)
    await expect.poll(() => told().at(-1)?.data, { timeout: 5_000 }).toEqual(truth)
    const most = Math.ceil((performance.now() - startedAt) / 500) + 1
    expect(told().length - already).toBeLessThanOrEqual(most)
    expect(told().every((one) => one.accountId === shop.world.creatorAccountId)).toBe(true)
  })
})
