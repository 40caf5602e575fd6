import { ortc, type types } from 'mediasoup'

/**
 * H264 first: with Opus it is the pair that can be recorded and served as HLS without transcoding, and browsers encode it
 * in hardware. VP8 is the second choice that every browser has. Payload types are fixed, so that all routers of all
 * workers have the same capabilities and a page can load its device before it knows which one it will meet.
 */
export const routerCodecs: types.RouterRtpCodecCapability[] = [
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    preferredPayloadType: 100,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000, preferredPayloadType: 102 },
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 111 },
]

/** What every router of this node can route; the same as `router.rtpCapabilities`, known without a router. */
export const routerRtpCapabilities: types.RtpCapabilities = ortc.generateRouterRtpCapabilities(
  structuredClone(routerCodecs),
)
