import { useEffect, useRef } from 'react'

/** Shows that the microphone hears something, without a React render for each reading. */
export function LevelMeter({ readLevel, active }: { readLevel: () => number; active: boolean }) {
  const bar = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const element = bar.current
    if (!element) return
    if (!active) {
      element.style.scale = '0 1'
      return
    }
    let frame = 0
    const draw = () => {
      element.style.scale = `${Math.min(1, readLevel()).toFixed(3)} 1`
      frame = requestAnimationFrame(draw)
    }
    frame = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(frame)
  }, [readLevel, active])
  return (
    <div className="level" aria-hidden="true">
      <span ref={bar} className="level-bar" />
    </div>
  )
}
