import type { FlashSaleId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import { nowMs } from '#kernel/now'
import type { Sweep } from '#kernel/sweep'
import { earlyMsMax, forgottenMs, listEveryMs, stepEveryMs } from './limits.ts'
import type { RoomSales, WaitingRoomService } from './service.ts'
import { roomStore } from './store.pg.ts'
import type { KnownRoom, Line } from './store.redis.ts'

export interface RoomSweepParts {
  readonly database: Database
  readonly line: Line
  readonly sales: RoomSales
  readonly service: WaitingRoomService
  readonly log: Log
}

/**
 * Moves every room along: turns end, the next are called, the end is told. Each worker process does so for every room; a
 * step that is done twice changes nothing.
 */
export function waitingRoomSweeps({ database, line, sales, service, log }: RoomSweepParts): Sweep[] {
  let open: readonly KnownRoom[] = []
  let readAt = Number.NEGATIVE_INFINITY

  const roomOf = async (flashSaleId: FlashSaleId): Promise<KnownRoom | null> => {
    const sale = await sales.saleOf(flashSaleId)
    return sale && (await service.find(sale))
  }
  const list = async (): Promise<readonly KnownRoom[]> => {
    if (performance.now() - readAt < listEveryMs) return open
    readAt = performance.now()
    try {
      const rooms = await Promise.all((await roomStore.open(database)).map(roomOf))
      open = rooms.filter((room) => room !== null)
    } catch (error) {
      // While Postgres is away the rooms that are known go on.
      log.warn({ err: error }, 'open waiting rooms could not be read')
    }
    return open
  }

  const step = async (room: KnownRoom): Promise<void> => {
    const { flashSaleId, closesAtMs } = room.sale
    const answer = await line.step(room)
    if (answer[0] === 'gate_closed') {
      if (nowMs() > closesAtMs + forgottenMs) await roomStore.end(database, flashSaleId, 'closed')
      return
    }
    const [, told, isTold, , calls] = answer
    service.tellCalls(room, calls)
    if (told.endReason === null || !isTold) return
    await roomStore.end(database, flashSaleId, told.endReason)
    open = open.filter((one) => one !== room)
    log.info({ flashSaleId, reason: told.endReason, called: told.calledCount }, 'waiting room ended')
  }

  return [
    {
      name: 'waiting-rooms.step',
      everyMs: stepEveryMs,
      run: async () => {
        // The process' own clock only saves work here: a room is looked at a minute before anybody may come.
        const soonMs = nowMs() + earlyMsMax + 60_000
        const near = (await list()).filter(({ sale }) => sale.opensAtMs < soonMs)
        // One room that fails does not keep the others waiting.
        await Promise.all(
          near.map((room) =>
            step(room).catch((error: unknown) => {
              log.warn({ err: error, flashSaleId: room.sale.flashSaleId }, 'a waiting room could not be moved along')
            }),
          ),
        )
      },
    },
  ]
}
