import { z } from 'zod'
import { ShowId } from './ids.ts'
import {
  ConsumerParams,
  DtlsParameters,
  IceParameters,
  IceServer,
  MediaPeerId,
  MediaSource,
  MediaTrackId,
  MediaTransport,
  RtpCapabilities,
  RtpParameters,
} from './media-rtp.ts'
import { operation } from './operation.ts'

export * from './media-events.ts'
export * from './media-rtp.ts'

/** Proves that a caller on a new socket is the one who joined: with it the video goes on without a new join. */
export const MediaPeerSecret = z.string().regex(/^[\w-]{43}$/)
/** From `show:issue-stream-token`. Fetch it before the tap, not after. */
export const StreamToken = z.string().min(16).max(2048)
/** Number of the last sequenced event of a peer that the client has seen; 0 before the first. */
export const MediaEventSeq = z.int().min(0)

const peer = { peerId: MediaPeerId }

export const MediaSession = z.strictObject({
  peerId: MediaPeerId,
  peerSecret: MediaPeerSecret,
  transport: MediaTransport,
  iceServers: z.array(IceServer).max(8),
})
export type MediaSession = z.infer<typeof MediaSession>

export const MediaWatchSession = z.strictObject({
  ...MediaSession.shape,
  /** Whether the creator sends right now. If not, the consumers come with `media:consumers-added`. */
  live: z.boolean(),
  consumers: z.array(ConsumerParams).max(8),
})
export type MediaWatchSession = z.infer<typeof MediaWatchSession>

/** What to join with. `dtlsParameters`, when the page knows its certificate beforehand, saves the second round trip. */
export const MediaWatchTarget = z.strictObject({
  showId: ShowId,
  rtpCapabilities: RtpCapabilities,
  dtlsParameters: DtlsParameters.optional(),
})
export const MediaPublishTarget = z.strictObject({ showId: ShowId, dtlsParameters: DtlsParameters.optional() })

export const MediaProduceRequest = z.strictObject({
  ...peer,
  tracks: z
    .array(z.strictObject({ source: MediaSource, rtpParameters: RtpParameters }))
    .min(1)
    .max(3),
  /** Only when the transport is not connected yet; it spares the separate `media:connect`. */
  dtlsParameters: DtlsParameters.optional(),
})
export const MediaProduceResponse = z.strictObject({
  producers: z.array(z.strictObject({ source: MediaSource, producerId: MediaTrackId })),
})
export const MediaConnectRequest = z.strictObject({ ...peer, dtlsParameters: DtlsParameters })
export const MediaPeerRequest = z.strictObject(peer)
export const MediaRestartIceResponse = z.strictObject({ iceParameters: IceParameters })
export const MediaSetLayersRequest = z.strictObject({
  ...peer,
  consumerId: MediaTrackId,
  spatialLayer: z.int().min(0).max(7),
  temporalLayer: z.int().min(0).max(7).optional(),
})
/** A viewer's own consumers, or a creator's own producers; all of them are changed, or none. */
export const MediaTracksRequest = z.strictObject({ ...peer, trackIds: z.array(MediaTrackId).min(1).max(8) })
export const MediaConsumerRequest = z.strictObject({ ...peer, consumerId: MediaTrackId })
export const MediaAdoptRequest = z.strictObject({
  ...peer,
  peerSecret: MediaPeerSecret,
  showId: ShowId,
  afterSeq: MediaEventSeq,
})
/** Events with a number above `afterSeq` follow, in order, right after this answer. */
export const MediaAdoptResponse = z.strictObject({ seq: MediaEventSeq })
const Done = z.strictObject({})

export const mediaCapabilities = operation({
  name: 'media:capabilities',
  summary: 'What the media servers can route; the same for every show, so that a device can be loaded before the tap.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/media/capabilities' },
  socket: { rate: { burst: 5, perSecond: 1 } },
  request: z.strictObject({}),
  response: z.strictObject({ routerRtpCapabilities: RtpCapabilities }),
  errors: ['media.unavailable'],
})

