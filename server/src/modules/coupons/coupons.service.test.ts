import {
  type Coupon,
  type CouponId,
  couponLimits,
  type createCoupon,
  type OperationId,
  type RequestOf,
  type ShowId,
} from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Stage, startStage } from '#edge/sockets/testing/stage'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { type Coupons, createCoupons } from './coupons.ts'

let redis: TestRedis
let stage: Stage
let coupons: Coupons
let delivered = 0
beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({
    redisUrl: redis.url,
    routes: (live, database) => {
      const lock = async (_tx: unknown, showId: ShowId) => live.store.byId(showId)
      coupons = createCoupons({ database, shows: { byId: live.store.byId, shelf: live.store.shelf, lock } })
      live.registerStateContributor(coupons.service.showFields)
      return coupons.routes()
    },
  })
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

const run = <Row>(sql: string, values: readonly unknown[] = []) =>
  stage.database.query<Row>({ name: '', text: sql }, values)
const operationId = () => newId<OperationId>()
const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })
let made = 0
function requestOf(over: Partial<RequestOf<typeof createCoupon>> = {}): RequestOf<typeof createCoupon> {
  made += 1
  return {
    showId: stage.showId,
    code: `TEAS${made}`,
    discount: { kind: 'percent', percent: 20, capMinor: 500 },
    currency: 'EUR',
    minimumItemsMinor: 1_000,
    appliesToFlashSales: true,
    redemptionsMax: 5,
    validMinutes: 60,
    operationId: operationId(),
    ...over,
  }
}
const create = (over: Partial<RequestOf<typeof createCoupon>> = {}, actor: AccountActor = stage.host) =>
  coupons.service.create(requestOf(over), actor)

/** Brings everything told so far into the show's log, as the relay does. */
async function deliver(): Promise<string[]> {
  const rows = await run<{ id: number; payload: { type: string } }>(
    'SELECT id, payload FROM outbox WHERE ordered AND id > $1 ORDER BY id',
    [delivered],
  )
  for (const { id, payload } of rows) await stage.nodes[0]?.live.states.append(payload as never, id)
  delivered = rows.at(-1)?.id ?? delivered
  return rows.map(({ payload }) => payload.type).filter((type) => type.startsWith('coupon:'))
}
const inRoom = async (): Promise<readonly Coupon[] | undefined> =>
  (await stage.nodes[0]?.live.states.read(stage.showId))?.snapshot.coupons

