import type { Auction } from '@livelot/client/contracts'
import { useEffect, useState } from 'react'
import { formatRemaining, useServerNow } from '../parts/clock.tsx'
import { nextDropAtMs } from './bidding.ts'

/** From here on a counter shows tenths. */
const FINE_MS = 3_000
const LAST_MS = 10_000

export type TimeLook = 'calm' | 'last' | 'final' | 'over'

export type AuctionTime = {
  nowMs: number
  /** Until the end, or until the next step of a falling price. */
  leftMs: number
  look: TimeLook
}

/**
 * The server's time in an auction: renewed with each whole second, and with each tenth in the last three. After the end
 * it stands still, as what comes then is told by the server.
 */
export function useAuctionTime(auction: Auction): AuctionTime {
  const now = useServerNow()
  const [nowMs, setNowMs] = useState(now)
  const { state, endsAtMs } = auction.figures
  const dropAtMs = nextDropAtMs(auction, nowMs)
  const untilMs = state === 'closed' ? null : (dropAtMs ?? endsAtMs)
  // A step of a falling price is no end: it is counted in whole seconds and without alarm.
  const isFine = dropAtMs === null

  useEffect(() => {
    if (untilMs === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const tick = () => {
      const atMs = now()
      setNowMs(atMs)
      const leftMs = untilMs - atMs
      if (leftMs > 0) timer = setTimeout(tick, (leftMs % (isFine && leftMs <= FINE_MS ? 100 : 1_000)) + 4)
    }
    tick()
    return () => clearTimeout(timer)
  }, [untilMs, isFine, now])

  const leftMs = untilMs === null ? 0 : Math.max(0, untilMs - nowMs)
  return { nowMs, leftMs, look: isFine ? timeLook(leftMs) : 'calm' }
}

export function timeLook(leftMs: number): TimeLook {
  if (leftMs <= 0) return 'over'
  if (leftMs <= FINE_MS) return 'final'
  return leftMs <= LAST_MS ? 'last' : 'calm'
}

/** "1:24", "0:09", and "2.4" at the end. Rounded up, so that it reads zero only when the time is over. */
export function formatTimeLeft({ leftMs, look }: AuctionTime): string {
  return look === 'final' ? (Math.ceil(leftMs / 100) / 10).toFixed(1) : formatRemaining(leftMs)
}
