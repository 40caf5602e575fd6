import type { Checkout, OperationId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import type { PaymentProvider } from '#modules/payments'
import { brokenRules, witnessedIntents } from '../support/invariants.ts'
import { type Shop, startShop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.close())

const counted = (calls: Record<string, number>) => (provider: PaymentProvider) => ({
  ...provider,
  authorise: (request: Parameters<PaymentProvider['authorise']>[0]) => {
    calls.authorise = (calls.authorise ?? 0) + 1
    return provider.authorise(request)
  },
  capture: (request: Parameters<PaymentProvider['capture']>[0]) => {
    calls.capture = (calls.capture ?? 0) + 1
    return provider.capture(request)
  },
})

describe('one checkout advanced from all sides', () => {
  it('[CH8] asks and takes the money once, however many processes try at the same moment', async () => {
    const calls: Record<string, number> = {}
    const processes = Array.from({ length: 4 }, () => shop.newProcess(counted(calls)))
    for (let round = 0; round < 5; round += 1) {
      const buyer = await shop.buyer()
      const started = await shop.start(buyer)
      const work = processes.flatMap(({ checkout }) => [
        checkout.advance(started.checkoutId, 'job'),
        checkout.advance(started.checkoutId, 'webhook'),
        checkout.advance(started.checkoutId, 'client'),
        checkout.sweep(),
        checkout.continue(buyer.account, started.checkoutId),
      ])
      await Promise.all(work)
      expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'paid' })
    }
    expect(calls).toEqual({ authorise: 5, capture: 5 })
    expect(await brokenRules(shop)).toEqual([])
  })

  it('[CH8] tells each outcome to the buyer once', async () => {
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    await Promise.all(Array.from({ length: 20 }, () => shop.checkout.advance(started.checkoutId, 'webhook')))
    await shop.final(buyer, started.checkoutId)
    await shop.checkout.advance(started.checkoutId, 'webhook')
    const told = shop.told.filter((one) => one.accountId === buyer.account.accountId)
    expect(told.map((one) => one.data)).toEqual([{ checkout: { ...started, state: 'paid' } }])
  })
})

describe('the last units', () => {
  it('[CH5] go to as many buyers as there are units, each charged once', async () => {
    const flashSaleId = await shop.openSale(5)
    const buyers = await Promise.all(Array.from({ length: 20 }, () => shop.buyer()))
    const holds = await Promise.allSettled(buyers.map(({ account }) => shop.hold(account, flashSaleId)))
    const winners = buyers.flatMap((buyer, index) => {
      const hold = holds[index]
      return hold?.status === 'fulfilled' ? [{ buyer, item: hold.value }] : []
    })
    expect(winners).toHaveLength(5)
    const started = await Promise.all(winners.map(({ buyer, item }) => shop.start(buyer, item)))
    await Promise.all(started.map((one) => shop.checkout.advance(one.checkoutId, 'job')))
    expect(
      await Promise.all(
        started.map((one, index) => shop.final((winners[index] as (typeof winners)[number]).buyer, one.checkoutId)),
      ),
    ).toEqual(started.map((one) => ({ ...one, state: 'paid' })))
    expect(
      await shop.rows('SELECT state, count(*) AS n FROM holds WHERE flash_sale_id = $1 GROUP BY 1', [flashSaleId]),
    ).toEqual([{ state: 'settled', n: 5 }])
    expect(await brokenRules(shop)).toEqual([])
  })

  it('[CH3] make one order of one tap sent twenty times', async () => {
    const flashSaleId = await shop.openSale(3, 3)
    const buyer = await shop.buyer()
    const item = await shop.hold(buyer.account, flashSaleId, 2)
    const operationId = newId<OperationId>()
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.start(buyer, item, operationId)))
    const [only, ...others] = answers as [Checkout, ...Checkout[]]
    expect(others).toEqual(Array.from({ length: 19 }, () => only))
    // Another tap for the same hold finds its units taken.
    await expect(shop.start(buyer, item)).rejects.toMatchObject({ code: 'hold.expired' })
    await shop.checkout.advance(only.checkoutId, 'job')
    const order = await shop.checkout.orders.get(buyer.account, only.orderId)
    expect(order).toMatchObject({ state: 'paid', units: 2, unitPrice: { amountMinor: 1_500, currency: 'USD' } })
    expect(await brokenRules(shop)).toEqual([])
  })

  it('[CH3] make one order of one tap at the list price, where nothing else stands in the way of a second', async () => {
    const buyer = await shop.buyer()
    const operationId = newId<OperationId>()
    const taps = Array.from({ length: 20 }, () => shop.start(buyer, shop.listItem(), operationId))
    const [only, ...others] = (await Promise.all(taps)) as [Checkout, ...Checkout[]]
    expect(others).toEqual(Array.from({ length: 19 }, () => only))
    const orders = await shop.rows('SELECT id FROM orders WHERE account_id = $1', [buyer.account.accountId])
    expect(orders).toEqual([{ id: only.orderId }])
    await shop.checkout.advance(only.checkoutId, 'job')
    expect(await brokenRules(shop)).toEqual([])
  })
})