describe('making a coupon', () => {
  it('[CP1] makes one for an operation id, with terms that stay as they were', async () => {
    const request = requestOf()
    const [one, two] = await Promise.all([1, 2].map(() => coupons.service.create(request, stage.host)))
    expect(two).toEqual(one)
    const { operationId: _id, validMinutes: _minutes, redemptionsMax, showId, ...terms } = request
    const createdAtMs = one?.createdAtMs ?? 0
    expect(one).toEqual({
      coupon: { couponId: expect.any(String), showId, ...terms, validUntilMs: expect.any(Number) },
      redemptionsMax,
      redemptionCount: 0,
      announcedAtMs: null,
      endedAtMs: null,
      createdAtMs,
    })
    expect(Math.abs((one?.coupon.validUntilMs ?? 0) - createdAtMs - 3_600_000)).toBeLessThanOrEqual(1)
    await expect(coupons.service.create({ ...request, validMinutes: 61 }, stage.host)).rejects.toEqual(
      refusal('idempotency.key_reused'),
    )
  })

  it('[CP1] is for the creator of a show that is not over, and a code stands once a creator, for ever', async () => {
    const { coupon } = await create()
    await coupons.service.end(coupon.couponId, stage.host)
    await expect(create({ code: coupon.code })).rejects.toEqual(refusal('coupon.code_taken'))
    const other = await stage.newAccount('Otto', ['buyer', 'creator'])
    await expect(create({}, other)).rejects.toEqual(refusal('show.not_found'))
    await expect(create({}, await stage.newAccount('Ben'))).rejects.toEqual(refusal('auth.forbidden'))
    await expect(coupons.service.list(stage.showId, other)).rejects.toEqual(refusal('show.not_found'))
    for (const act of [coupons.service.announce, coupons.service.end]) {
      await expect(act(coupon.couponId, other)).rejects.toEqual(refusal('coupon.not_found'))
      await expect(act(newId<CouponId>(), stage.host)).rejects.toEqual(refusal('coupon.not_found'))
    }
    const codes = await Promise.allSettled([1, 2, 3].map(() => create({ code: 'ONCE' })))
    expect(codes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    for (const one of codes) if (one.status === 'rejected') expect(one.reason).toEqual(refusal('coupon.code_taken'))
  })

  it('[CP1] is not for a show that is over, and ends at the most that a list should hold', async () => {
    const live = stage.nodes[0]?.live.service
    const terms = { title: 'Short', teaser: '', startsAtMs: Date.now(), productIds: [], operationId: operationId() }
    const short = await live?.create(terms, stage.host)
    const showId = short?.showId as ShowId
    await run(
      `INSERT INTO coupons (id, show_id, creator_id, code, percent, currency, minimum_items_minor,
         applies_to_flash_sales, redemptions_max, valid_until, operation_id, request_hash)
       SELECT gen_random_uuid(), $1, $2, 'FULL' || n, 5, 'EUR', 0, false, 1, now(), gen_random_uuid(), ''
       FROM generate_series(1, $3::int) n`,
      [showId, stage.host.creatorId, couponLimits.perShowMax - 1],
    )
    const { coupon } = await create({ showId })
    await expect(create({ showId })).rejects.toEqual(refusal('coupon.too_many'))
    await expect(coupons.service.announce(coupon.couponId, stage.host)).rejects.toEqual(refusal('show.not_live'))
    await live?.start(showId, stage.host)
    await live?.end(showId, stage.host)
    await expect(create({ showId })).rejects.toEqual(refusal('show.wrong_state'))
    await expect(coupons.service.announce(coupon.couponId, stage.host)).rejects.toEqual(refusal('show.not_live'))
    await deliver()
  })
})

describe('the room', () => {
  it('[CP2] is told once of an announced coupon and of its end, and holds it in between, also when rebuilt', async () => {
    await deliver()
    const [quiet, told] = [await create(), await create()]
    const announced = await Promise.all([1, 2, 3].map(() => coupons.service.announce(told.coupon.couponId, stage.host)))
    expect(announced.map((one) => one.announcedAtMs)).toEqual(Array(3).fill(expect.any(Number)))
    expect(await deliver()).toEqual(['coupon:announced'])
    expect(await inRoom()).toEqual([told.coupon])
    await stage.nodes[0]?.redis.flushdb()
    expect(await inRoom()).toEqual([told.coupon])

    for (const { coupon } of [quiet, told, told]) await coupons.service.end(coupon.couponId, stage.host)
    expect(await deliver()).toEqual(['coupon:ended'])
    expect(await inRoom()).toEqual([])
    await stage.nodes[0]?.redis.flushdb()
    expect(await inRoom()).toEqual([])
    await expect(coupons.service.announce(told.coupon.couponId, stage.host)).rejects.toEqual(refusal('coupon.ended'))
    expect(await deliver()).toEqual([])
  })

  it('[CP2] is not told of a coupon whose time is over, and the host sees all of them', async () => {
    const { coupon } = await create()
    await run(`UPDATE coupons SET valid_until = now() WHERE id = $1`, [coupon.couponId])
    await expect(coupons.service.announce(coupon.couponId, stage.host)).rejects.toEqual(refusal('coupon.ended'))
    expect(await deliver()).toEqual([])
    const { items } = await coupons.service.list(stage.showId, stage.host)
    expect(items[0]?.coupon.couponId).toBe(coupon.couponId)
    expect(items).toHaveLength((await run('SELECT id FROM coupons WHERE show_id = $1', [stage.showId])).length)
  })
})
