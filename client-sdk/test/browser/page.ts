import { type Client, createClient } from '@livelot/client'
import {
  type BroadcastSession,
  broadcast,
  type MediaSource,
  prefetch,
  type WatchSession,
  type WatchStats,
  watch,
} from '@livelot/client/media'

type Rgb = [number, number, number]

export interface PictureFacts {
  state: string
  /** Middle of the picture. */
  colour: Rgb
  heightPx: number
  frames: number
  /** Events in the order in which they were told. */
  told: string[]
  joinMs: number | null
}

let creator: { client: Client; session: BroadcastSession; states: string[] } | null = null
let viewer: {
  client: Client
  session: WatchSession
  video: HTMLVideoElement
  told: string[]
  joinMs: number | null
} | null = null
let frames = 0

/** One colour with something that moves at its lower edge. */
function cameraOf(colour: string): MediaStreamTrack {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 })
  const context = canvas.getContext('2d')
  if (!context) throw new Error('There is no canvas here.')
  let step = 0
  setInterval(() => {
    step += 1
    context.fillStyle = colour
    context.fillRect(0, 0, 1280, 720)
    context.fillStyle = '#fff'
    context.fillRect((step * 7) % 1280, 640, 60, 60)
  }, 1000 / 30)
  const [track] = canvas.captureStream(30).getVideoTracks()
  if (!track) throw new Error('The canvas gives no track.')
  return track
}

async function signedIn(baseUrl: string, who: { email: string; password: string }): Promise<Client> {
  const client = createClient({ baseUrl, storage: 'memory' })
  await client.account.signIn(who)
  return client
}

async function goLive(
  baseUrl: string,
  who: { email: string; password: string },
  showId: string,
  colour: string,
): Promise<string> {
  const client = await signedIn(baseUrl, who)
  const states: string[] = []
  try {
    const session = await broadcast(client, showId, {
      camera: cameraOf(colour),
      onState: (state) => states.push(state),
    })
    creator = { client, session, states }
    return 'live'
  } catch (error) {
    client.close()
    return (error as { code?: string }).code ?? String(error)
  }
}

const setColour = (colour: string) => creator?.session.setTrack('camera', cameraOf(colour))
const mute = (source: MediaSource) => creator?.session.mute(source)
const unmute = (source: MediaSource) => creator?.session.unmute(source)
const stopBroadcast = () => creator?.session.stop()
const broadcastStates = () => creator?.states ?? []
const sendingStats = async () => (await creator?.session.getStats()) ?? []

async function startWatching(baseUrl: string, showId: string, heightPx: number): Promise<void> {
  const client = createClient({ baseUrl, storage: 'memory' })
  const video = document.createElement('video')
  video.muted = true
  setHeight(video, heightPx)
  document.body.append(video)
  const prefetched = await prefetch(client, showId)
  const session = watch(client, showId, { element: video, prefetched })
  const told: string[] = []
  viewer = { client, session, video, told, joinMs: null }
  session.on('state', (state) => told.push(state))
  session.on('rejoined', () => told.push('rejoined'))
  session.on('ended', ({ reason }) => told.push(`ended: ${reason}`))
  session.on('playing', ({ joinMs }) => {
    if (viewer) viewer.joinMs = joinMs
  })
  const count = () => {
    frames += 1
    video.requestVideoFrameCallback(count)
  }
  video.requestVideoFrameCallback(count)
}

function setHeight(video: HTMLVideoElement, heightPx: number): void {
  video.style.cssText = `width:${(heightPx * 16) / 9}px;height:${heightPx}px`
}

function resize(heightPx: number): void {
  if (viewer) setHeight(viewer.video, heightPx)
}

function picture(): PictureFacts {
  if (!viewer) throw new Error('Nobody watches here.')
  const { video, session, told, joinMs } = viewer
  const canvas = Object.assign(document.createElement('canvas'), { width: 2, height: 2 })
  const context = canvas.getContext('2d')
  context?.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 2, 2, 0, 0, 2, 2)
  const [red = 0, green = 0, blue = 0] = context?.getImageData(0, 0, 1, 1).data ?? []
  return {
    state: session.state,
    colour: [red, green, blue],
    heightPx: video.videoHeight,
    frames,
    told: [...told],
    joinMs,
  }
}

/** As in browsers that do not tell a certificate's fingerprints before the handshake. */
function forgetFingerprints(): void {
  Object.defineProperty(RTCCertificate.prototype, 'getFingerprints', { value: undefined })
}

const watchStats = (): Promise<WatchStats> | undefined => viewer?.session.getStats()

export const page = {
  goLive,
  setColour,
  mute,
  unmute,
  stopBroadcast,
  broadcastStates,
  sendingStats,
  startWatching,
  resize,
  picture,
  watchStats,
  forgetFingerprints,
}
Object.assign(globalThis, { page })
