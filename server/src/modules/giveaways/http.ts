import {
  claimPrize,
  enterGiveaway,
  exportGiveaway,
  getGiveaway,
  getMyGiveawayEntry,
  listHandedPrizes,
  listMyPrizes,
  openGiveaway,
} from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { type Route, route } from '#kernel/route'
import type { createEntering } from './entering.ts'
import type { Prizes } from './prizes.ts'
import type { GiveawayService } from './service.ts'

/** Ways in over HTTP; entering is reachable over sockets only, because one enters from the room. */
export function giveawayRoutes(
  service: GiveawayService,
  enter: ReturnType<typeof createEntering>,
  prizes: Prizes,
): Route[] {
  return [
    route(openGiveaway, (request, { actor }) => service.open(request, actor)),
    route(enterGiveaway, ({ giveawayId }, caller) => enter(giveawayId, caller)),
    route(getGiveaway, ({ giveawayId }) => service.get(giveawayId)),
    route(getMyGiveawayEntry, ({ giveawayId }, { actor }) => service.myEntry(giveawayId, accountOf(actor).accountId)),
    route(exportGiveaway, ({ giveawayId }) => service.export(giveawayId)),
    route(claimPrize, ({ giveawayId, address }, { actor }) =>
      prizes.claim(giveawayId, address, accountOf(actor).accountId),
    ),
    route(listMyPrizes, (_request, { actor }) => prizes.listMine(accountOf(actor).accountId)),
    route(listHandedPrizes, ({ giveawayId }, { actor }) => prizes.listHanded(giveawayId, actor)),
  ]
}
