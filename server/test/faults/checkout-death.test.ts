import type { Checkout } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '#infra/postgres/pool'
import type { PaymentProvider } from '#modules/payments'
import { OutcomeUnknown, ProviderUnavailable } from '../../src/modules/payments/provider.ts'
import { brokenRules, witnessedIntents } from '../support/invariants.ts'
import { type Shop, startShop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  // Nothing may depend on webhooks here; they are tested on their own below.
  shop.webhooks.hold(true)
})
afterAll(() => shop.close())

const expireLease = (checkout: Checkout) =>
  shop.rows(`UPDATE checkouts SET lease_until = now() - interval '1 second', look_at = now() WHERE id = $1`, [
    checkout.checkoutId,
  ])
const expireDeadline = (checkout: Checkout) =>
  shop.rows(`UPDATE checkouts SET pay_before = now() WHERE id = $1`, [checkout.checkoutId])
const lookNow = (checkout: Checkout) =>
  shop.rows(`UPDATE checkouts SET look_at = now() WHERE id = $1`, [checkout.checkoutId])
const captures = async (checkout: Checkout) =>
  (await witnessedIntents(shop)).filter((one) => one.checkoutId === checkout.checkoutId).flatMap((one) => one.captures)
    .length
const statuses = async (checkout: Checkout) =>
  (await shop.provider.listIntentsByCheckout(checkout.checkoutId)).map((one) => one.status)

/** A process that stands still at one point of its way, as when it was stopped or its machine is gone. */
function stopAt(command: 'authorise' | 'capture', moment: 'before' | 'after') {
  let resume: () => void = () => undefined
  const resumed = new Promise<void>((resolve) => {
    resume = resolve
  })
  let reach: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  const wrap = (provider: PaymentProvider): PaymentProvider => {
    const stopped =
      <Request, Answer>(call: (request: Request) => Promise<Answer>) =>
      async (request: Request): Promise<Answer> => {
        const answer = moment === 'after' ? await call(request) : undefined
        reach()
        await resumed
        return answer ?? (await call(request))
      }
    return { ...provider, [command]: stopped(provider[command] as (request: unknown) => Promise<unknown>) }
  }
  return { wrap, reached, resume }
}

describe('a process that stops in the middle', () => {
  it.each([
    ['authorise', 'before'],
    ['authorise', 'after'],
    ['capture', 'before'],
    ['capture', 'after'],
  ] as const)(
    '[CH8] is succeeded by another when it stops at %s, %s it was sent, and does no harm when it wakes',
    async (command, moment) => {
      const { wrap, reached, resume } = stopAt(command, moment)
      const buyer = await shop.buyer()
      const started = await shop.start(buyer)
      const asleep = shop.newProcess(wrap).checkout.advance(started.checkoutId, 'job')
      await reached
      // While its lease runs nobody else acts.
      await shop.checkout.advance(started.checkoutId, 'webhook')
      expect(await shop.checkout.get(buyer.account, { checkoutId: started.checkoutId, waitMs: 0 })).toMatchObject({
        state: command === 'authorise' ? 'authorising' : 'capturing',
      })
      await expireLease(started)
      await shop.checkout.sweep()
      expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'paid' })
      resume()
      await asleep
      expect(await captures(started)).toBe(1)
      expect(await statuses(started)).toEqual(['captured'])
      expect(await brokenRules(shop)).toEqual([])
    },
  )

  it('[CH7] whose late authorisation reaches a failed checkout has it let go', async () => {
    const { wrap, reached, resume } = stopAt('authorise', 'before')
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    const asleep = shop.newProcess(wrap).checkout.advance(started.checkoutId, 'job')
    await reached
    await expireLease(started)
    await expireDeadline(started)
    await shop.checkout.sweep()
    const failed = await shop.final(buyer, started.checkoutId)
    expect(failed).toMatchObject({ state: 'failed', failure: 'time_over' })
    resume()
    await asleep
    expect(await statuses(started)).toEqual(['authorised'])
    await lookNow(started)
    await shop.checkout.sweep()
    expect(await statuses(started)).toEqual(['canceled'])
    expect(await captures(started)).toBe(0)
    expect(await brokenRules(shop)).toEqual([])
  })
})

describe('a database that fails at the worst moment', () => {
  it('[CH4] does not lose a capture that could not be recorded', async () => {
    let failures = 1
    const failing = (database: Database): Database => ({
      ...database,
      transaction: (work) => {
        if (failures-- > 0) return Promise.reject(new Error('the connection was cut'))
        return database.transaction(work)
      },
    })
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    const { checkout } = shop.newProcess((one) => one, failing)
    await expect(checkout.advance(started.checkoutId, 'job')).rejects.toThrow('the connection was cut')
    expect(await captures(started)).toBe(1)
    expect(await shop.checkout.orders.get(buyer.account, started.orderId)).toMatchObject({ state: 'payment_pending' })
    await shop.checkout.advance(started.checkoutId, 'sweep')
    expect(await shop.final(buyer, started.checkoutId)).toEqual({ ...started, state: 'paid' })
    expect(await captures(started)).toBe(1)
    expect(await brokenRules(shop)).toEqual([])
  })
})

