import type { AccountId, FlashSaleId, HoldId, joinWaitingRoom, ResponseOf } from '@livelot/client/contracts'
import { createRedis, whenReady } from '#infra/redis/client'
import { buyerId, log, openShop, operationId, type Shop } from '../flash-sales/shop-for-tests.ts'
import { roomKeys } from './keys.ts'
import { createLine } from './store.redis.ts'
import { createWaitingRooms } from './waiting-rooms.ts'

export { buyerId, operationId } from '../flash-sales/shop-for-tests.ts'

export type Joined = ResponseOf<typeof joinWaitingRoom>

/** The one place in line of a joined account; a test that asks for it knows that there is one. */
export const placeOf = ({ standing }: Joined): number => {
  if (standing.how === 'early') throw new Error('the place of an early comer is not told')
  return standing.place
}

/** A shop whose sales are sold by turns, with two processes of waiting rooms. For tests only. */
export async function openWaitingShop(urls: { readonly databaseUrl: string; readonly redisUrl: string }) {
  const shop: Shop = await openShop(urls)
  const otherRedis = createRedis(urls.redisUrl, { use: 'hot', name: 'test', log })
  await whenReady(otherRedis, 10_000)
  const roomsOn = (redis: typeof shop.redis) =>
    createWaitingRooms({
      database: shop.database,
      redis,
      sales: { ...shop.holds, ofShow: shop.service.ofShow },
      teller: {
        toAccount: (accountId, event, data) => void shop.told.push({ accountId, event: event.name, data }),
      },
      ticketSecret: 'a secret of tests',
      log,
    })
  const [rooms, others] = [roomsOn(shop.redis), roomsOn(otherRedis)]
  const line = createLine(shop.redis)
  const [sweep] = rooms.sweeps()
  const known = async (flashSaleId: FlashSaleId) => {
    const sale = await shop.holds.saleOf(flashSaleId)
    const room = sale && (await rooms.service.find(sale))
    if (!room) throw new Error('the sale has a room')
    return room
  }
  const keysOf = (flashSaleId: FlashSaleId) => {
    const [room = '', lineKey = '', called = '', , turns = ''] = roomKeys(shop.showId, flashSaleId)
    return { room, line: lineKey, called, turns }
  }
  const join = (flashSaleId: FlashSaleId, accountId: AccountId, ticket?: string) =>
    rooms.service.join({ flashSaleId, ...(ticket === undefined ? {} : { ticket }) }, accountId)
  const step = async (flashSaleId: FlashSaleId) => await line.step(await known(flashSaleId))

  return {
    ...shop,
    redis: shop.redis,
    rooms: rooms.service,
    otherRooms: others.service,
    otherRedis,
    roomSweeps: () => others.sweeps(),
    sweep: () => sweep?.run(),
    keysOfRoom: keysOf,
    known,
    join,
    step,

    /** A sale by turns that opens in five minutes. */
    announce: async (totalUnits: number, perBuyerLimit = 1) => {
      const request = { ...shop.saleRequest(totalUnits, perBuyerLimit), waitingRoom: true, countdownSeconds: 300 }
      const sale = await shop.service.create(request, shop.creator)
      await step(sale.flashSaleId)
      return sale
    },
    /** The opening comes, as far as gate and room know. */
    openNow: (flashSaleId: FlashSaleId) => shop.moveTimes(flashSaleId, -1_000, 600_000),
    joinAll: async (flashSaleId: FlashSaleId, accounts: readonly AccountId[]) => {
      const joined: Joined[] = []
      for (const accountId of accounts) joined.push(await join(flashSaleId, accountId))
      return joined
    },
    accounts: (count: number): AccountId[] => Array.from({ length: count }, buyerId),
    /** People whose turn it is. */
    turns: (flashSaleId: FlashSaleId) => shop.redis.zrange(keysOf(flashSaleId).turns, '0', '-1'),
    lineOf: (flashSaleId: FlashSaleId) => shop.redis.zrange(keysOf(flashSaleId).line, '0', '-1'),
    /** Lets the turns of everybody end. */
    endTurns: async (flashSaleId: FlashSaleId) => {
      const { turns } = keysOf(flashSaleId)
      for (const accountId of await shop.redis.zrange(turns, '0', '-1')) await shop.redis.zadd(turns, '1', accountId)
    },
    reserve: async (flashSaleId: FlashSaleId, accountId: AccountId, units = 1): Promise<HoldId> =>
      (await shop.holds.reserve({ flashSaleId, units, operationId: operationId() }, accountId)).hold.holdId,
    /** A hold is paid for, as the gate hears it. */
    settle: async (flashSaleId: FlashSaleId, accountId: AccountId, holdId: HoldId, units = 1) => {
      const at = { showId: shop.showId, flashSaleId }
      await shop.gate.applyHoldState(at, { holdId, accountId, units, how: 'settled' })
    },
    /** Why the room has ended, as Postgres has it; null while it has not. */
    endOf: async (flashSaleId: FlashSaleId) => {
      const ended = 'SELECT end_reason AS "endReason" FROM waiting_rooms WHERE flash_sale_id = $1'
      return (await shop.run<{ endReason: string | null }>(ended, [flashSaleId]))[0]?.endReason
    },
    close: async () => {
      otherRedis.disconnect()
      await shop.close()
    },
  }
}

export type WaitingShop = Awaited<ReturnType<typeof openWaitingShop>>

export const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise
    return 'done'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}
