import { useEffect, useRef } from 'react'
import { useAnnounce } from './announcer.tsx'
import { classNames } from './class-names.ts'
import { formatRemaining, useRemainingMs } from './clock.tsx'
import './countdown.css'

/** Read aloud at these seconds only; a counter that speaks each second cannot be listened to. */
const SPOKEN_SECONDS = [60, 30, 10]

type CountdownProps = {
  endsAtMs: number
  /** What the time runs to, as in "Sale ends". */
  label: string
  labelHidden?: boolean
  /** Runs from full to empty in step, when the whole length is known. */
  totalMs?: number
  size?: 's' | 'm' | 'xl'
  onEnd?: () => void
}

export function Countdown({ endsAtMs, label, labelHidden, totalMs, size = 'm', onEnd }: CountdownProps) {
  const remaining = useRemainingMs(endsAtMs)
  const announce = useAnnounce()
  const seconds = Math.ceil(remaining / 1000)
  const ended = useRef(false)

  useEffect(() => {
    if (SPOKEN_SECONDS.includes(seconds)) announce(`${label} in ${seconds} seconds`)
    if (seconds > 0) ended.current = false
    if (seconds === 0 && !ended.current) {
      ended.current = true
      onEnd?.()
    }
  }, [seconds, label, announce, onEnd])

  const urgent = seconds > 0 && seconds <= 10
  return (
    <span className={classNames('countdown', `countdown-${size}`, urgent && 'countdown-urgent')}>
      <span className={labelHidden ? 'visually-hidden' : 'countdown-label'}>{label} </span>
      <span className="countdown-time figures" role="timer">
        {formatRemaining(remaining)}
      </span>
      {totalMs !== undefined && (
        <progress className="countdown-bar" max={totalMs} value={Math.min(remaining, totalMs)} aria-hidden="true" />
      )}
    </span>
  )
}
