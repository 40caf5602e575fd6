import {
  MediaAdoptRequest,
  MediaAdoptResponse,
  MediaConnectRequest,
  MediaConsumerRequest,
  MediaPeerRequest,
  MediaProduceRequest,
  MediaProduceResponse,
  MediaPublishTarget,
  MediaRestartIceResponse,
  MediaSession,
  MediaSetLayersRequest,
  MediaTracksRequest,
  MediaWatchSession,
  MediaWatchTarget,
  mediaConsumerClosed,
  mediaConsumerPaused,
  mediaConsumerQuality,
  mediaConsumerResumed,
  mediaConsumersAdded,
  mediaEnded,
  mediaProducerLost,
  mediaProducerQuality,
  mediaRejoin,
  RtpCapabilities,
  ShowId,
} from '@livelot/client/contracts'
import { z } from 'zod'

/**
 * The contract between an API process and a media node: one WebSocket at `controlPath`, JSON text frames, both sides parse
 * everything. The version is the WebSocket subprotocol, so that two versions never talk past each other.
 */
export const controlVersion = 1
export const controlProtocol = `livelot-media.v${controlVersion}`
export const controlPath = '/control'

/** The largest real frame (consumers of one viewer, or simulcast RTP parameters) is about 12 kB; this is twenty times that. */
export const controlFrameBytesMax = 256 * 1024
/** The node gives up on a request after this time; mediasoup answers in 1-3 ms, a new worker is up in 100 ms. */
export const nodeDeadlineMs = 5_000
/** The API gives up later than the node, so that the node's own answer normally comes first. */
export const apiDeadlineMs = 6_000
/** Either side pings this often, and drops the connection after three unanswered pings. */
export const heartbeatMs = 3_000

/** Close codes of the control WebSocket beyond those of RFC 6455. */
export const controlCloseCodes = { badFrame: 4400, slowReader: 4408, stopping: 4503 } as const

/** The part of the error catalogue that a media node answers with. */
export const ControlErrorCode = z.enum([
  'request.invalid',
  'server.busy',
  'server.internal',
  'media.unavailable',
  'media.full',
  'media.no_peer',
  'media.not_allowed',
  'media.unsupported',
  'media.not_found',
])
export type ControlErrorCode = z.infer<typeof ControlErrorCode>

export const ControlError = z.strictObject({
  code: ControlErrorCode,
  /** For the log of the API; never shown to a person. */
  message: z.string().max(2_000),
  /** With `media.full` and `media.unavailable`: when asking again makes sense. */
  retryAfterMs: z.int().min(0).optional(),
})
export type ControlError = z.infer<typeof ControlError>

const Done = z.strictObject({})
const count = z.int().min(0)

const WorkerReport = z.strictObject({
  index: count,
  pid: z.int(),
  cpuPercent: z.number().min(0),
  state: z.enum(['open', 'soft', 'closed']),
  viewers: count,
  packetsPerSecond: count,
})
/** What the node believes it holds, counted from its own records. */
const MediaCounts = z.strictObject({ routers: count, transports: count, producers: count, consumers: count })

export const NodeStats = z.strictObject({
  nodeId: z.uuid(),
  upMs: count,
  ready: z.boolean(),
  workerDeaths: count,
  workers: z.array(WorkerReport),
  owners: count,
  rooms: count,
  publishers: count,
  viewers: count,
  pipes: count,
  registry: MediaCounts,
  /** The same, counted from the workers' own dumps: equal when nothing leaks. Null unless asked for. */
  dumped: MediaCounts.nullable(),
})
export type NodeStats = z.infer<typeof NodeStats>

const method = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R) => ({ params, result })

/**
 * What an API may ask. A method that has a socket operation of the same name (`media:<method>`) takes the same fields,
 * except that the API checks and removes the stream token.
 */
export const controlMethods = {
  watch: method(MediaWatchTarget, MediaWatchSession),
  'publish-start': method(MediaPublishTarget, MediaSession),
  produce: method(MediaProduceRequest, MediaProduceResponse),
  connect: method(MediaConnectRequest, Done),
  'restart-ice': method(MediaPeerRequest, MediaRestartIceResponse),
  'set-layers': method(MediaSetLayersRequest, Done),
  pause: method(MediaTracksRequest, Done),
  resume: method(MediaTracksRequest, Done),
  'request-key-frame': method(MediaConsumerRequest, Done),
  'close-tracks': method(MediaTracksRequest, Done),
  close: method(MediaPeerRequest, Done),
  /** Events of the peer go to this connection from now on; those after `afterSeq` are told again first. */
  adopt: method(MediaAdoptRequest, MediaAdoptResponse),
  /** The caller's socket is gone for the moment: keep the peer for the grace time, for whoever adopts it. */
  release: method(MediaPeerRequest, Done),
  /** The show is over: every peer is told `ended` and closed, the room is taken down. Ending twice is ending once. */
  'end-show': method(z.strictObject({ showId: ShowId }), z.strictObject({ peers: count })),
  'node-stats': method(z.strictObject({ dump: z.boolean().default(false) }), NodeStats),
} as const
export type ControlMethod = keyof typeof controlMethods
export type ControlParams<M extends ControlMethod> = z.input<(typeof controlMethods)[M]['params']>
export type ControlResult<M extends ControlMethod> = z.infer<(typeof controlMethods)[M]['result']>

/** What a node tells. Events about one peer carry `peerId` and go to the connection that owns the peer. */
export const controlEvents = {
  /** First frame of every connection. */
  welcome: z.strictObject({
    nodeId: z.uuid(),
    routerRtpCapabilities: RtpCapabilities,
    /** How long peers live on without an owner. */
    ownerGraceMs: count,
  }),
  /** To every connection: the creator's media began, was lost (kept for the resume time), or the room is gone. */
  'show-changed': z.strictObject({ showId: ShowId, state: z.enum(['live', 'lost', 'ended']) }),
  /** To the previous owner: another connection has adopted the peer. */
  'peer-moved': MediaPeerRequest,
  'consumers-added': mediaConsumersAdded.data,
  'consumer-closed': mediaConsumerClosed.data,
  'consumer-paused': mediaConsumerPaused.data,
  'consumer-resumed': mediaConsumerResumed.data,
  'producer-lost': mediaProducerLost.data,
  rejoin: mediaRejoin.data,
  ended: mediaEnded.data,
  'consumer-quality': mediaConsumerQuality.data,
  'producer-quality': mediaProducerQuality.data,
} as const
export type ControlEvent = keyof typeof controlEvents
export type ControlEventData<E extends ControlEvent> = z.infer<(typeof controlEvents)[E]>
/** Events that a browser may be told too, under the name `media:<event>`. */
export type PeerEvent = Exclude<ControlEvent, 'welcome' | 'show-changed' | 'peer-moved'>

export const ControlRequestFrame = z.strictObject({
  id: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
  method: z.string().max(40),
  params: z.unknown(),
})
export type ControlRequestFrame = z.infer<typeof ControlRequestFrame>

export const ControlReplyFrame = z.discriminatedUnion('ok', [
  z.strictObject({ id: z.int().min(1), ok: z.literal(true), result: z.unknown() }),
  z.strictObject({ id: z.int().min(1), ok: z.literal(false), error: ControlError }),
])
export const ControlEventFrame = z.strictObject({ event: z.string().max(40), data: z.unknown() })

export const isControlMethod = (name: string): name is ControlMethod => Object.hasOwn(controlMethods, name)
export const isControlEvent = (name: string): name is ControlEvent => Object.hasOwn(controlEvents, name)
