import {
  type AccountId,
  type FlashSaleId,
  type joinWaitingRoom,
  type RequestOf,
  type ResponseOf,
  type ShowId,
  type WaitingRoom,
  type WaitingRoomStanding,
  waitingRoomCalled,
  waitingRoomDrawEnd,
} from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { nowMs } from '#kernel/now'
import type { Teller } from '#kernel/teller'
import type { HoldService, SaleRecord } from '#modules/flash-sales'
import type { Call } from './answers.ts'
import { drawPlace } from './draw.ts'
import { knownRoomsMax, ticketSpareMs } from './limits.ts'
import { roomStore } from './store.pg.ts'
import type { KnownRoom, Line } from './store.redis.ts'
import type { TicketFacts, Tickets } from './ticket.ts'

/** What waiting rooms need of flash sales. */
export interface RoomSales extends Pick<HoldService, 'saleOf' | 'refusalWhileShut'> {
  ofShow(showId: ShowId): Promise<readonly SaleRecord[]>
}

export interface WaitingRoomParts {
  readonly database: Database
  readonly line: Line
  readonly sales: RoomSales
  readonly tickets: Tickets
  readonly teller: Teller
}

type JoinAnswer = ResponseOf<typeof joinWaitingRoom>

/** Verbs on waiting rooms: coming, going, looking. */
export function createWaitingRoomService({ database, line, sales, tickets, teller }: WaitingRoomParts) {
  const known = new Map<FlashSaleId, KnownRoom>()

  /** Null where the sale has no waiting room. */
  const find = async (sale: SaleRecord): Promise<KnownRoom | null> => {
    const before = known.get(sale.flashSaleId)
    if (before) return before
    if (sale.waitingRoomCommitment === null) return null
    const row = await roomStore.byId(database, sale.flashSaleId)
    if (!row) return null
    if (known.size >= knownRoomsMax) known.clear()
    const room = { sale, seed: row.seed }
    known.set(sale.flashSaleId, room)
    return room
  }

  const roomOf = async (flashSaleId: FlashSaleId): Promise<KnownRoom> => {
    const sale = await sales.saleOf(flashSaleId)
    if (!sale) throw new Refusal('flash_sale.not_found')
    const room = await find(sale)
    if (!room) throw new Refusal('waiting_room.none')
    return room
  }

  /** Best effort: the counts that the room is told let each client see that it must have been called. */
  const tellCalls = ({ sale }: KnownRoom, calls: readonly Call[]): void => {
    const { flashSaleId } = sale
    for (const { accountId, untilMs } of calls) teller.toAccount(accountId, waitingRoomCalled, { flashSaleId, untilMs })
  }

  const sign = ({ sale }: KnownRoom, accountId: AccountId, place: number, before: TicketFacts | null, nowMs: number) =>
    tickets.sign({
      flashSaleId: sale.flashSaleId,
      accountId,
      place: place < waitingRoomDrawEnd ? null : place,
      firstSeenMs: before?.firstSeenMs ?? nowMs,
      expiresAtMs: sale.closesAtMs + ticketSpareMs,
    })

  /** The room as the show was told it, at most half a second ago; where the show has no state, as Postgres knows it. */
  const view = async (room: KnownRoom): Promise<WaitingRoom> => {
    const told = await line.told(room).catch(() => null)
    if (told) return told
    const { flashSaleId } = room.sale
    const endReason = (await roomStore.byId(database, flashSaleId))?.endReason ?? null
    // The seed of a line that still runs is told by the next step alone, which knows by Redis' clock that it is time.
    const seed = endReason === null ? null : room.seed.toString('hex')
    const state = endReason === null ? 'gathering' : 'ended'
    return { flashSaleId, state, endReason, seed, earlyCount: 0, waitingCount: 0, calledCount: 0 }
  }

  return {
    find,
    tellCalls,

    /**
     * Takes a place in line, or tells how the account stands. Refuses as the operation lists. Atomic: one script.
     * Repeats: an account has one place, and every call answers it.
     */
    join: async (request: RequestOf<typeof joinWaitingRoom>, accountId: AccountId): Promise<JoinAnswer> => {
      const { flashSaleId } = request
      const room = await roomOf(flashSaleId)
      const ticket =
        request.ticket === undefined ? null : tickets.check(request.ticket, { flashSaleId, accountId }, nowMs())
      const drawn = drawPlace(room.seed, flashSaleId, accountId)
      const joining = { accountId, drawPlace: drawn, ...(ticket ? { ticketPlace: ticket.place } : {}) }
      const answer = await line.join(room, joining)
      switch (answer[0]) {
        case 'waiting':
        case 'called': {
          const [how, place, figure, told, nowMs, calls] = answer
          tellCalls(room, calls)
          const standing: WaitingRoomStanding =
            how === 'called'
              ? { how, place, untilMs: figure }
              : told.state === 'gathering'
                ? { how: 'early' }
                : { how, place, before: figure }
          return { ticket: sign(room, accountId, place, ticket, nowMs), standing, room: told }
        }
        case 'ended':
          throw new Refusal(answer[1] === 'sold-out' ? 'flash_sale.sold_out' : 'flash_sale.closed')
        case 'limit_reached':
          throw new Refusal('flash_sale.limit_reached')
        case 'not_open':
          throw new Refusal('waiting_room.not_open', { opensAtMs: answer[1] })
        case 'full':
          throw new Refusal('waiting_room.full', { retryAfterMs: 5_000 })
        case 'gate_closed':
          throw await sales.refusalWhileShut(room.sale)
        default:
          return answer satisfies never
      }
    },

    /** Gives up place or turn. Refuses as the operation lists. Repeats: changes nothing. */
    leave: async (flashSaleId: FlashSaleId, accountId: AccountId): Promise<Record<string, never>> => {
      const room = await roomOf(flashSaleId)
      const answer = await line.leave(room, accountId)
      if (answer[0] === 'gate_closed') throw await sales.refusalWhileShut(room.sale)
      tellCalls(room, answer[2])
      return {}
    },

    /** Refuses: flash_sale.not_found, waiting_room.none. */
    get: async (flashSaleId: FlashSaleId): Promise<WaitingRoom> => view(await roomOf(flashSaleId)),

    /** Fields of the show's state that belong to its waiting rooms, for when that state is rebuilt. */
    showFields: async (showId: ShowId): Promise<Record<string, string>> => {
      const rooms = await Promise.all((await sales.ofShow(showId)).map(find))
      const told = await Promise.all(rooms.filter((room) => room !== null).map(view))
      return Object.fromEntries(told.map((room) => [`waiting:${room.flashSaleId}`, JSON.stringify(room)]))
    },
  }
}

export type WaitingRoomService = ReturnType<typeof createWaitingRoomService>
