import type { ControlEventData, ControlMethod, ControlParams, ControlResult, PeerEvent } from '@livelot/media/control'
import { Refusal } from '#kernel/errors'
import type { MediaClient } from './client.ts'

/** Sends one event to the browser, such as `socket.emit`. */
export type TellBrowser = (event: `media:${PeerEvent}`, data: ControlEventData<PeerEvent>) => void

type Call<M extends ControlMethod> = (params: ControlParams<M>) => Promise<ControlResult<M>>

/**
 * One socket's side of the video. Each function takes what the socket operation of that name carries (without the stream
 * token, which the caller checks first) and answers what the operation answers. A peer that this socket did not make or
 * adopt does not exist for it: media.no_peer.
 */
export interface MediaSession {
  readonly watch: Call<'watch'>
  readonly publishStart: Call<'publish-start'>
  readonly produce: Call<'produce'>
  readonly connect: Call<'connect'>
  readonly restartIce: Call<'restart-ice'>
  readonly setLayers: Call<'set-layers'>
  readonly pause: Call<'pause'>
  readonly resume: Call<'resume'>
  readonly requestKeyFrame: Call<'request-key-frame'>
  readonly closeTracks: Call<'close-tracks'>
  readonly close: Call<'close'>
  readonly adopt: Call<'adopt'>
  /** The socket is gone: its peers wait on the media node for an adoption from a new socket. */
  dropped(): void
}

export interface MediaGateway {
  openSession(tell: TellBrowser): MediaSession
  /** The answer of media:capabilities. */
  capabilities(): { routerRtpCapabilities: ReturnType<MediaClient['capabilities']> }
  /** Takes a show's video down; everybody in it is told `media:ended`. */
  endShow(showId: ControlParams<'end-show'>['showId']): Promise<void>
}

/** A page shows one stream and perhaps the next one already; a studio sends one and watches itself. */
const peersPerSocketMax = 4

interface Bound {
  readonly session: object
  readonly showId: string
  readonly how: 'watch' | 'publish-start' | 'adopt'
  readonly tell: TellBrowser
  /** Events wait here until the answer that names the peer is on its way. */
  held: (() => void)[] | undefined
}

type PeerMethod = Exclude<ControlMethod, 'watch' | 'publish-start' | 'adopt' | 'end-show' | 'node-stats' | 'release'>

/** Binds browsers' sockets to the peers that they own on the media node. */
export const createMediaGateway = (client: MediaClient): MediaGateway => {
  const bound = new Map<string, Bound>()

  client.onPeerEvent((event, data) => {
    const peer = bound.get(data.peerId)
    if (peer === undefined) return
    if (event === 'rejoin' || event === 'ended') bound.delete(data.peerId)
    const tell = (): void => peer.tell(`media:${event}`, data)
    if (peer.held === undefined) tell()
    else peer.held.push(tell)
  })
  client.onPeerMoved((peerId) => bound.delete(peerId))

  /** The answer leaves in the microtasks that follow; events of the peer are let go after them. */
  const releaseHeld = (peer: Bound): void => {
    setImmediate(() => {
      const held = peer.held ?? []
      peer.held = undefined
      for (const tell of held) tell()
    })
  }

  const quietly = (call: Promise<unknown>): void => {
    // The node closes or releases by itself when the link is down; there is nothing more to do here.
    call.catch(() => undefined)
  }

  const openSession = (tell: TellBrowser): MediaSession => {
    const session = {}
    const own = (): [string, Bound][] => [...bound].filter(([, peer]) => peer.session === session)

    /**
     * A second join of the same show replaces the first: the page has lost sight of it. A creator's earlier session is
     * left to the media node, which ends it when the new one sends.
     */
    const makeRoom = (how: Bound['how'], showId: string): void => {
      for (const [peerId, peer] of own()) {
        if (how !== 'watch' || peer.how !== 'watch' || peer.showId !== showId) continue
        bound.delete(peerId)
        quietly(client.request('close', { peerId: peerId as ControlParams<'close'>['peerId'] }))
      }
      if (own().length >= peersPerSocketMax) throw new Refusal('media.not_allowed')
    }

    const join =
      <M extends 'watch' | 'publish-start'>(how: M): Call<M> =>
      async (params) => {
        makeRoom(how, params.showId)
        const result = await client.request(how, params, ({ peerId }) => {
          bound.set(peerId, { session, showId: params.showId, how, tell, held: [] })
        })
        const peer = bound.get(result.peerId)
        if (peer !== undefined) releaseHeld(peer)
        return result
      }

    const ofOwnPeer =
      <M extends PeerMethod>(method: M): Call<M> =>
      async (params) => {
        if (bound.get(params.peerId)?.session !== session) throw new Refusal('media.no_peer')
        return await client.request(method, params)
      }

    const close: Call<'close'> = async (params) => {
      if (bound.get(params.peerId)?.session === session) {
        bound.delete(params.peerId)
        await client.request('close', params)
      }
      return {}
    }

    const adopt: Call<'adopt'> = async (params) => {
      makeRoom('adopt', params.showId)
      const result = await client.request('adopt', params, () => {
        bound.set(params.peerId, { session, showId: params.showId, how: 'adopt', tell, held: [] })
      })
      const peer = bound.get(params.peerId)
      if (peer !== undefined) releaseHeld(peer)
      return result
    }

    const dropped = (): void => {
      for (const [peerId] of own()) {
        bound.delete(peerId)
        quietly(client.request('release', { peerId: peerId as ControlParams<'release'>['peerId'] }))
      }
    }

    return {
      watch: join('watch'),
      publishStart: join('publish-start'),
      produce: ofOwnPeer('produce'),
      connect: ofOwnPeer('connect'),
      restartIce: ofOwnPeer('restart-ice'),
      setLayers: ofOwnPeer('set-layers'),
      pause: ofOwnPeer('pause'),
      resume: ofOwnPeer('resume'),
      requestKeyFrame: ofOwnPeer('request-key-frame'),
      closeTracks: ofOwnPeer('close-tracks'),
      close,
      adopt,
      dropped,
    }
  }

  return {
    openSession,
    capabilities: () => ({ routerRtpCapabilities: client.capabilities() }),
    endShow: async (showId) => {
      await client.request('end-show', { showId })
    },
  }
}
