import { randomUUID } from 'node:crypto'
import type { ControlParams } from '../../control.ts'

/** What Chromium 156 sends, shortened to one codec of each kind. */
const feedback = [{ type: 'goog-remb' }, { type: 'transport-cc' }, { type: 'ccm', parameter: 'fir' }, { type: 'nack' }]
const videoFeedback = [...feedback, { type: 'nack', parameter: 'pli' }]
const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid'
const ridUri = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'
const sendTimeUri = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'

export const showIdOf = (): ControlParams<'watch'>['showId'] => randomUUID() as ControlParams<'watch'>['showId']

export const viewerCapabilities: ControlParams<'watch'>['rtpCapabilities'] = {
  codecs: [
    {
      kind: 'video',
      mimeType: 'video/H264',
      clockRate: 90_000,
      preferredPayloadType: 100,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
      rtcpFeedback: videoFeedback,
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      clockRate: 90_000,
      preferredPayloadType: 101,
      parameters: { apt: 100 },
      rtcpFeedback: [],
    },
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      clockRate: 48_000,
      channels: 2,
      preferredPayloadType: 111,
      parameters: { minptime: 10, useinbandfec: 1 },
      rtcpFeedback: [{ type: 'transport-cc' }],
    },
  ],
  headerExtensions: [
    { kind: 'video', uri: midUri, preferredId: 1, preferredEncrypt: false, direction: 'sendrecv' },
    { kind: 'video', uri: sendTimeUri, preferredId: 4, preferredEncrypt: false, direction: 'sendrecv' },
  ],
}

/** A device that decodes nothing that the node routes. */
export const foreignCapabilities: ControlParams<'watch'>['rtpCapabilities'] = {
  codecs: [{ kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, preferredPayloadType: 98 }],
}

type OfferedTrack = ControlParams<'produce'>['tracks'][number]

let ssrc = 10_000

export const cameraTrack = (): OfferedTrack => ({
  source: 'camera',
  rtpParameters: {
    mid: '0',
    codecs: [
      {
        mimeType: 'video/H264',
        payloadType: 108,
        clockRate: 90_000,
        parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
        rtcpFeedback: videoFeedback,
      },
    ],
    headerExtensions: [
      { uri: midUri, id: 9, encrypt: false, parameters: {} },
      { uri: ridUri, id: 10, encrypt: false, parameters: {} },
    ],
    encodings: [
      { rid: 'r0', maxBitrate: 150_000, scalabilityMode: 'L1T3' },
      { rid: 'r1', maxBitrate: 500_000, scalabilityMode: 'L1T3' },
      { rid: 'r2', maxBitrate: 1_200_000, scalabilityMode: 'L1T3' },
    ],
    rtcp: { cname: 'creator', reducedSize: true },
    msid: 'stream camera',
  },
})

export const microphoneTrack = (): OfferedTrack => ({
  source: 'microphone',
  rtpParameters: {
    mid: '1',
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1 },
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
    ],
    headerExtensions: [{ uri: midUri, id: 9, encrypt: false, parameters: {} }],
    encodings: [{ ssrc: ssrc++ }],
    rtcp: { cname: 'creator', reducedSize: true },
  },
})

export const screenTrack = (): OfferedTrack => {
  const { rtpParameters } = cameraTrack()
  return {
    source: 'screen',
    rtpParameters: { ...rtpParameters, mid: '2', encodings: [{ ssrc: ssrc++, maxBitrate: 2_500_000 }] },
  }
}

/** A certificate that nobody has; enough for everything but a DTLS handshake. */
export const dtlsParameters = (): NonNullable<ControlParams<'watch'>['dtlsParameters']> => ({
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'ab').join(':') }],
})
