import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { Sweep } from '#kernel/sweep'
import type { Teller } from '#kernel/teller'
import { createDrawing } from './drawing.ts'
import { createEntering } from './entering.ts'
import { giveawayRoutes } from './http.ts'
import type { GiveawayRooms, GiveawayShows, PrizeGoods, SavedAddresses } from './needs.ts'
import { createPrizes } from './prizes.ts'
import { createGiveawayService } from './service.ts'
import { giveawaySweeps } from './sweeps.ts'

export interface GiveawaysOptions {
  readonly database: Database
  readonly shows: GiveawayShows
  readonly rooms: GiveawayRooms
  readonly goods: PrizeGoods
  readonly addresses: SavedAddresses
  readonly teller: Teller
  readonly log: Log
}

/** The module put together: verbs of hosts and viewers, and the sweeps of the worker process. */
export function createGiveaways(options: GiveawaysOptions) {
  const { database, shows, rooms, goods, addresses, teller, log } = options
  const service = createGiveawayService({ database, shows, goods })
  const enter = createEntering({ database, rooms })
  const drawing = createDrawing({ database, shows, goods, teller, log })
  const prizes = createPrizes({ database, goods, addresses, teller, tellWinners: drawing.tellWinners, log })
  return {
    service,
    enter,
    drawing,
    prizes,
    routes: (): Route[] => giveawayRoutes(service, enter, prizes),
    /** For the worker process; several may run. */
    sweeps: (): Sweep[] => giveawaySweeps({ database, drawing, prizes, log }),
  }
}

export type Giveaways = ReturnType<typeof createGiveaways>
