import type { Checkout } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Shop, startShop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop({ providerTimeoutMs: 1_500 })
  shop.startSweeping()
})
afterAll(() => shop.close())

const intentsOf = async (checkout: Checkout) =>
  (await shop.provider.listIntentsByCheckout(checkout.checkoutId)).map((one) => [one.status, one.capturedMinor])
const stockOf = async () =>
  (
    await shop.rows<{ available: number; held: number; sold: number }>(
      'SELECT available, held, sold FROM stock_levels WHERE variant_id = $1',
      [shop.world.variantId],
    )
  ).map(({ available, held, sold }) => [available, held, sold])[0] as [number, number, number]

const buyWith = async (cardName: string) => {
  const buyer = await shop.buyer(cardName)
  const started = await shop.start(buyer)
  await shop.checkout.advance(started.checkoutId, 'job')
  return { buyer, started }
}
const orderOf = async (checkout: Checkout) => {
  const [row] = await shop.rows<{ state: string; entries: number; letters: number }>(
    `SELECT o.state, (SELECT count(*) FROM ledger_transactions WHERE reference = o.id::text) AS entries,
       (SELECT count(*) FROM mail_outbox WHERE kind = 'order-confirmation' AND reference = o.id::text) AS letters
     FROM orders o WHERE o.id = $1`,
    [checkout.orderId],
  )
  return row
}

describe('cards that pay, whatever becomes of the answers', () => {
  it.each([
    'visa',
    'mastercard',
    'amex',
    'authorise-error',
    'authorise-no-answer',
    'capture-error',
    'capture-no-answer',
    'slow',
    'processing',
    'short-hold',
    'webhook-late',
    'webhook-doubled',
    'webhook-reversed',
    'webhook-dropped',
  ])('[CH4] [PA1] charges %s once', async (cardName) => {
    const [available, , sold] = await stockOf()
    const { buyer, started } = await buyWith(cardName)
    expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'paid' })
    expect(await intentsOf(started)).toEqual([['captured', 2_655]])
    expect(await orderOf(started)).toEqual({ state: 'paid', entries: 1, letters: 1 })
    expect(await stockOf()).toEqual([available - 1, 0, sold + 1])
  })
})

describe('cards that do not pay', () => {
  it.each([
    ['declined', 'card_declined'],
    ['insufficient-funds', 'insufficient_funds'],
    ['expired', 'card_expired'],
    ['incorrect-cvc', 'card_declined'],
  ])('[CH6] gives everything back after %s', async (cardName, failure) => {
    const before = await stockOf()
    const { buyer, started } = await buyWith(cardName)
    expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'failed', failure })
    expect(await intentsOf(started)).toEqual([['declined', 0]])
    expect(await orderOf(started)).toEqual({ state: 'payment_failed', entries: 0, letters: 0 })
    expect(await stockOf()).toEqual(before)
  })
})

describe('cards that want the bank’s step', () => {
  const answerChallenge = async (url: string, outcome: 'approve' | 'fail') => {
    const answer = await shop.sandbox.send('POST', new URL(url).pathname, {
      body: JSON.stringify({ outcome }),
      headers: { 'content-type': 'application/json', origin: 'http://shop.test' },
    })
    expect(answer.status).toBe(200)
  }
  const challenged = async (cardName: string) => {
    const { buyer, started } = await buyWith(cardName)
    const { account } = buyer
    const waiting = await shop.checkout.get(account, { checkoutId: started.checkoutId, waitMs: 25_000 })
    const actionUrl = expect.stringMatching(/\/hosted\/challenge\/pi_/)
    expect(waiting).toEqual({ ...started, state: 'needs_action', actionUrl })
    return { buyer, started, url: waiting.actionUrl as string }
  }

  it('[CH4] goes on by webhook once the bank has approved', async () => {
    const { buyer, started, url } = await challenged('challenge')
    await answerChallenge(url, 'approve')
    await shop.webhooks.idle()
    await expect.poll(async () => (await orderOf(started))?.state).toBe('paid')
    expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'paid' })
    expect(await intentsOf(started)).toEqual([['captured', 2_655]])
  })

  it('[CH4] goes on by the buyer’s return while webhooks do not come', async () => {
    shop.webhooks.hold(true)
    const { buyer, started, url } = await challenged('challenge')
    await answerChallenge(url, 'approve')
    expect(await shop.checkout.continue(buyer.account, started.checkoutId)).toEqual({ ...started, state: 'paid' })
    shop.webhooks.hold(false)
  })

  it.each([
    ['challenge', 'fail', 'authentication_failed'],
    ['challenge-declined', 'approve', 'card_declined'],
  ] as const)('[CH6] gives everything back after %s answered by %s', async (cardName, outcome, failure) => {
    const before = await stockOf()
    const { buyer, started, url } = await challenged(cardName)
    await answerChallenge(url, outcome)
    const answer = await shop.checkout.continue(buyer.account, started.checkoutId)
    expect(answer).toEqual({ ...started, state: 'failed', failure })
    expect(await stockOf()).toEqual(before)
  })

  it('[CH7] lets the money go when the buyer never comes back', async () => {
    const before = await stockOf()
    const { buyer, started } = await challenged('challenge')
    await shop.rows(`UPDATE checkouts SET pay_before = now(), look_at = now() WHERE id = $1`, [started.checkoutId])
    await expect.poll(async () => (await orderOf(started))?.state).toBe('payment_failed')
    const last = await shop.final(buyer, started.checkoutId)
    expect(last).toMatchObject({ state: 'failed', failure: 'time_over', actionUrl: null })
    expect(await intentsOf(started)).toEqual([['canceled', 0]])
    expect(await stockOf()).toEqual(before)
  })
})
