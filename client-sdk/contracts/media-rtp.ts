import { z } from 'zod'

/**
 * One caller's side of one show's video. Opaque, made by the media node; every other id (track, transport) is looked up
 * through it, so nobody can name a thing that is not theirs.
 */
export const MediaPeerId = z
  .string()
  .regex(/^[\w-]{22}$/)
  .brand<'mediaPeerId'>()
export type MediaPeerId = z.infer<typeof MediaPeerId>
/** Id of one consumer (viewer's side) or one producer (creator's side). */
export const MediaTrackId = z.uuid()

/**
 * The structures of mediasoup and mediasoup-client as they cross the wire. Known fields are checked and bounded, unknown
 * ones are dropped: browsers add fields of their own (a simulcast encoding carries `scaleResolutionDownBy` and more), and
 * none of them may reach a media worker. Caps are several times what Chromium, Firefox and Safari send.
 */
const listMax = 64
const shortText = z.string().min(1).max(64)
const uint32 = z.int().min(0).max(0xffff_ffff)
const payloadType = z.int().min(0).max(127)

export const MediaKind = z.enum(['audio', 'video'])
export type MediaKind = z.infer<typeof MediaKind>

/** What a creator's track shows. One of each at most. */
export const MediaSource = z.enum(['camera', 'microphone', 'screen'])
export type MediaSource = z.infer<typeof MediaSource>
export const kindOfSource = { camera: 'video', microphone: 'audio', screen: 'video' } as const satisfies Record<
  MediaSource,
  MediaKind
>

const MimeType = z
  .string()
  .max(40)
  .regex(/^(audio|video)\/[\w.+-]+$/)
const RtcpFeedback = z.object({ type: z.string().min(1).max(32), parameter: z.string().max(32).optional() })
const CodecParameters = z
  .record(shortText, z.union([z.string().max(256), z.number(), z.boolean()]))
  .refine((parameters) => Object.keys(parameters).length <= 32, 'more than 32 codec parameters')

const RtpCodecCapability = z.object({
  kind: MediaKind,
  mimeType: MimeType,
  preferredPayloadType: payloadType,
  clockRate: z.int().min(1).max(192_000),
  channels: z.int().min(1).max(8).optional(),
  parameters: CodecParameters.optional(),
  rtcpFeedback: z.array(RtcpFeedback).max(16).optional(),
})

const RtpHeaderExtension = z.object({
  kind: MediaKind,
  uri: z.string().min(1).max(128),
  preferredId: z.int().min(1).max(255),
  preferredEncrypt: z.boolean().optional(),
  direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
})

export const RtpCapabilities = z.object({
  codecs: z.array(RtpCodecCapability).min(1).max(listMax),
  headerExtensions: z.array(RtpHeaderExtension).max(listMax).optional(),
})
export type RtpCapabilities = z.infer<typeof RtpCapabilities>

const RtpCodecParameters = z.object({
  mimeType: MimeType,
  payloadType,
  clockRate: z.int().min(1).max(192_000),
  channels: z.int().min(1).max(8).optional(),
  parameters: CodecParameters.optional(),
  rtcpFeedback: z.array(RtcpFeedback).max(16).optional(),
})

const RtpEncoding = z.object({
  ssrc: uint32.optional(),
  rid: z
    .string()
    .regex(/^\w{1,16}$/)
    .optional(),
  codecPayloadType: payloadType.optional(),
  rtx: z.object({ ssrc: uint32 }).optional(),
  dtx: z.boolean().optional(),
  scalabilityMode: z
    .string()
    .max(20)
    .regex(/^[LS]\d{1,2}T\d{1,2}(_KEY(_SHIFT)?|h(_KEY)?)?$/)
    .optional(),
  maxBitrate: z.int().min(1).max(100_000_000).optional(),
})

export const RtpParameters = z.object({
  mid: z.string().max(32).optional(),
  codecs: z.array(RtpCodecParameters).min(1).max(16),
  headerExtensions: z
    .array(
      z.object({
        uri: z.string().min(1).max(128),
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: CodecParameters.optional(),
      }),
    )
    .max(listMax)
    .optional(),
  encodings: z.array(RtpEncoding).min(1).max(4),
  rtcp: z.object({ cname: z.string().max(256).optional(), reducedSize: z.boolean().optional() }).optional(),
  msid: z.string().max(256).optional(),
})
export type RtpParameters = z.infer<typeof RtpParameters>

/** Weak digests are refused from clients; the server's own list still names them, so they may be answered. */
const fingerprint = <const A extends readonly [string, ...string[]]>(algorithms: A) =>
  z.object({
    algorithm: z.enum(algorithms),
    /** Upper case, because workers compare the text. `getFingerprints()` of Chromium gives lower case. */
    value: z
      .string()
      .max(191)
      .toUpperCase()
      .regex(/^([0-9A-F]{2}:){19,63}[0-9A-F]{2}$/),
  })
const dtls = <const A extends readonly [string, ...string[]]>(algorithms: A) =>
  z.object({
    role: z.enum(['auto', 'client', 'server']).optional(),
    fingerprints: z.array(fingerprint(algorithms)).min(1).max(8),
  })

export const DtlsParameters = dtls(['sha-256', 'sha-384', 'sha-512'])
export type DtlsParameters = z.infer<typeof DtlsParameters>
const ServerDtlsParameters = dtls(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'])

export const IceParameters = z.object({
  usernameFragment: z.string().min(4).max(256),
  password: z.string().min(22).max(256),
  iceLite: z.boolean().optional(),
})
export type IceParameters = z.infer<typeof IceParameters>

const IceCandidate = z.object({
  foundation: z.string().max(64),
  priority: uint32,
  ip: z.string().max(255),
  address: z.string().max(255),
  protocol: z.enum(['udp', 'tcp']),
  port: z.int().min(1).max(65_535),
  type: z.literal('host'),
  tcpType: z.literal('passive').optional(),
})

export const IceServer = z.strictObject({
  urls: z.array(z.string().max(255)).min(1).max(8),
  username: z.string().max(255).optional(),
  credential: z.string().max(255).optional(),
})
export type IceServer = z.infer<typeof IceServer>

/** Given as it is to mediasoup-client's `createRecvTransport` or `createSendTransport`. */
export const MediaTransport = z.object({
  id: z.uuid(),
  iceParameters: IceParameters,
  iceCandidates: z.array(IceCandidate).min(1).max(16),
  dtlsParameters: ServerDtlsParameters,
})
export type MediaTransport = z.infer<typeof MediaTransport>

export const ConsumerParams = z.strictObject({
  consumerId: z.uuid(),
  producerId: z.uuid(),
  source: MediaSource,
  kind: MediaKind,
  rtpParameters: RtpParameters,
  /** `simulcast` and `svc` obey `media:set-layers`. */
  type: z.enum(['simple', 'simulcast', 'svc']),
  /** Waits for `media:resume`, so that no key frame is sent before the page is ready to play it. */
  paused: z.boolean(),
  /** The creator has paused it at present. */
  producerPaused: z.boolean(),
})
export type ConsumerParams = z.infer<typeof ConsumerParams>
