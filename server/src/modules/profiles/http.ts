import {
  getCreator,
  getMe,
  listBrands,
  refreshSession,
  register,
  setAddress,
  signIn,
  signOut,
} from '@livelot/client/contracts'
import { accountOf } from '#kernel/actor'
import { type Route, route } from '#kernel/route'
import type { ProfilesService } from './service.ts'

export function profilesRoutes(service: ProfilesService): Route[] {
  return [
    route(register, (request, caller) => service.register(request, caller.ip)),
    route(signIn, (request, caller) => service.signIn(request, caller.ip)),
    route(refreshSession, (request) => service.refresh(request.refreshToken)),
    route(signOut, async (request, caller) => {
      await service.signOut(request.refreshToken, caller.actor)
      return {}
    }),
    route(getMe, (_request, caller) => service.me(accountOf(caller.actor).accountId)),
    route(setAddress, (address, caller) => service.setAddress(accountOf(caller.actor).accountId, address)),
    route(getCreator, (request) => service.creatorByHandle(request.handle)),
    route(listBrands, async () => ({ items: await service.brands() })),
  ]
}
