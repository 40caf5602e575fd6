import type { Checkout, CheckoutItem, FlashSaleId, OperationId } from '@livelot/client/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { brokenRules } from '../support/invariants.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { isLongRun, seed } from './ground.ts'

const histories = isLongRun ? 400 : 25
const unitsOfSale = 3

let shop: Shop
let buyers: Awaited<ReturnType<Shop['buyer']>>[]
let operator: AccountActor
beforeAll(async () => {
  process.stdout.write(`FUZZ_SEED=${seed}\n`)
  shop = await startShop()
  // One whose card is declined, and one whose bank's answer is lost, take the other ways through a checkout.
  buyers = [await shop.buyer(), await shop.buyer('declined'), await shop.buyer('authorise-error'), await shop.buyer()]
  operator = await shop.newActor(['buyer', 'operator'])
})
afterAll(() => shop.close())

const who = fc.nat({ max: 3 })
const slot = fc.nat({ max: 4 })
const operation = fc.nat({ max: 5 })
const times = fc.constantFrom(1, 1, 2, 5)
const step = fc.oneof(
  fc.record({ do: fc.constant('hold' as const), who, units: fc.integer({ min: 1, max: 2 }) }),
  fc.record({ do: fc.constant('start' as const), who, operation, slot, units: fc.integer({ min: 1, max: 3 }), times }),
  fc.record({ do: fc.constant('startUnseen' as const), who, operation, offMinor: fc.constantFrom(-1, 1, -2_000) }),
  fc.record({ do: fc.constant('advance' as const), slot, by: fc.constantFrom('job', 'webhook', 'client'), times }),
  fc.record({ do: fc.constant('look' as const), who, slot }),
  fc.record({ do: fc.constant('continue' as const), who, slot }),
  fc.record({ do: fc.constant('letGo' as const), who, slot }),
  fc.record({ do: fc.constant('refund' as const), slot, operation, times }),
  fc.record({ do: fc.constant('sweep' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
type Of<D extends Step['do']> = Extract<Step, { do: D }>

/** Nobody goes back: what is further to the right stays. */
const order = ['authorising', 'needs_action', 'capturing', 'paid', 'failed']
const isFinal = ({ state }: Checkout) => state === 'paid' || state === 'failed'

interface Made {
  readonly who: number
  readonly wish: string
  readonly checkout: Checkout
}

/** One sale, walked through in any order; what was answered once must stay true. */
class History {
  readonly #saleId: FlashSaleId
  readonly #holds: { readonly who: number; readonly item: CheckoutItem }[] = []
  readonly #made: Made[] = []
  readonly #byOperation = new Map<string, Made>()
  readonly #operations = Array.from({ length: 6 }, () => newId<OperationId>())
  readonly #seen = new Map<string, string>()

  constructor(saleId: FlashSaleId) {
    this.#saleId = saleId
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case 'hold':
        return await this.#hold(one)
      case 'start':
        return await this.#start(one)
      case 'startUnseen':
        return await this.#startUnseen(one)
      case 'refund':
        return await this.#refund(one)
      case 'sweep':
        await shop.checkout.sweep()
        return
      case 'letGo':
        return await this.#letGo(one)
      default:
        return await this.#move(one)
    }
  }

  async #hold({ who, units }: Of<'hold'>): Promise<void> {
    const buyer = buyers[who] as (typeof buyers)[number]
    const item = await shop.hold(buyer.account, this.#saleId, units).catch(refusedWith(/^flash_sale\./))
    if (item) this.#holds.push({ who, item })
  }

  async #start({ who, operation, slot, units, times }: Of<'start'>): Promise<void> {
    const held = this.#holds[slot]
    // Holds of others too.
    const item = held?.item ?? shop.listItem(units)
    const wish = JSON.stringify(item)
    const key = `${who} ${operation}`
    const taps = Array.from({ length: times }, () => this.#tap(who, item, operation))
    const answers = await Promise.all(taps)
    const earlier = this.#byOperation.get(key)
    for (const answer of answers) {
      const known = this.#byOperation.get(key)
      if (typeof answer === 'string') {
        if (known && known.wish !== wish) expect(['idempotency.key_reused', 'hold.not_found']).toContain(answer)
        else if (known) expect(answer).toBe('hold.not_found')
        continue
      }
      if (held) expect(held.who).toBe(who)
      if (known) expect({ id: answer.checkoutId, wish }).toEqual({ id: known.checkout.checkoutId, wish: known.wish })
      else this.#remember(key, { who, wish, checkout: answer })
    }
    if (!earlier) expect(new Set(answers.map((one) => (typeof one === 'string' ? one : one.checkoutId))).size).toBe(1)
  }

  /** A start, or the code of its refusal. */
  async #tap(who: number, item: CheckoutItem, operation: number): Promise<Checkout | string> {
    const buyer = buyers[who] as (typeof buyers)[number]
    const operationId = this.#operations[operation] as OperationId
    return await shop.start(buyer, item, operationId).catch((error: { code?: string }) => {
      if (!error.code) throw error
      return error.code
    })
  }

  #remember(key: string, made: Made): void {
    this.#byOperation.set(key, made)
    this.#made.push(made)
    const ofHold = this.#made.filter((one) => one.wish === made.wish && made.wish.includes('holdId'))
    expect(new Set(ofHold.map((one) => one.checkout.checkoutId)).size).toBeLessThanOrEqual(1)
  }

  /** A total that was never quoted makes nothing, whatever it is. */
  async #startUnseen({ who, operation, offMinor }: Of<'startUnseen'>): Promise<void> {
    const { account, cardId } = buyers[who] as (typeof buyers)[number]
    const item = shop.listItem()
    const { total } = await shop.checkout.quote(account, { item })
    const expectedTotal = { ...total, amountMinor: Math.max(0, total.amountMinor + offMinor) }
    const operationId = this.#operations[operation] as OperationId
    const answer = await shop.checkout.start(account, { item, cardId, expectedTotal, operationId }).catch(codeOf)
    expect(['checkout.price_changed', 'idempotency.key_reused', 'request.rate_limited']).toContain(answer)
  }

  async #move(one: Of<'advance'> | Of<'look'> | Of<'continue'>): Promise<void> {
    const made = this.#made[one.slot]
    if (!made) return
    const { checkoutId } = made.checkout
    if (one.do === 'advance') {
      const by = one.by as 'job' | 'webhook' | 'client'
      await Promise.all(Array.from({ length: one.times }, () => shop.checkout.advance(checkoutId, by)))
      return
    }
    const { account } = buyers[one.who] as (typeof buyers)[number]
    const asked =
      one.do === 'look'
        ? shop.checkout.get(account, { checkoutId, waitMs: 0 })
        : shop.checkout.continue(account, checkoutId)
    const answer = await asked.catch(codeOf)
    if (one.who !== made.who) expect(answer).toBe('checkout.not_found')
    else this.#see(answer as Checkout)
  }

  #see(checkout: Checkout): void {
    const before = this.#seen.get(checkout.checkoutId)
    if (before) {
      expect(order.indexOf(checkout.state)).toBeGreaterThanOrEqual(order.indexOf(before))
      if (before === 'paid' || before === 'failed') expect(checkout.state).toBe(before)
    }
    this.#seen.set(checkout.checkoutId, checkout.state)
  }

  async #letGo({ who, slot }: Of<'letGo'>): Promise<void> {
    const held = this.#holds[slot]
    if (held?.item.kind !== 'hold') return
    const { accountId } = (buyers[who] as (typeof buyers)[number]).account
    const { flashSaleId, holdId } = held.item
    const answer = await shop.flashSales.holds.release({ accountId, flashSaleId, holdId }).catch(codeOf)
    if (who !== held.who) expect(answer).toBe('hold.not_found')
  }

  async #refund({ slot, operation, times }: Of<'refund'>): Promise<void> {
    const made = this.#made[slot]
    if (!made) return
    const request = { orderId: made.checkout.orderId, reason: 'broken', operationId: this.#operations[operation] }
    const wishes = Array.from({ length: times }, () =>
      shop.checkout.orders.refund(operator, request as Parameters<typeof shop.checkout.orders.refund>[1]).catch(codeOf),
    )
    for (const answer of await Promise.all(wishes)) {
      if (typeof answer === 'string') expect(['order.not_refundable', 'idempotency.key_reused']).toContain(answer)
      else await shop.checkout.orders.settleRefund(answer.refundId)
    }
  }

  /** Everything comes to its end, and the books agree. */
  async end(): Promise<void> {
    for (const { who, checkout } of this.#made) {
      await shop.checkout.advance(checkout.checkoutId, 'job')
      const last = await shop.final(buyers[who] as (typeof buyers)[number], checkout.checkoutId)
      expect(isFinal(last)).toBe(true)
      this.#see(last)
    }
    await shop.webhooks.idle()
    const [sold] = await shop.rows<{ units: number }>(
      `SELECT coalesce(sum(cardinality(unit_numbers)), 0)::int AS units FROM holds
       WHERE flash_sale_id = $1 AND state IN ('claimed', 'settled')`,
      [this.#saleId],
    )
    expect(sold?.units).toBeLessThanOrEqual(unitsOfSale)
    expect(await brokenRules(shop)).toEqual([])
  }
}

const codeOf = (error: { code?: string }): string => {
  if (!error.code) throw error
  return error.code
}
const refusedWith = (codes: RegExp) => (error: { code?: string }) => {
  expect(codeOf(error)).toMatch(codes)
  return null
}

it('[CH3] [CH5] [OR2] keeps every promise of a checkout, whichever steps are left out, repeated or taken at once', {
  timeout: isLongRun ? 900_000 : 90_000,
}, async () => {
  const history = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }), async (steps) => {
    const taken = new History(await shop.openSale(unitsOfSale, 2))
    for (const one of steps) await taken.take(one)
    await taken.end()
  })
  await fc.assert(history, { seed, numRuns: histories, interruptAfterTimeLimit: isLongRun ? 840_000 : 60_000 })
})
