import {
  createShow,
  endShow,
  getShelf,
  getShow,
  issueStreamToken,
  listMyShows,
  listShows,
  moderate,
  pinProduct,
  setChatSettings,
  setShelf,
  startShow,
} from '@livelot/client/contracts'
import { type Route, route } from '#kernel/route'
import type { LiveService } from './service.ts'

/** Ways in over HTTP; the stream token’s is reachable over sockets too. */
export function liveRoutes(service: LiveService): Route[] {
  return [
    route(listShows, (request) => service.list(request)),
    route(getShow, ({ showId }) => service.get(showId)),
    route(listMyShows, (_request, { actor }) => service.listMine(actor)),
    route(createShow, (request, { actor }) => service.create(request, actor)),
    route(startShow, ({ showId }, { actor }) => service.start(showId, actor)),
    route(endShow, ({ showId }, { actor }) => service.end(showId, actor)),
    route(getShelf, ({ showId }) => service.getShelf(showId)),
    route(setShelf, ({ showId, productIds }, { actor }) => service.setShelf(showId, productIds, actor)),
    route(pinProduct, ({ showId, productId }, { actor }) => service.pin(showId, productId, actor)),
    route(setChatSettings, (request, { actor }) => service.setChatSettings(request, actor)),
    route(moderate, (request, { actor }) => service.moderate(request, actor)),
    route(issueStreamToken, ({ showId, purpose }, { actor }) => service.issueStreamToken(showId, purpose, actor)),
  ]
}
