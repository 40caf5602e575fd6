import type { Database } from '#infra/postgres/pool'
import type { Redis } from '#infra/redis/client'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { Sweep } from '#kernel/sweep'
import type { Teller } from '#kernel/teller'
import type { WaitingRooms as OpenedBySales } from '#modules/flash-sales'
import { newDraw } from './draw.ts'
import { waitingRoomRoutes } from './http.ts'
import { createWaitingRoomService, type RoomSales } from './service.ts'
import { roomStore } from './store.pg.ts'
import { createLine } from './store.redis.ts'
import { waitingRoomSweeps } from './sweeps.ts'
import { createTickets } from './ticket.ts'

export interface WaitingRoomsOptions {
  readonly database: Database
  /** A connection for hot decisions. */
  readonly redis: Redis
  readonly sales: RoomSales
  readonly teller: Teller
  /** Any string that all processes share; tickets are signed by it. */
  readonly ticketSecret: string
  readonly log: Log
}

/** How a flash sale makes its waiting room, in the transaction that makes the sale. */
export const waitingRoomOpening: OpenedBySales = { draw: newDraw, open: roomStore.insert }

/** The module put together: verbs of buyers, and the sweep of the worker process. */
export function createWaitingRooms({ database, redis, sales, teller, ticketSecret, log }: WaitingRoomsOptions) {
  const line = createLine(redis)
  const service = createWaitingRoomService({ database, line, sales, tickets: createTickets(ticketSecret), teller })
  return {
    service,
    routes: (): Route[] => waitingRoomRoutes(service),
    /** For the worker process; several may run. */
    sweeps: (): Sweep[] => waitingRoomSweeps({ database, line, sales, service, log }),
  }
}

export type WaitingRooms = ReturnType<typeof createWaitingRooms>
