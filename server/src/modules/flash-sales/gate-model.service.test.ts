import type { AccountId, FlashSale, HoldId, OperationId } from '@livelot/client/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { testDatabase, testRedis } from '../../../test/support/services.ts'
import { GateModel } from './gate-model.ts'
import { openShop, type Shop } from './shop-for-tests.ts'

const histories = 1_200
const seed = 20_261_122

let shop: Shop
let stores: readonly { drop(): Promise<void> }[]
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  shop = await openShop({ databaseUrl: database.url, redisUrl: redis.url })
})
afterAll(async () => {
  await shop.close()
  for (const one of stores) await one.drop()
})

const buyers = Array.from({ length: 4 }, () => newId<AccountId>())
const operations = Array.from({ length: 6 }, () => newId<OperationId>())
const buyer = fc.nat({ max: buyers.length - 1 })
const operation = fc.nat({ max: operations.length - 1 })
const hold = fc.nat({ max: 5 })
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      buyer,
      operation,
      units: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pay' as const), buyer, hold, own: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), buyer, hold, own: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('join' as const), buyer, operation }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      hold,
      how: fc.constantFrom('claimed' as const, 'settled' as const, 'released' as const, 'expired' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('runOut' as const), hold }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('tick' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** One history: the same steps through the scripts and the model; every answer and the figures after it must agree. */
class History {
  readonly sale: Pick<FlashSale, 'showId' | 'flashSaleId'>
  readonly model: GateModel
  readonly total: number
  closesAtMs = Date.now() + 600_000
  readonly known: { holdId: HoldId; buyer: AccountId }[] = []

  constructor(sale: Pick<FlashSale, 'showId' | 'flashSaleId'>, units: number, perBuyer: number) {
    this.sale = sale
    this.model = new GateModel(units, perBuyer)
    this.total = units
  }

  private pick(index: number) {
    return this.known[index % Math.max(1, this.known.length)]
  }

  private offers(offers: readonly { accountId: AccountId; holdId: HoldId }[]): void {
    const { expected, given } = this.model.takeOffers(offers)
    expect(given).toEqual(expected)
    for (const offer of offers) this.known.push({ holdId: offer.holdId, buyer: offer.accountId })
  }

  async take(one: Step): Promise<void> {
    const { gate } = shop
    const { sale, model } = this
    switch (one.do) {
      case 'reserve': {
        const [who, op] = [buyers[one.buyer] as AccountId, operations[one.operation] as OperationId]
        const expected = model.reserve(who, op, one.units)
        const answer = await gate.reserve(sale, who, op, one.units)
        if (answer[0] === 'held') {
          expect([answer[0], answer[2], answer[4]]).toEqual(expected)
          model.held(who, op, one.units, answer[1])
          this.known.push({ holdId: answer[1], buyer: who })
        } else if (answer[0] === 'repeated')
          expect([answer[0], answer[1], answer[2], answer[4], answer[5]]).toEqual(expected)
        else expect(answer[0] === 'not_open' ? [answer[0]] : answer).toEqual(expected)
        return
      }
      case 'pay':
      case 'release': {
        const target = this.pick(one.hold)
        if (!target) return
        const who = one.own ? target.buyer : (buyers[one.buyer] as AccountId)
        if (one.do === 'pay') {
          const answer = await gate.beginPayment(sale, who, target.holdId)
          expect(answer.slice(0, 2)).toEqual(model.beginPayment(who, target.holdId))
          return
        }
        const answer = await gate.release(sale, who, target.holdId)
        const expected = model.release(who, target.holdId)
        expect(answer[0] === 'released' ? [answer[0]] : answer).toEqual(expected)
        if (answer[0] === 'released') this.offers(answer[1])
        return
      }
      case 'join': {
        const [who, op] = [buyers[one.buyer] as AccountId, operations[one.operation] as OperationId]
        const answer = await gate.joinWaitlist(sale, who, op)
        expect(answer[0] === 'not_open' ? [answer[0]] : answer.slice(0, 2)).toEqual(model.join(who, op))
        if (answer[0] === 'joined') this.offers(answer[2])
        return
      }
      case 'apply': {
        const target = this.pick(one.hold)
        if (!target) return
        const units = model.holds.get(target.holdId)?.units ?? 1
        const answer = await gate.applyHoldState(sale, {
          holdId: target.holdId,
          accountId: target.buyer,
          units,
          how: one.how,
        })
        expect([answer[0]]).toEqual(model.apply(target.holdId, one.how))
        if (answer[0] === 'applied') this.offers(answer[1])
        return
      }
      case 'runOut': {
        const target = this.pick(one.hold)
        const held = target && model.holds.get(target.holdId)
        if (!target || !held || held.how === 'claimed') return
        held.isOver = true
        await shop.runOut(sale.flashSaleId, target.holdId)
        return
      }
      case 'close':
        this.closesAtMs = Date.now() - 1
        model.close()
        await this.tick()
        return
      case 'tick':
        return await this.tick()
      default:
        one satisfies never
    }
  }

  private async tick(): Promise<void> {
    const answer = await shop.gate.tick(this.sale, this.closesAtMs)
    const asks = this.model.tick()
    if (answer[0] !== 'ticked') throw new Error('the gate stands')
    expect(answer[6].map((ask) => ask.holdId).sort()).toEqual(asks)
    this.offers(answer[7])
    // Asked about again only after a while; the test says when.
    for (const holdId of asks) await shop.runOut(this.sale.flashSaleId, holdId)
  }

  async compare(): Promise<void> {
    const { model } = this
    const figures = await shop.gate.figures(this.sale)
    expect(figures).toEqual({ state: model.state, remainingUnits: model.remaining, soldUnits: model.sold })
    const held = [...model.holds.values()].reduce((sum, one) => sum + one.units, 0)
    expect(model.remaining + held + model.sold).toBe(this.total)
  }
}

it(`[FS1] does in ${histories} histories what a plain model does (seed ${seed})`, { timeout: 300_000 }, async () => {
  const template = await shop.service.create(shop.saleRequest(5), shop.creator)
  const [gate = ''] = shop.keysOf(template.flashSaleId)
  const fields = await shop.redis.hgetall(gate)
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(step, { minLength: 6, maxLength: 30 }),
      async (units, perBuyer, steps) => {
        const sale = { showId: shop.showId, flashSaleId: newId<FlashSale['flashSaleId']>() }
        const history = new History(sale, units, perBuyer)
        const keys = shop.keysOf(sale.flashSaleId)
        await shop.redis.hset(keys[0] ?? '', {
          ...fields,
          sale_id: sale.flashSaleId,
          remaining_units: units,
          per_buyer: perBuyer,
          opens_at_ms: Date.now() - 1_000,
          closes_at_ms: history.closesAtMs,
        })
        try {
          expect((await shop.gate.tick(sale, history.closesAtMs)).slice(0, 2)).toEqual(['ticked', 'open'])
          history.model.state = 'open'
          for (const one of steps) await history.take(one)
          await history.compare()
        } finally {
          await shop.redis.del(...keys.slice(0, 7))
        }
      },
    ),
    { seed, numRuns: histories, endOnFailure: false },
  )
})