export const watchMedia = operation({
  name: 'media:watch',
  summary: 'Join the video of a show: transport and consumers in one round trip.',
  access: 'anyone',
  socket: { rate: { burst: 6, perSecond: 1 } },
  request: z.strictObject({ ...MediaWatchTarget.shape, streamToken: StreamToken }),
  response: MediaWatchSession,
  errors: [
    'media.unavailable',
    'media.full',
    'media.token_invalid',
    'media.token_used',
    'media.unsupported',
    'show.not_found',
  ],
})

export const startPublishing = operation({
  name: 'media:publish-start',
  summary: 'Open the sending transport of a show. An earlier publisher of the same show is replaced.',
  access: ['creator'],
  socket: { rate: { burst: 6, perSecond: 1 } },
  request: z.strictObject({ ...MediaPublishTarget.shape, streamToken: StreamToken }),
  response: MediaSession,
  errors: ['media.unavailable', 'media.full', 'media.token_invalid', 'media.token_used', 'show.not_found'],
})

export const produceMedia = operation({
  name: 'media:produce',
  summary: 'Send camera, microphone or screen, several tracks in one round trip.',
  access: ['creator'],
  socket: { rate: { burst: 10, perSecond: 1 } },
  request: MediaProduceRequest,
  response: MediaProduceResponse,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_allowed', 'media.unsupported'],
})

export const connectMediaTransport = operation({
  name: 'media:connect',
  summary: 'Hand in DTLS parameters later, for browsers that do not know their fingerprints before the join.',
  access: 'anyone',
  socket: { rate: { burst: 6, perSecond: 1 } },
  request: MediaConnectRequest,
  response: Done,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_allowed'],
})

export const restartMediaIce = operation({
  name: 'media:restart-ice',
  summary: 'New ICE credentials after a change of network.',
  access: 'anyone',
  socket: { rate: { burst: 6, perSecond: 0.5 } },
  request: MediaPeerRequest,
  response: MediaRestartIceResponse,
  errors: ['media.unavailable', 'media.no_peer'],
})

export const setMediaLayers = operation({
  name: 'media:set-layers',
  summary: 'Prefer a simulcast layer, by the size of the picture on the page.',
  access: 'anyone',
  socket: { rate: { burst: 20, perSecond: 4 } },
  request: MediaSetLayersRequest,
  response: Done,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_found', 'media.not_allowed'],
})

export const pauseMedia = operation({
  name: 'media:pause',
  summary: 'Stop the flow of own tracks: a viewer’s consumers or a creator’s producers.',
  access: 'anyone',
  socket: { rate: { burst: 20, perSecond: 4 } },
  request: MediaTracksRequest,
  response: Done,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_found'],
})

export const resumeMedia = operation({
  name: 'media:resume',
  summary: 'Let own tracks flow (again). Consumers that arrive paused wait for this.',
  access: 'anyone',
  socket: { rate: { burst: 20, perSecond: 4 } },
  request: MediaTracksRequest,
  response: Done,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_found'],
})

export const requestMediaKeyFrame = operation({
  name: 'media:request-key-frame',
  summary: 'Ask for a full picture when decoding has lost its thread.',
  access: 'anyone',
  socket: { rate: { burst: 5, perSecond: 0.5 } },
  request: MediaConsumerRequest,
  response: Done,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_found', 'media.not_allowed'],
})

export const closeMediaTracks = operation({
  name: 'media:close-tracks',
  summary: 'End own tracks for good: a creator stops the screen, a viewer drops a consumer.',
  access: 'anyone',
  socket: { rate: { burst: 10, perSecond: 1 } },
  request: MediaTracksRequest,
  response: Done,
  errors: ['media.unavailable', 'media.no_peer', 'media.not_found'],
})

export const closeMedia = operation({
  name: 'media:close',
  summary: 'Leave the video. Leaving twice is leaving once.',
  access: 'anyone',
  socket: { rate: { burst: 6, perSecond: 1 } },
  request: MediaPeerRequest,
  response: Done,
  errors: ['media.unavailable'],
})

export const adoptMedia = operation({
  name: 'media:adopt',
  summary: 'Go on with a running video session on a new socket, on whichever server it ended up.',
  access: 'anyone',
  socket: { rate: { burst: 6, perSecond: 1 } },
  request: MediaAdoptRequest,
  response: MediaAdoptResponse,
  errors: ['media.unavailable', 'media.no_peer'],
})
