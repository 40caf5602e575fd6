import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'

/** The server's time in epoch milliseconds, as the client best knows it. Countdowns never trust the device's clock. */
type ServerNow = () => number

const ClockContext = createContext<ServerNow>(Date.now)

export function ClockProvider({ now, children }: { now: ServerNow; children: ReactNode }) {
  return <ClockContext value={now}>{children}</ClockContext>
}

export function useServerNow(): ServerNow {
  return useContext(ClockContext)
}

const remainingMs = (endsAtMs: number | null, now: ServerNow) => (endsAtMs === null ? 0 : Math.max(0, endsAtMs - now()))

/** Milliseconds until `endsAtMs`, renewed as each whole second passes, so that all counters on a page tick together. */
export function useRemainingMs(endsAtMs: number | null): number {
  const now = useServerNow()
  const [remaining, setRemaining] = useState(() => remainingMs(endsAtMs, now))

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const tick = () => {
      const left = remainingMs(endsAtMs, now)
      setRemaining(left)
      if (left > 0) timer = setTimeout(tick, (left % 1000) + 5)
    }
    tick()
    return () => clearTimeout(timer)
  }, [endsAtMs, now])

  return remaining
}

/** "4:05", or "1:04:05" from an hour on. Rounded up, so that the last second reads 0:01 and not 0:00. */
export function formatRemaining(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'))
  const hours = Math.floor(seconds / 3600)
  return hours > 0 ? `${hours}:${parts.join(':')}` : `${Number(parts[0])}:${parts[1]}`
}
