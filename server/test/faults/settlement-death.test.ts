import type { AuctionId, CheckoutId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '#infra/postgres/pool'
import type { PaymentProvider } from '#modules/payments'
import { type AuctionHouse, startAuctionHouse } from '../support/auction-house.ts'
import { brokenRules, witnessedIntents } from '../support/invariants.ts'

let house: AuctionHouse
beforeAll(async () => {
  house = await startAuctionHouse()
  house.shop.webhooks.hold(true)
})
afterAll(() => house.close())

const capturesOf = async (auctionId: AuctionId) => {
  const orders = await house.shop.rows<{ id: string; state: string }>(
    'SELECT checkout_id AS id, state FROM orders WHERE auction_id = $1',
    [auctionId],
  )
  const ids = new Set(orders.map((one) => one.id))
  const captured = (await witnessedIntents(house.shop))
    .filter((one) => ids.has(one.checkoutId))
    .flatMap((one) => one.captures)
  return { paid: orders.filter((one) => one.state === 'paid').length, captured: captured.length }
}

/** A database whose connection is cut at one transaction: before anything of it counts, or after all of it does. */
function cutAt(database: Database, index: number, moment: 'before' | 'after') {
  let count = 0
  let isCut = false
  const cut = () => {
    isCut = true
    throw new Error('the connection was cut')
  }
  return {
    wasCut: () => isCut,
    database: {
      ...database,
      transaction: async <T>(work: Parameters<Database['transaction']>[0]): Promise<T> => {
        const isThis = count++ === index
        if (isThis && moment === 'before') cut()
        const answer = (await database.transaction(work)) as T
        if (isThis) cut()
        return answer
      },
    } as Database,
  }
}

describe('a process that dies while it settles', () => {
  it.each([0, 1, 2, 3].flatMap((index) => [[index, 'before'] as const, [index, 'after'] as const]))(
    '[SE4] at its transaction %i, %s the commit, leaves what others carry to its one end',
    async (index, moment) => {
      const [ada, ben] = [await house.shop.buyer('declined'), await house.shop.buyer()]
      const bids = [
        [ben, 900],
        [ada, 2_000],
      ] as const
      const auctionId = await house.closeAuction({ bids, hammerMinor: 1_000 })
      const { database, wasCut } = cutAt(house.shop.db, index, moment)
      const dying = house.settling(house.shop, database)
      const others = house.settling(house.shop.newProcess())
      // Its job fails and comes again; its sweeps log what they could not do.
      await dying.begin(auctionId).catch(() => undefined)
      await others.begin(auctionId)
      await house.work(house.shop, dying)
      await house.work(house.shop, others)
      await house.runOut(auctionId)
      await dying.sweepOffers()
      await others.sweepOffers()
      await house.work(house.shop, dying)
      await house.work(house.shop, others)
      expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['passed_on', 'paid'])
      expect(await capturesOf(auctionId)).toEqual({ paid: 1, captured: 1 })
      expect(
        await house.shop.rows('SELECT 1 FROM auction_non_payments WHERE auction_id = $1', [auctionId]),
      ).toHaveLength(1)
      expect(await brokenRules(house.shop)).toEqual([])
      expect(wasCut()).toBe(true)
    },
  )

  it.each(['before', 'after'] as const)(
    '[SE2] [SE4] %s it sent the capture does not lose the winner the lot, though the time runs out meanwhile',
    async (moment) => {
      const [ada, ben] = [await house.shop.buyer(), await house.shop.buyer()]
      const bids = [
        [ben, 900],
        [ada, 2_000],
      ] as const
      const auctionId = await house.closeAuction({ bids, hammerMinor: 1_000 })
      await house.settlements.begin(auctionId)
      const { checkoutId } = (await house.winOf(ada, auctionId)) as { checkoutId: CheckoutId }
      const { wrap, reached, resume } = stopAtCapture(moment)
      const asleep = house.shop.newProcess(wrap).checkout.advance(checkoutId, 'job')
      await reached
      await house.shop.rows(
        `UPDATE auction_offers SET pay_before = now() - interval '1 second' WHERE auction_id = $1`,
        [auctionId],
      )
      await house.settlements.sweepOffers()
      expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['charging'])
      await house.shop.rows(
        `UPDATE checkouts SET lease_until = now() - interval '1 second', look_at = now() WHERE id = $1`,
        [checkoutId],
      )
      await house.work(house.shop.newProcess())
      resume()
      await asleep
      await house.settlements.sweepOffers()
      expect((await house.offersOf(auctionId)).map((one) => one.state)).toEqual(['paid'])
      expect(await capturesOf(auctionId)).toEqual({ paid: 1, captured: 1 })
      expect(await brokenRules(house.shop)).toEqual([])
    },
  )
})

/** A process that stands still beside its capture. */
function stopAtCapture(moment: 'before' | 'after') {
  const [reached, reach] = signal()
  const [resumed, resume] = signal()
  const wrap = (provider: PaymentProvider): PaymentProvider => ({
    ...provider,
    capture: async (request) => {
      const answer = moment === 'after' ? await provider.capture(request) : null
      reach()
      await resumed
      return answer ?? (await provider.capture(request))
    },
  })
  return { wrap, reached, resume }
}

function signal(): [Promise<void>, () => void] {
  let tell: () => void = () => undefined
  const told = new Promise<void>((resolve) => {
    tell = resolve
  })
  return [told, () => tell()]
}