describe('checkouts that are started together', () => {
  it('[CH2] [CH5] do not take each other along when some of them cannot be', async () => {
    const flashSaleId = await shop.openSale(12)
    const buyers = await Promise.all(Array.from({ length: 12 }, () => shop.buyer()))
    const held = await Promise.all(
      buyers.map(async (buyer) => ({ buyer, item: await shop.hold(buyer.account, flashSaleId) })),
    )
    const spent = held.slice(0, 3)
    const first = await Promise.all(spent.map(({ buyer, item }) => shop.start(buyer, item)))
    const again = await Promise.allSettled(held.map(({ buyer, item }) => shop.start(buyer, item)))
    expect(again.map((one) => (one.status === 'rejected' ? one.reason.code : one.value.state))).toEqual(
      held.map((_, index) => (index < spent.length ? 'hold.expired' : 'created')),
    )
    const [counts] = await shop.rows(
      `SELECT (SELECT count(*) FROM orders WHERE account_id = ANY($2::uuid[])) AS orders,
         (SELECT count(*) FROM checkouts WHERE flash_sale_id = $1) AS checkouts,
         (SELECT count(DISTINCT hold_id) FROM flash_sale_units WHERE flash_sale_id = $1) AS units,
         (SELECT sum(units) FROM flash_sale_buyers WHERE flash_sale_id = $1) AS bought`,
      [flashSaleId, buyers.map(({ account }) => account.accountId)],
    )
    expect(counts).toEqual({ orders: 12, checkouts: 12, units: 12, bought: 12 })
    const started = [...first, ...again.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))]
    await Promise.all(started.map((one) => shop.checkout.advance(one.checkoutId, 'job')))
    expect(await brokenRules(shop)).toEqual([])
  })
})

describe('time that runs out against a payment', () => {
  it('[CH7] is decided once: either a paid order, or the money let go and the unit free', async () => {
    const flashSaleId = await shop.openSale(12)
    const outcomes: string[] = []
    for (let round = 0; round < 12; round += 1) {
      const buyer = await shop.buyer()
      const started = await shop.start(buyer, await shop.hold(buyer.account, flashSaleId))
      // The deadline falls within the few milliseconds that authorising takes, earlier or later by the round.
      await shop.rows(
        `UPDATE checkouts SET pay_before = clock_timestamp() + $2::int * interval '1 millisecond' WHERE id = $1`,
        [started.checkoutId, round * 2],
      )
      await shop.checkout.advance(started.checkoutId, 'job')
      const { state, failure } = await shop.final(buyer, started.checkoutId)
      outcomes.push(state)
      expect([state, failure]).toEqual(state === 'paid' ? ['paid', null] : ['failed', 'time_over'])
      const [unit] = await shop.rows<{ state: string }>('SELECT state FROM holds WHERE checkout_id = $1', [
        started.checkoutId,
      ])
      expect(unit).toEqual({ state: state === 'paid' ? 'settled' : 'released' })
      const intents = await shop.provider.listIntentsByCheckout(started.checkoutId)
      const left = intents.filter((one) => one.status !== 'canceled').map((one) => one.status)
      expect(left).toEqual(state === 'paid' ? ['captured'] : [])
    }
    expect(outcomes[0]).toBe('failed')
    expect(await brokenRules(shop)).toEqual([])
  })
})

describe('refunds', () => {
  it('[OR2] [PA5] give the money back once, however often they are wished and settled', async () => {
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    await shop.checkout.advance(started.checkoutId, 'job')
    const seller = await shop.newActor(['buyer', 'seller'])
    const { orders } = shop.checkout
    const operationId = newId<OperationId>()
    const wish = (id: OperationId) =>
      orders.refund(seller, { orderId: started.orderId, reason: 'broken', operationId: id })
    const wished = await Promise.all(Array.from({ length: 10 }, () => wish(operationId)))
    const [first, ...repeats] = wished as [(typeof wished)[0], ...typeof wished]
    expect(repeats).toEqual(Array.from({ length: 9 }, () => first))
    expect(first).toMatchObject({ amount: started.total, state: 'pending' })
    await expect(wish(newId<OperationId>())).rejects.toMatchObject({ code: 'order.not_refundable' })
    await Promise.all(Array.from({ length: 10 }, () => orders.settleRefund(first.refundId)))
    expect(await wish(operationId)).toEqual({ ...first, state: 'succeeded' })
    const intents = await witnessedIntents(shop)
    expect(intents.flatMap((one) => one.refunds)).toHaveLength(1)
    expect(await orders.get(buyer.account, started.orderId)).toMatchObject({
      state: 'refunded',
      refunded: started.total,
    })
    const balances = await shop.rows(
      `SELECT account, sum(amount_minor)::bigint AS sum FROM ledger_entries e JOIN ledger_transactions t ON t.id = e.transaction_id
       WHERE t.reference IN ($1, $2) GROUP BY account HAVING sum(amount_minor) <> 0`,
      [started.orderId, first.refundId],
    )
    expect(balances).toEqual([])
    expect(await brokenRules(shop)).toEqual([])
  })
})
