import { createHash } from 'node:crypto'
import {
  type CouponId,
  type CreatorId,
  couponAnnounced,
  couponEnded,
  couponLimits,
  type createCoupon,
  type OwnCoupon,
  type RequestOf,
  type ShowId,
} from '@livelot/client/contracts'
import { type Database, violates } from '#infra/postgres/pool'
import { type Actor, creatorOf } from '#kernel/actor'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { writeShowEvent } from '#modules/live'
import { type CouponRecord, couponField, endedCouponField, toCoupon, toOwnCoupon } from './coupon.ts'
import type { CouponShows } from './needs.ts'
import { couponStore } from './store.pg.ts'

type CreateRequest = RequestOf<typeof createCoupon>

/** Verbs of creators on the coupons of their shows. */
export function createCouponService({ database, shows }: { readonly database: Database; readonly shows: CouponShows }) {
  const own = async (couponId: CouponId, creatorId: CreatorId): Promise<CouponRecord> => {
    const one = await couponStore.byId(database, couponId)
    if (one?.creatorId !== creatorId) throw new Refusal('coupon.not_found')
    return one
  }

  const write = (request: CreateRequest, creatorId: CreatorId, requestHash: Buffer): Promise<void> =>
    database.transaction(async (tx) => {
      const show = await shows.lock(tx, request.showId)
      if (show?.creatorId !== creatorId) throw new Refusal('show.not_found')
      if (show.state === 'ended') throw new Refusal('show.wrong_state', { state: show.state })
      if ((await couponStore.countOfShow(tx, request.showId)) >= couponLimits.perShowMax)
        throw new Refusal('coupon.too_many', { max: couponLimits.perShowMax })
      await couponStore.insert(tx, { ...request, couponId: newId<CouponId>(), creatorId, requestHash })
    })

  return {
    /**
     * Makes a coupon for a show of the caller that is not over. Refuses: show.not_found, show.wrong_state,
     * coupon.too_many, coupon.code_taken, idempotency.key_reused. Repeats: the same operation id gives the same coupon.
     */
    create: async (request: CreateRequest, actor: Actor): Promise<OwnCoupon> => {
      const { creatorId } = creatorOf(actor)
      const requestHash = hashOf(request)
      const stored = () => couponStore.byOperation(database, creatorId, request.operationId)
      const before = await stored()
      // A repeat that comes at the same moment meets the code of its own first try.
      const problem = before ? null : await write(request, creatorId, requestHash).catch((error: unknown) => error)
      const one = before ?? (await stored())
      if (!one) throw violates(problem, 'coupons_code_unique') ? new Refusal('coupon.code_taken') : problem
      if (!one.requestHash.equals(requestHash)) throw new Refusal('idempotency.key_reused')
      return toOwnCoupon(one)
    },

    /** Refuses: coupon.not_found, show.not_live, coupon.ended. Repeats: the room is told once. */
    announce: async (couponId: CouponId, actor: Actor): Promise<OwnCoupon> => {
      const { creatorId } = creatorOf(actor)
      const { showId } = await own(couponId, creatorId)
      return await database.transaction(async (tx) => {
        const show = await shows.lock(tx, showId)
        if (show?.state !== 'live') throw new Refusal('show.not_live', { state: show?.state })
        const isMine = await couponStore.announce(tx, couponId)
        const one = await couponStore.byId(tx, couponId)
        assertThat(one, 'coupons are never deleted')
        if (one.isOver) throw new Refusal('coupon.ended')
        const coupon = toCoupon(one)
        if (isMine) await writeShowEvent(tx, showId, couponAnnounced, { coupon }, couponField(coupon))
        return toOwnCoupon(one)
      })
    },

    /** Refuses: coupon.not_found. Repeats: it stays ended. */
    end: async (couponId: CouponId, actor: Actor): Promise<OwnCoupon> => {
      const { creatorId } = creatorOf(actor)
      const { showId } = await own(couponId, creatorId)
      return await database.transaction(async (tx) => {
        await shows.lock(tx, showId)
        const ended = await couponStore.end(tx, couponId)
        if (ended?.isAnnounced) await writeShowEvent(tx, showId, couponEnded, { couponId }, endedCouponField(couponId))
        const one = await couponStore.byId(tx, couponId)
        assertThat(one, 'coupons are never deleted')
        return toOwnCoupon(one)
      })
    },

    /** Refuses: show.not_found. */
    list: async (showId: ShowId, actor: Actor): Promise<{ items: OwnCoupon[] }> => {
      const { creatorId } = creatorOf(actor)
      const show = await shows.byId(showId)
      if (show?.creatorId !== creatorId) throw new Refusal('show.not_found')
      return { items: (await couponStore.listOfShow(database, showId)).map(toOwnCoupon) }
    },

    /** The fields of the show's state that belong to coupons, for when that state is rebuilt. */
    showFields: async (showId: ShowId): Promise<Record<string, string>> =>
      Object.assign({}, ...(await couponStore.shownInRoom(database, showId)).map((one) => couponField(toCoupon(one)))),
  }
}

export type CouponService = ReturnType<typeof createCouponService>

/** What makes two requests the same; fields in an order of their own, so that the client's does not matter. */
function hashOf(request: CreateRequest): Buffer {
  const { showId, code, discount, currency, minimumItemsMinor, appliesToFlashSales, redemptionsMax, validMinutes } =
    request
  const off = discount.kind === 'percent' ? [discount.percent, discount.capMinor] : [discount.amountMinor]
  const terms = [currency, minimumItemsMinor, appliesToFlashSales, redemptionsMax, validMinutes]
  return createHash('sha256')
    .update(JSON.stringify([showId, code, discount.kind, off, ...terms]))
    .digest()
}
