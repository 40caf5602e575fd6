import type { WatchSession } from '@livelot/client/media'
import { useEffect, useState } from 'react'

const LOOK_MS = 4_000

/**
 * How long the picture takes from the platform to this screen, as far as the browser tells: the buffer in which frames
 * wait, and half of a round trip. The way from the camera to the platform comes on top, so it is a least. Null: not known.
 */
export function useVideoDelay(session: WatchSession | null): number | null {
  const [delayMs, setDelayMs] = useState<number | null>(null)
  useEffect(() => {
    setDelayMs(null)
    if (!session) return
    let isOver = false
    const look = async () => {
      const { streams } = await session.getStats()
      const picture = streams.find(({ kind }) => kind === 'video')
      const known = picture && picture.jitterBufferMs !== null && picture.roundTripMs !== null
      if (!isOver) setDelayMs(known ? (picture.jitterBufferMs ?? 0) + (picture.roundTripMs ?? 0) / 2 : null)
    }
    // Without an answer it stays unknown, which is what is shown.
    const lookQuietly = () => void look().catch(() => setDelayMs(null))
    const timer = setInterval(lookQuietly, LOOK_MS)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [session])
  return delayMs
}
