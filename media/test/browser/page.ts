import { Device, type types } from 'mediasoup-client'
import type { ControlMethod, ControlParams, ControlResult } from '../../control.ts'

/** What the test gives to the page: requests to the media node, as a socket would carry them. */
declare const control: (method: string, params: unknown) => Promise<unknown>
/** The next tracks that the node offers to a viewer by itself. */
declare const addedTo: (peerId: string) => Promise<ControlResult<'watch'>['consumers']>

type ShowId = ControlParams<'watch'>['showId']

const ask = async <M extends ControlMethod>(method: M, params: ControlParams<M>): Promise<ControlResult<M>> =>
  (await control(method, params)) as ControlResult<M>

/** Time code: 24 bits of the machine's clock as black and white blocks along the upper edge. */
const clock = { bits: 24, blockPx: 48, heightPx: 48 } as const
const clockRangeMs = 2 ** clock.bits

const drawClock = (context: CanvasRenderingContext2D, nowMs: number): void => {
  const value = Math.floor(nowMs) % clockRangeMs
  for (let bit = 0; bit < clock.bits; bit += 1) {
    context.fillStyle = (value >> bit) & 1 ? '#fff' : '#000'
    context.fillRect(bit * clock.blockPx, 0, clock.blockPx, clock.heightPx)
  }
}

const readClock = (context: CanvasRenderingContext2D, video: HTMLVideoElement): number => {
  const scale = video.videoWidth / 1280
  context.canvas.width = video.videoWidth
  context.canvas.height = Math.ceil(clock.heightPx * scale)
  context.drawImage(video, 0, 0)
  const y = Math.floor((clock.heightPx / 2) * scale)
  let value = 0
  for (let bit = 0; bit < clock.bits; bit += 1) {
    const [red = 0] = context.getImageData(Math.floor((bit + 0.5) * clock.blockPx * scale), y, 1, 1).data
    if (red > 127) value |= 1 << bit
  }
  return value
}

const device = new Device()
const certificate = RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams)

/** One connection's certificate, made before the tap, so that its fingerprint can travel with the first request. */
const knownDtls = async () => {
  const own = await certificate
  const fingerprints = own.getFingerprints() as ControlParams<'connect'>['dtlsParameters']['fingerprints']
  return { dtlsParameters: { role: 'client' as const, fingerprints }, settings: { certificates: [own] } }
}

const load = async (routerRtpCapabilities: types.RtpCapabilities): Promise<void> => {
  if (!device.loaded) await device.load({ routerRtpCapabilities, preferLocalCodecsOrder: false })
  await certificate
}

const canvas = document.createElement('canvas')
canvas.width = 1280
canvas.height = 720
let source: MediaStream | undefined

const startSource = (): MediaStream => {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  const paint = (): void => {
    const nowMs = Date.now()
    context.fillStyle = `hsl(${(nowMs / 20) % 360} 60% 50%)`
    context.fillRect(0, clock.heightPx, 1280, 720)
    context.fillStyle = '#222'
    context.fillRect((nowMs / 4) % 1280, 300, 160, 160)
    drawClock(context, nowMs)
  }
  paint()
  setInterval(paint, 1000 / 30)
  const stream = canvas.captureStream(30)
  const audio = new AudioContext()
  const tone = audio.createOscillator()
  const sink = audio.createMediaStreamDestination()
  tone.connect(sink)
  tone.start()
  for (const track of sink.stream.getAudioTracks()) stream.addTrack(track)
  return stream
}

const encodings = [
  { rid: 'r0', scaleResolutionDownBy: 4, maxBitrate: 150_000, scalabilityMode: 'L1T3' },
  { rid: 'r1', scaleResolutionDownBy: 2, maxBitrate: 500_000, scalabilityMode: 'L1T3' },
  { rid: 'r2', scaleResolutionDownBy: 1, maxBitrate: 1_200_000, scalabilityMode: 'L1T3' },
]

