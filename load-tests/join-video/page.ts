import { type Client, createClient } from '@livelot/client'
import type { Session } from '@livelot/client/contracts'
import { type BroadcastSession, broadcast, prefetch, type WatchStats, watch } from '@livelot/client/media'
import { drawClock, nowMs, PICTURE, readClock } from './clock-strip.ts'

/** A delay above this is a strip that was read wrongly, not a slow picture. */
const PLAUSIBLE_MS = 10_000

export interface JoinFigures {
  /** From the tap to the first frame on the screen whose time code can be read. */
  clickToFrameMs: number
  /** Glass to glass of each frame that followed. */
  delaysMs: number[]
  stats: WatchStats
}

let creator: { client: Client; session: BroadcastSession } | null = null

/** Sends a canvas with a running clock and something that moves, at 720p30, and a tone. */
async function goLive(baseUrl: string, session: Session, showId: string): Promise<void> {
  const client = createClient({ baseUrl, storage: 'memory' })
  await client.account.adopt(session)
  const stream = movingPicture().captureStream(30)
  const audio = new AudioContext()
  const tone = audio.createOscillator()
  const sound = audio.createMediaStreamDestination()
  tone.connect(sound)
  tone.start()
  const running = await broadcast(client, showId, {
    camera: stream.getVideoTracks()[0],
    microphone: sound.stream.getAudioTracks()[0],
  })
  creator = { client, session: running }
}

function movingPicture(): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), PICTURE)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('There is no canvas here.')
  let step = 0
  setInterval(() => {
    step += 1
    context.fillStyle = '#246'
    context.fillRect(0, 0, PICTURE.width, PICTURE.height)
    for (let index = 0; index < 24; index += 1) {
      context.fillStyle = `hsl(${(index * 15 + step) % 360} 70% 55%)`
      const x = (index * 97 + step * (3 + (index % 5))) % PICTURE.width
      context.fillRect(x, 80 + ((index * 53) % 560), 60, 60)
    }
    drawClock(context)
  }, 1000 / 30)
  return canvas
}

const sendingStats = async () => (creator ? await creator.session.getStats() : [])

/** One viewer: prepares as a page does, taps, watches for a while, leaves. */
async function joinOnce(baseUrl: string, showId: string, watchMs: number): Promise<JoinFigures> {
  const client = createClient({ baseUrl, storage: 'memory' })
  const video = document.createElement('video')
  video.muted = true
  video.style.cssText = 'width:1280px;height:720px'
  document.body.append(video)
  const reader = Object.assign(document.createElement('canvas'), { width: PICTURE.width, height: 1 })
  const context = reader.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('There is no canvas here.')
  try {
    const prefetched = await prefetch(client, showId)
    const tapTick = performance.now()
    const session = watch(client, showId, { element: video, prefetched })
    const delaysMs: number[] = []
    const clickToFrameMs = await new Promise<number>((resolve, reject) => {
      session.on('ended', ({ reason }) => reject(new Error(reason)))
      const look = () => {
        const code = readClock(video, context)
        const delayMs = code === null ? Number.NaN : nowMs() - code
        if (delayMs >= 0 && delayMs < PLAUSIBLE_MS) {
          resolve(performance.now() - tapTick)
          delaysMs.push(delayMs)
        }
        video.requestVideoFrameCallback(look)
      }
      video.requestVideoFrameCallback(look)
    })
    await new Promise((resolve) => setTimeout(resolve, watchMs))
    const stats = await session.getStats()
    session.close()
    return { clickToFrameMs, delaysMs, stats }
  } finally {
    video.remove()
    client.close()
  }
}

export const bench = { goLive, joinOnce, sendingStats }
Object.assign(globalThis, { bench })
