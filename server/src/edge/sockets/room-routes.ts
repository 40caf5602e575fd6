import {
  addHearts,
  joinShow,
  leaveShow,
  removeChatLine,
  renewSocket,
  type ShowId,
  sendChat,
  syncClock,
} from '@livelot/client/contracts'
import type { Bus } from '#infra/redis/bus'
import { type Actor, accountOf } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { LiveRooms } from '#modules/live'
import type { Connection } from './connection.ts'
import { type SocketRoute, socketRoute } from './dispatch.ts'
import { limits } from './limits.ts'
import type { OpenRoom, Rooms } from './rooms.ts'

export interface RoomRouteParts {
  /** What clients measure their own clocks by. */
  readonly nowMs: () => number
  readonly rooms: Rooms
  readonly source: LiveRooms
  readonly bus: Bus
  readonly authenticate: (token: string) => Promise<Actor>
}

/** What can be done in a room, and what concerns the connection itself. */
export function roomRoutes(parts: RoomRouteParts): SocketRoute[] {
  return [
    socketRoute(joinShow, (request, connection, answer) => enter(parts, request, connection, answer)),
    socketRoute(leaveShow, async ({ showId }, connection) => {
      connection.places.get(showId)?.remove(connection)
      connection.places.delete(showId)
      return {}
    }),
    socketRoute(syncClock, async () => ({ nowMs: parts.nowMs() })),
    socketRoute(renewSocket, async ({ token }, connection) => {
      const actor = await parts.authenticate(token)
      const { accountId, expiresAtMs } = accountOf(actor)
      // Another person needs another connection: rooms, rates and rights of this one belong to the first.
      if (connection.actor.kind !== 'account' || connection.actor.accountId !== accountId)
        throw new Refusal('auth.forbidden')
      connection.renew(actor)
      return { expiresAtMs }
    }),
    socketRoute(sendChat, async (request, connection) => {
      const { room, chat } = joined(parts.rooms, connection, request.showId)
      if (!room.isLive) throw new Refusal('show.not_live')
      const actor = accountOf(connection.actor)
      const standing = parts.source.standingOf(room.rules, actor)
      const { line, isRepeated } = await parts.source.acceptLine(request, actor, room.rules, standing)
      if (!isRepeated) chat.say(line)
      return { line }
    }),
    socketRoute(addHearts, async ({ showId, hearts }, connection) => {
      const open = joined(parts.rooms, connection, showId)
      open.hearts += hearts
      return {}
    }),
    socketRoute(removeChatLine, async ({ showId, chatLineId }, connection) => {
      const rules = await parts.source.rules(showId)
      if (!parts.source.standingOf(rules, connection.actor).canModerate) throw new Refusal('auth.forbidden')
      await parts.source.removeLine(showId, chatLineId)
      const message = { lines: [], cut: 0, removed: [chatLineId] }
      parts.bus.publish(parts.source.chatChannel(showId), JSON.stringify(message))
      return {}
    }),
  ]
}

function joined(rooms: Rooms, connection: Connection, showId: ShowId): OpenRoom {
  const open = rooms.find(showId)
  if (!open || connection.places.get(showId) !== open.room) throw new Refusal('show.not_joined')
  return open
}

type Join = typeof joinShow
type JoinAnswer = (
  value: Parameters<Parameters<typeof socketRoute<Join>>[1]>[2] extends (v: infer V) => void ? V : never,
) => void

async function enter(
  { rooms, source }: RoomRouteParts,
  { showId, cursor }: { showId: ShowId; cursor?: { epoch: string; seq: number } | undefined },
  connection: Connection,
  answer: JoinAnswer,
): Promise<void> {
  if (connection.places.size >= limits.roomsPerConnectionMax && !connection.places.has(showId))
    throw new Refusal('request.rate_limited', { roomsMax: limits.roomsPerConnectionMax })
  const { room, chat } = await rooms.open(showId)
  const { isHost, canModerate, canChat, isBanned } = source.standingOf(room.rules, connection.actor)
  if (isBanned) throw new Refusal('chat.banned')
  await room.enter(connection, cursor, ({ resumed, snapshot }) => {
    const rights = { isHost, canModerate, canChat }
    answer({ resumed, snapshot, chat: [...chat.recent], rights, ...room.audience })
  })
}
