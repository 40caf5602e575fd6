import type { types } from 'mediasoup-client'
import type { MediaSource } from '../../contracts/index.ts'

/** One layer of the picture: what it is scaled down by from the track's own size, and what it may take. */
export interface Layer {
  scaleResolutionDownBy: number
  maxBitrate: number
}

/** 180p, 360p and 720p of a 720p camera. Measured: the lowest plays on 300 kbit/s, the highest is 1.2 Mbit/s. */
const cameraLayers: readonly Layer[] = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { scaleResolutionDownBy: 1, maxBitrate: 1_200_000 },
]
/** Text must stay readable: one step down only. */
const screenLayers: readonly Layer[] = [
  { scaleResolutionDownBy: 2, maxBitrate: 400_000 },
  { scaleResolutionDownBy: 1, maxBitrate: 2_000_000 },
]
const FULL_HD_BITRATE = 2_500_000
/** A layer below this height shows nothing that one can sell. */
const LAYER_HEIGHT_MIN = 120

/** Simulcast layers for a track of this height; fewer for a small one. */
export function layersFor(source: MediaSource, heightPx: number): types.RtpEncodingParameters[] {
  if (source === 'microphone') return []
  const all = source === 'screen' ? screenLayers : cameraLayers
  const worthwhile = all.filter(({ scaleResolutionDownBy }) => heightPx / scaleResolutionDownBy >= LAYER_HEIGHT_MIN)
  const layers = worthwhile.length > 0 ? worthwhile : all.slice(-1)
  return layers.map((layer) => {
    const isFullHd = layer.scaleResolutionDownBy === 1 && heightPx > 900
    const maxBitrate = isFullHd ? FULL_HD_BITRATE : layer.maxBitrate
    // NOTE: A single VP8 encoding with a scalability mode counts as SVC, and no picture was sent in tests.
    return { ...layer, maxBitrate, ...(layers.length > 1 ? { scalabilityMode: 'L1T3' } : {}) }
  })
}

/** H264 first: with Opus it is the only pair that is recorded and packaged without a transcode. Then VP8. */
export function preferredVideoCodec(codecs: readonly types.RtpCodecCapability[]): types.RtpCodecCapability | undefined {
  const named = (mimeType: string) => codecs.find((codec) => codec.mimeType.toLowerCase() === mimeType)
  return named('video/h264') ?? named('video/vp8')
}

/** Music and speech: stereo, error correction, no gaps in silence. */
export const audioCodecOptions: types.ProducerCodecOptions = {
  opusStereo: true,
  opusFec: true,
  opusDtx: false,
  opusMaxAverageBitrate: 96_000,
}

/** Starts at a rate that shows a face at once instead of climbing from 300 kbit/s. */
export const videoCodecOptions: types.ProducerCodecOptions = { videoGoogleStartBitrate: 1_000 }
