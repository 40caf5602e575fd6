import type { z } from 'zod'
import { type ControlMethod, type ControlResult, controlMethods, isControlMethod } from '../control.ts'
import { MediaRefusal } from './errors.ts'
import { iceServersFor } from './ice-servers.ts'
import type { MediaNode } from './node.ts'
import type { Owner } from './outbox.ts'
import type { Peer } from './peer.ts'

/** An answer, and what is to be done once it is on its way (or when nobody waits for it any more). */
export interface Outcome {
  readonly result: unknown
  readonly afterAnswer?: () => void
  readonly unwanted?: () => void
}

type Handler<M extends ControlMethod> = (
  node: MediaNode,
  params: z.infer<(typeof controlMethods)[M]['params']>,
  owner: Owner,
) => Promise<{ result: ControlResult<M>; afterAnswer?: () => void; unwanted?: () => void }>

/** A new peer is given to its owner after the answer, so that no event overtakes it; unwanted, it is closed. */
const joined = <R>(result: R, peer: Peer, owner: Owner) => ({
  result,
  afterAnswer: () => peer.attach(owner, 0),
  unwanted: () => peer.close(undefined),
})

const sessionOf = (node: MediaNode, peer: Peer) => ({
  peerId: peer.peerId as ControlResult<'watch'>['peerId'],
  peerSecret: peer.peerSecret,
  transport: peer.transportParams,
  iceServers: iceServersFor(node.config.turn, peer.peerId, Date.now()),
})

const done = { result: {} }

const watch: Handler<'watch'> = async (node, { showId, rtpCapabilities, dtlsParameters }, owner) => {
  const room = node.room(showId)
  const slot = await node.placeViewer(room)
  const { viewer, consumers, live } = await room.watch(slot, rtpCapabilities, async (peer) => {
    await Promise.all([peer.limitOutgoing(), dtlsParameters === undefined ? undefined : peer.connect(dtlsParameters)])
  })
  return joined({ ...sessionOf(node, viewer), live, consumers }, viewer, owner)
}

const startPublishing: Handler<'publish-start'> = async (node, { showId, dtlsParameters }, owner) => {
  const room = node.room(showId)
  const slot = await node.placePublisher(room)
  const publisher = await room.startPublishing(slot, async (peer) => {
    await Promise.all([peer.limitIncoming(), dtlsParameters === undefined ? undefined : peer.connect(dtlsParameters)])
  })
  return joined(sessionOf(node, publisher), publisher, owner)
}

const produce: Handler<'produce'> = async (node, { peerId, tracks, dtlsParameters }) => {
  const publisher = node.publisher(peerId)
  const room = node.room(publisher.showId)
  if (dtlsParameters !== undefined) await publisher.connect(dtlsParameters)
  const made = await room.produce(publisher, tracks)
  return { result: { producers: made.map(({ source, producer }) => ({ source, producerId: producer.id })) } }
}

/** An unknown peer and a wrong secret look the same to the caller. */
const adopt: Handler<'adopt'> = async (node, { peerId, peerSecret, showId, afterSeq }, owner) => {
  const peer = node.peer(peerId)
  if (!peer.provesSecret(peerSecret) || peer.showId !== showId) throw new MediaRefusal('media.no_peer', 'no such peer')
  if (!peer.outbox.canReplay(afterSeq)) {
    peer.close({ event: 'rejoin', reason: 'events-lost' })
    throw new MediaRefusal('media.no_peer', 'too many events were missed')
  }
  const earlier = peer.outbox.owner
  const afterAnswer = (): void => {
    if (earlier !== undefined && earlier !== owner) earlier.send('peer-moved', { peerId })
    if (!peer.closed) peer.attach(owner, afterSeq)
  }
  return { result: { seq: peer.outbox.seq }, afterAnswer }
}

const handlers: { readonly [M in ControlMethod]: Handler<M> } = {
  watch,
  'publish-start': startPublishing,
  produce,
  connect: async (node, { peerId, dtlsParameters }) => {
    await node.peer(peerId).connect(dtlsParameters)
    return done
  },
  'restart-ice': async (node, { peerId }) => ({
    result: { iceParameters: await node.peer(peerId).restartIce() },
  }),
  'set-layers': async (node, { peerId, consumerId, spatialLayer, temporalLayer }) => {
    await node.viewer(peerId).setLayers(consumerId, spatialLayer, temporalLayer)
    return done
  },
  pause: async (node, { peerId, trackIds }) => {
    await node.peer(peerId).pauseTracks(trackIds)
    return done
  },
  resume: async (node, { peerId, trackIds }) => {
    await node.peer(peerId).resumeTracks(trackIds)
    return done
  },
  'request-key-frame': async (node, { peerId, consumerId }) => {
    await node.viewer(peerId).requestKeyFrame(consumerId)
    return done
  },
  'close-tracks': async (node, { peerId, trackIds }) => {
    node.peer(peerId).closeTracks(trackIds)
    return done
  },
  close: async (node, { peerId }) => {
    node.findPeer(peerId)?.close(undefined)
    return done
  },
  adopt,
  release: async (node, { peerId }, owner) => {
    const peer = node.findPeer(peerId)
    if (peer?.outbox.owner === owner) peer.detach()
    return done
  },
  'end-show': async (node, { showId }) => {
    const room = node.findRoom(showId)
    const peers = room?.peers.length ?? 0
    room?.end({ event: 'ended', reason: 'show-ended' })
    return { result: { peers } }
  },
  'node-stats': async (node, { dump }) => ({
    result: { ...node.stats(), dumped: dump ? await node.dumped() : null },
  }),
}

/** Runs one request. Refuses: as the contract says; whatever else is thrown is a fault. */
export const dispatch = async (node: MediaNode, method: string, params: unknown, owner: Owner): Promise<Outcome> => {
  if (!isControlMethod(method)) throw new MediaRefusal('request.invalid', `no such method: ${method.slice(0, 40)}`)
  const parsed = controlMethods[method].params.safeParse(params)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new MediaRefusal('request.invalid', problems.slice(0, 10).join('; '))
  }
  const handler = handlers[method] as Handler<ControlMethod>
  return await handler(node, parsed.data as never, owner)
}