describe('checkouts that are recorded together', () => {
  it('[CH4] do not take each other along when one of them cannot be recorded', async () => {
    const buyers = await Promise.all(Array.from({ length: 6 }, () => shop.buyer()))
    const started = await Promise.all(buyers.map((buyer) => shop.start(buyer)))
    const bad = started[2] as Checkout
    await shop.rows(`CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.order_id = '${bad.orderId}' THEN RAISE EXCEPTION 'this one is bad'; END IF; RETURN NEW; END $$`)
    await shop.rows(
      'CREATE TRIGGER refuse_one BEFORE INSERT ON order_events FOR EACH ROW EXECUTE FUNCTION refuse_one()',
    )
    const advances = await Promise.allSettled(started.map((one) => shop.checkout.advance(one.checkoutId, 'job')))
    expect(advances.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(
      started.map((one) => one === bad && 'this one is bad'),
    )
    await shop.rows('DROP TRIGGER refuse_one ON order_events')
    await shop.checkout.advance(bad.checkoutId, 'sweep')
    const ends = await Promise.all(started.map((one, index) => shop.final(buyers[index] as never, one.checkoutId)))
    expect(ends.map((one) => one.state)).toEqual(started.map(() => 'paid'))
    expect(await brokenRules(shop)).toEqual([])
  })
})

describe('a provider that is away', () => {
  const away = (commands: readonly (keyof PaymentProvider)[], error: () => Error) => (provider: PaymentProvider) => ({
    ...provider,
    ...Object.fromEntries(commands.map((name) => [name, () => Promise.reject(error())])),
  })

  it('[CH6] fails a checkout at its deadline without asking, when nothing was ever sent', async () => {
    const down = shop.newProcess(away(['authorise', 'listIntentsByCheckout'], () => new ProviderUnavailable('down')))
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    await down.checkout.advance(started.checkoutId, 'job')
    const { checkoutId } = started
    expect(await shop.checkout.get(buyer.account, { checkoutId, waitMs: 0 })).toMatchObject({ state: 'created' })
    await expireDeadline(started)
    await down.checkout.advance(checkoutId, 'sweep')
    expect(await shop.final(buyer, checkoutId)).toMatchObject({ state: 'failed', failure: 'time_over' })
    expect(await statuses(started)).toEqual([])
    expect(await brokenRules(shop)).toEqual([])
  })

  it('[CH6] keeps the units until it is known that no money is held', async () => {
    const unknown = () => new OutcomeUnknown('no answer', 'key')
    const silent = shop.newProcess((provider) => ({
      ...away(['findIntentByCheckout', 'listIntentsByCheckout'], () => new ProviderUnavailable('down'))(provider),
      authorise: (request) => provider.authorise(request).then(() => Promise.reject(unknown())),
    }))
    const buyer = await shop.buyer()
    const started = await shop.start(buyer)
    const { checkoutId } = started
    await silent.checkout.advance(checkoutId, 'job')
    await expireDeadline(started)
    await silent.checkout.advance(checkoutId, 'sweep')
    // Decided to fail, but the money may be held: the buyer sees it as undecided and the unit stays taken.
    expect(await shop.checkout.get(buyer.account, { checkoutId, waitMs: 0 })).toMatchObject({ state: 'authorising' })
    expect(await shop.rows(`SELECT state, failure FROM checkouts WHERE id = $1`, [checkoutId])).toEqual([
      { state: 'canceling', failure: 'time_over' },
    ])
    const held = await shop.rows<{ held: number }>('SELECT held FROM stock_levels WHERE variant_id = $1', [
      shop.world.variantId,
    ])
    expect(held).toEqual([{ held: 1 }])
    await shop.checkout.advance(checkoutId, 'sweep')
    expect(await shop.final(buyer, checkoutId)).toMatchObject({ state: 'failed', failure: 'time_over' })
    expect(await statuses(started)).toEqual(['canceled'])
    expect(await brokenRules(shop)).toEqual([])
  })

  it('[OR2] settles a refund whose answer was lost, once', async () => {
    const buyer = await shop.buyer('refund-error')
    const started = await shop.start(buyer)
    await shop.checkout.advance(started.checkoutId, 'job')
    const operator = await shop.newActor(['operator'])
    const wish = { orderId: started.orderId, reason: 'lost parcel', operationId: started.checkoutId as never }
    const refund = await shop.checkout.orders.refund(operator, wish)
    await shop.checkout.orders.settleRefund(refund.refundId)
    expect(await shop.checkout.orders.refund(operator, wish)).toMatchObject({ state: 'pending' })
    await shop.checkout.orders.settleRefund(refund.refundId)
    expect(await shop.checkout.orders.refund(operator, wish)).toEqual({ ...refund, state: 'succeeded' })
    const refunds = (await witnessedIntents(shop)).flatMap((one) => one.refunds)
    expect(refunds.map((one) => one.amountMinor)).toEqual([started.total.amountMinor])
    expect(await brokenRules(shop)).toEqual([])
  })
})