/** Goes live: two round trips, one for the transport and one for both tracks. */
const publish = async (showId: ShowId, codec: 'H264' | 'VP8') => {
  source ??= startSource()
  const startedAtMs = performance.now()
  const { dtlsParameters, settings } = await knownDtls()
  const { transport: params, peerId } = await ask('publish-start', { showId, dtlsParameters })
  const transport = device.createSendTransport({ ...params, additionalSettings: settings })
  transport.on('connect', (_parameters, done) => done())
  const tracks: ControlParams<'produce'>['tracks'] = []
  // The local id is enough for mediasoup-client; the node's own come with the answer to all tracks together.
  transport.on('produce', ({ kind, rtpParameters }, done) => {
    const track = { source: kind === 'video' ? 'camera' : 'microphone', rtpParameters }
    tracks.push(track as (typeof tracks)[number])
    done({ id: crypto.randomUUID() })
  })
  const chosen = device.sendRtpCapabilities.codecs?.find((one) => one.mimeType === `video/${codec}`)
  const [video] = source.getVideoTracks()
  const [audio] = source.getAudioTracks()
  if (chosen === undefined || video === undefined || audio === undefined) throw new Error(`cannot send ${codec}`)
  await Promise.all([
    transport.produce({ track: video, encodings: structuredClone(encodings), codec: chosen, stopTracks: false }),
    transport.produce({ track: audio, stopTracks: false }),
  ])
  const { producers } = await ask('produce', { peerId, tracks })
  return { peerId, producers, publishMs: performance.now() - startedAtMs }
}

interface Frame {
  readonly atMs: number
  readonly delayMs: number
  readonly width: number
}

const frames: Frame[] = []
const reading = document.createElement('canvas').getContext('2d', {
  willReadFrequently: true,
}) as CanvasRenderingContext2D

/** A fresh element for each join, so that no frame of the last one is taken for the first of the next. */
const newVideo = (stream: MediaStream): Promise<number> => {
  document.querySelector('video')?.remove()
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  video.srcObject = stream
  document.body.append(video)
  return new Promise((resolve) => {
    const onFrame = (): void => {
      const atMs = performance.now()
      const delayMs = (Date.now() - readClock(reading, video) + 2 * clockRangeMs) % clockRangeMs
      frames.push({ atMs, delayMs, width: video.videoWidth })
      resolve(atMs)
      video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  })
}

let receiving: types.Transport | undefined

const consumeAll = async (transport: types.Transport, consumers: ControlResult<'watch'>['consumers']) => {
  const made = await Promise.all(
    consumers.map(({ consumerId, producerId, kind, rtpParameters }) =>
      transport.consume({ id: consumerId, producerId, kind, rtpParameters: rtpParameters as types.RtpParameters }),
    ),
  )
  return { shown: newVideo(new MediaStream(made.map(({ track }) => track))) }
}

type Join = 'one-shot' | 'two-trips' | 'tcp-only'

/** Joins in one round trip when the certificate is known before, in two otherwise; answers when a frame is shown. */
const watch = async (showId: ShowId, how: Join) => {
  const oneShot = how !== 'two-trips'
  const clickedAtMs = performance.now()
  receiving?.close()
  const { dtlsParameters, settings } = await knownDtls()
  const rtpCapabilities = device.recvRtpCapabilities as ControlParams<'watch'>['rtpCapabilities']
  const session = await ask('watch', {
    showId,
    rtpCapabilities,
    ...(oneShot ? { dtlsParameters } : {}),
  })
  const { peerId } = session
  receiving = device.createRecvTransport({
    ...session.transport,
    iceCandidates: session.transport.iceCandidates.filter(({ protocol }) => how !== 'tcp-only' || protocol === 'tcp'),
    ...(oneShot ? { additionalSettings: settings } : {}),
  })
  receiving.on('connect', ({ dtlsParameters: own }, done, fail) => {
    if (oneShot) return done()
    ask('connect', { peerId, dtlsParameters: own as ControlParams<'connect'>['dtlsParameters'] }).then(done, fail)
  })
  const consumers = session.live ? session.consumers : await addedTo(peerId)
  const { shown } = await consumeAll(receiving, consumers)
  return { peerId, joinMs: (await shown) - clickedAtMs, consumers }
}

/** Tracks that came by themselves, after the creator's return. */
const take = async (peerId: ControlParams<'resume'>['peerId'], consumers: ControlResult<'watch'>['consumers']) => {
  if (receiving === undefined) throw new Error('not watching')
  const { shown } = await consumeAll(receiving, consumers)
  const paused = consumers.filter((one) => one.paused).map(({ consumerId }) => consumerId)
  if (paused.length > 0) await ask('resume', { peerId, trackIds: paused })
  await shown
}

/** As after a change of network. */
const restartIce = async (peerId: ControlParams<'resume'>['peerId']) => {
  const { iceParameters } = await ask('restart-ice', { peerId })
  await receiving?.restartIce({ iceParameters })
}

const recentFrames = (): Frame[] => frames.splice(0)

export const media = { load, publish, watch, take, restartIce, recentFrames }
export type Page = typeof media
Object.assign(globalThis, { media })
