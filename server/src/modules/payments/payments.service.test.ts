import type { CardId } from '@livelot/client/contracts'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testWebhookSecret } from '../../../sandbox/payments/testing/test-sandbox.ts'
import { type Shop, startShop } from '../../../test/support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
})
afterAll(() => shop.close())

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })

describe('saved cards', () => {
  it('[PA3] are saved by token, listed newest first, and removed', async () => {
    const { accountId } = await shop.newActor()
    const token = await shop.sandbox.makeToken('visa')
    const card = await shop.payments.saveCard(accountId, token)
    expect(card).toEqual({ cardId: expect.any(String), brand: 'visa', last4: '4242', expMonth: 12, expYear: 2099 })
    expect(await shop.payments.saveCard(accountId, token)).toEqual(card)
    const other = await shop.payments.saveCard(accountId, await shop.sandbox.makeToken('mastercard'))
    expect(await shop.payments.listCards(accountId)).toEqual([other, card])
    await shop.payments.removeCard(accountId, card.cardId)
    expect(await shop.payments.listCards(accountId)).toEqual([other])
    await expect(shop.payments.removeCard(accountId, card.cardId)).rejects.toEqual(refusal('card.not_found'))
  })

  it('[PA3] belong to their owner alone, and are twelve at most', async () => {
    const { account, cardId } = await shop.buyer()
    const stranger = await shop.newActor()
    await expect(shop.payments.removeCard(stranger.accountId, cardId)).rejects.toEqual(refusal('card.not_found'))
    await expect(shop.payments.cardOnFile(stranger.accountId, cardId)).rejects.toEqual(refusal('card.not_found'))
    await expect(shop.payments.cardOnFile(account.accountId, stranger.accountId as string as CardId)).rejects.toEqual(
      refusal('card.not_found'),
    )
    const used = await shop.sandbox.makeToken('visa')
    await shop.payments.saveCard(account.accountId, used)
    await expect(shop.payments.saveCard(stranger.accountId, used)).rejects.toEqual(refusal('card.refused'))
    await expect(shop.payments.saveCard(stranger.accountId, 'tok_nothing')).rejects.toEqual(refusal('card.refused'))
    for (let saved = 2; saved < 12; saved += 1) await shop.saveCard(account)
    await expect(shop.saveCard(account)).rejects.toEqual(refusal('card.refused'))
  })

  it('[PA3] keep no number anywhere', async () => {
    await shop.buyer()
    const rows = await shop.rows('SELECT * FROM payment_cards')
    expect(JSON.stringify(rows)).not.toContain('4242424242424242')
  })
})

describe('events of the provider', () => {
  const eventOf = async (checkoutId: string, type: string) => {
    const page = (await shop.sandbox.get('/v1/events?limit=100')).body
    return page.data.find(
      (one: { type: string; data: { object: { metadata: { checkoutId: string } } } }) =>
        one.type === type && one.data.object.metadata?.checkoutId === checkoutId,
    )
  }
  const deliver = async (event: { id: string }, special: { secret?: string; at?: Date; body?: string } = {}) => {
    const body = special.body ?? JSON.stringify(event)
    const at = special.at ?? new Date()
    const signature = new Webhook(special.secret ?? testWebhookSecret).sign(event.id, at, JSON.stringify(event))
    const headers = {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': signature,
    }
    return (await fetch(shop.webhooks.url, { method: 'POST', headers, body })).status
  }
  const kept = (event: { id: string }) => shop.rows('SELECT type FROM payment_events WHERE event_ref = $1', [event.id])

  it('[PA2] are refused without a good signature, and leave nothing', async () => {
    shop.webhooks.hold(true)
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    await shop.checkout.advance(started.checkoutId, 'job')
    const event = await eventOf(started.checkoutId, 'payment_intent.succeeded')
    shop.webhooks.hold(false)
    const forged = { ...event, id: 'evt_forged' }
    const otherSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
    expect(await deliver(forged, { secret: otherSecret })).toBe(401)
    expect(await deliver(forged, { at: new Date(Date.now() - 3 * 24 * 3_600_000) })).toBe(401)
    expect(await deliver(forged, { body: JSON.stringify({ ...forged, type: 'payment_intent.authorised' }) })).toBe(401)
    expect((await fetch(shop.webhooks.url, { method: 'POST', body: '{}' })).status).toBe(401)
    expect((await fetch(shop.webhooks.url, { method: 'POST' })).status).toBe(400)
    expect(await kept(forged)).toEqual([])
  })

  it('[PA2] are taken once and change nothing when they come again or backwards', async () => {
    const buyer = await shop.buyer('webhook-dropped')
    const started = await shop.start(buyer)
    await shop.checkout.advance(started.checkoutId, 'job')
    const events = await Promise.all(
      ['payment_intent.succeeded', 'payment_intent.authorised'].map((type) => eventOf(started.checkoutId, type)),
    )
    for (const event of events)
      expect(await Promise.all(Array.from({ length: 5 }, () => deliver(event)))).toEqual([200, 200, 200, 200, 200])
    await shop.webhooks.idle()
    expect(await Promise.all(events.map(kept))).toEqual([[{ type: 'captured' }], [{ type: 'authorised' }]])
    expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'paid' })
    expect(await shop.rows('SELECT version FROM order_events WHERE order_id = $1', [started.orderId])).toHaveLength(2)
  })

  it('[PA2] are forgotten after thirty days', async () => {
    await shop.rows(`UPDATE payment_events SET received_at = now() - interval '31 days'`)
    await shop.payments.forgetOldEvents()
    expect(await shop.rows('SELECT type FROM payment_events')).toEqual([])
  })
})

describe('what is recorded', () => {
  it('[PA4] [PA1] is refused where it is not what was asked', async () => {
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    const [attempt] = await shop.rows(
      'SELECT amount_minor AS amount, intent_ref AS intent FROM payment_attempts WHERE checkout_id = $1',
      [started.checkoutId],
    )
    expect(attempt).toEqual({ amount: started.total.amountMinor, intent: null })
    const less = 'UPDATE payment_attempts SET captured_minor = amount_minor - 1 WHERE checkout_id = $1'
    await expect(shop.rows(less, [started.checkoutId])).rejects.toMatchObject({
      constraint: 'payment_attempts_captured',
    })
    const old = {
      checkoutId: started.checkoutId,
      orderId: started.orderId,
      amount: started.total,
      customerRef: 'cus_1',
      paymentMethodRef: 'pm_1',
      attemptedAtMs: Date.now() - 24 * 3_600_000,
    }
    expect(await shop.payments.authorise(old, false)).toEqual({ kind: 'refused', code: 'key_too_old' })
    expect(await shop.provider.listIntentsByCheckout(started.checkoutId)).toEqual([])
  })
})
