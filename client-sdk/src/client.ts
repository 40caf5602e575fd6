import type { Account, Operation, ResponseOf } from '../contracts/index.ts'
import { ServerClock } from './clock.ts'
import { accountGroup } from './groups/account.ts'
import { biddingGroup, lotsGroup, settlementsGroup } from './groups/bidding.ts'
import { checkoutGroup, ordersGroup } from './groups/checkout.ts'
import { couponsGroup } from './groups/coupons.ts'
import { giveawaysGroup } from './groups/giveaways.ts'
import { cardsGroup, flashSalesGroup, productsGroup, waitingRoomsGroup } from './groups/shop.ts'
import { showsGroup } from './groups/shows.ts'
import type { PersonalEventMap } from './personal.ts'
import { personalEvents } from './personal.ts'
import type { Room } from './room/room.ts'
import { Rooms } from './room/rooms.ts'
import { SessionKeeper } from './session/keeper.ts'
import { type StorageChoice, storageOf } from './session/storage.ts'
import { Caller } from './wire/caller.ts'
import { Connection } from './wire/connection.ts'
import { type Fetch, HttpTransport } from './wire/http.ts'
import type { CallOptions, CallRequest } from './wire/operations.ts'

export interface ClientOptions {
  /** Address of the API, such as `https://live.example.com`; the page's own address where absent. */
  baseUrl?: string
  /** Where the session is kept. Default `cookie` in browsers, `memory` elsewhere. */
  storage?: StorageChoice
  /** The account changed: signed in, signed out, or the session came to its end. */
  onSessionChanged?: (account: Account | null) => void
  /** A fetch of your own (proxy, tracing). */
  fetch?: Fetch
}

export type Client = ReturnType<typeof createClient>

/** One user's way to a Livelot server. It opens nothing until it is used; `close()` ends everything it has opened. */
export function createClient(options: ClientOptions) {
  const baseUrl = options.baseUrl ?? pageAddress()
  const http = new HttpTransport(baseUrl, options.fetch)
  const session = new SessionKeeper(http, storageOf(options.storage))
  const connection = new Connection(baseUrl, session)
  const caller = new Caller(http, session, connection)
  const clock = new ServerClock(connection)
  const rooms = new Rooms(connection, caller, clock, session)
  session.listen({ accountChanged: (account) => options.onSessionChanged?.(account) })

  /** Any operation of the contracts; the groups below are the same by friendlier names. */
  const call = <O extends Operation>(
    operation: O,
    request: CallRequest<O>,
    callOptions?: CallOptions,
  ): Promise<ResponseOf<O>> => caller.call(operation, request, callOptions)

  /** Enters a show's room. Leave it with `room.leave()`; all rooms share one socket. */
  const joinRoom = (showId: string): Room => rooms.join(showId)

  /** Hears what is told to this account only, in or out of a room; the connection is kept open for it. */
  function on<N extends keyof PersonalEventMap>(name: N, listener: (data: PersonalEventMap[N]) => void): () => void {
    const event = personalEvents.find((one) => one.name === name)
    if (!event) throw new TypeError(`There is no personal event ${String(name)}.`)
    const stop = connection.listen(event, (data) => listener(data as PersonalEventMap[N]))
    const release = connection.hold()
    return () => {
      stop()
      release()
    }
  }

  function close(): void {
    rooms.close()
    caller.close()
    clock.close()
    connection.close()
  }

  return {
    baseUrl,
    call,
    account: accountGroup(caller, session),
    shows: showsGroup(caller),
    products: productsGroup(caller),
    flashSales: flashSalesGroup(caller),
    waitingRooms: waitingRoomsGroup(caller),
    giveaways: giveawaysGroup(caller),
    coupons: couponsGroup(caller),
    lots: lotsGroup(caller),
    bidding: biddingGroup(caller),
    settlements: settlementsGroup(caller),
    cards: cardsGroup(caller),
    checkout: checkoutGroup(caller),
    orders: ordersGroup(caller),
    clock,
    /** The shared socket, for extensions such as `@livelot/client/media`. */
    connection,
    joinRoom,
    on,
    close,
  }
}

function pageAddress(): string {
  if (typeof location === 'undefined') throw new TypeError('Outside of a page, createClient needs a baseUrl.')
  return location.origin
}
