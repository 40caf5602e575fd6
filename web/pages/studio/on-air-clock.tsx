import { useEffect, useState } from 'react'
import { formatRemaining, useServerNow } from '../../parts/clock.tsx'

/** How long the broadcast has been running. */
export function OnAirClock({ sinceMs }: { sinceMs: number }) {
  const now = useServerNow()
  const [elapsed, setElapsed] = useState(() => now() - sinceMs)
  useEffect(() => {
    const timer = setInterval(() => setElapsed(now() - sinceMs), 1000)
    return () => clearInterval(timer)
  }, [now, sinceMs])
  return (
    <span className="studio-clock figures">
      <span className="visually-hidden">On air for </span>
      {formatRemaining(Math.max(0, elapsed))}
    </span>
  )
}
