import {
  adoptMedia,
  closeMedia,
  closeMediaTracks,
  connectMediaTransport,
  mediaCapabilities,
  pauseMedia,
  produceMedia,
  requestMediaKeyFrame,
  restartMediaIce,
  resumeMedia,
  type ShowId,
  setMediaLayers,
  startPublishing,
  watchMedia,
} from '@livelot/client/contracts'
import type { MediaGateway, MediaSession } from '#infra/media/gateway'
import { type AccountActor, accountOf } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Connection } from './connection.ts'
import { type SocketRoute, socketRoute } from './dispatch.ts'

export interface MediaParts {
  readonly gateway: MediaGateway
  /** Takes a token once. Refuses: media.token_invalid, media.token_used. */
  readonly redeemStreamToken: (
    streamToken: string,
    purpose: 'watch' | 'publish',
    showId: ShowId,
  ) => Promise<{ accountId: AccountActor['accountId'] | null }>
}

/** The video side of sockets: each operation is handed to the media node, for the peers that the socket owns. */
export function mediaRoutes({ gateway, redeemStreamToken }: MediaParts): SocketRoute[] {
  const sessions = new WeakMap<Connection, MediaSession>()
  const sessionOf = (connection: Connection): MediaSession => {
    const known = sessions.get(connection)
    if (known) return known
    if (!connection.socket.connected) throw new Refusal('media.no_peer')
    const { socket } = connection
    const session = gateway.openSession((event, data) => void socket.emit(event, data))
    sessions.set(connection, session)
    // The media node keeps the peers for a while: the same person may adopt them on a new socket.
    socket.once('disconnect', () => session.dropped())
    return session
  }

  /** A socket that ended while its peer was made has nobody left to let go of it. */
  const joined = async <T>(connection: Connection, join: (session: MediaSession) => Promise<T>): Promise<T> => {
    const session = sessionOf(connection)
    const result = await join(session)
    if (!connection.socket.connected) session.dropped()
    return result
  }

  return [
    socketRoute(mediaCapabilities, async () => gateway.capabilities()),
    socketRoute(watchMedia, async ({ streamToken, ...target }, connection) => {
      await redeemStreamToken(streamToken, 'watch', target.showId)
      return await joined(connection, (session) => session.watch(target))
    }),
    socketRoute(startPublishing, async ({ streamToken, ...target }, connection) => {
      const pass = await redeemStreamToken(streamToken, 'publish', target.showId)
      // A token that leaked must not let somebody else go on air.
      if (pass.accountId !== accountOf(connection.actor).accountId) throw new Refusal('media.token_invalid')
      return await joined(connection, (session) => session.publishStart(target))
    }),
    socketRoute(produceMedia, (request, connection) => sessionOf(connection).produce(request)),
    socketRoute(connectMediaTransport, (request, connection) => sessionOf(connection).connect(request)),
    socketRoute(restartMediaIce, (request, connection) => sessionOf(connection).restartIce(request)),
    socketRoute(setMediaLayers, (request, connection) => sessionOf(connection).setLayers(request)),
    socketRoute(pauseMedia, (request, connection) => sessionOf(connection).pause(request)),
    socketRoute(resumeMedia, (request, connection) => sessionOf(connection).resume(request)),
    socketRoute(requestMediaKeyFrame, (request, connection) => sessionOf(connection).requestKeyFrame(request)),
    socketRoute(closeMediaTracks, (request, connection) => sessionOf(connection).closeTracks(request)),
    socketRoute(closeMedia, (request, connection) => sessionOf(connection).close(request)),
    socketRoute(adoptMedia, (request, connection) => joined(connection, (session) => session.adopt(request))),
  ]
}
