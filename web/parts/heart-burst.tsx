import { useEffect, useRef } from 'react'
import './heart-burst.css'

/** Tens of thousands of hearts are a number; on the screen a few stand for them. */
const HEARTS_PER_CHANGE_MAX = 4
const HEARTS_ON_SCREEN_MAX = 16
const RISE_MS = 2600

const reducedMotion = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches

function riseOne(into: HTMLElement): void {
  const heart = document.createElement('span')
  heart.className = `heart heart-${Math.floor(Math.random() * 3)}`
  into.append(heart)
  const sway = (Math.random() - 0.5) * 70
  const size = 0.7 + Math.random() * 0.6
  const rise = heart.animate(
    [
      { transform: 'translate(0, 0) scale(0.2)', opacity: 0 },
      { transform: `translate(${sway * 0.4}px, -60px) scale(${size})`, opacity: 1, offset: 0.2 },
      { transform: `translate(${-sway * 0.3}px, -170px) scale(${size})`, opacity: 0.9, offset: 0.6 },
      { transform: `translate(${sway}px, -300px) scale(${size * 0.8})`, opacity: 0 },
    ],
    { duration: RISE_MS, easing: 'cubic-bezier(0.3, 0.6, 0.5, 1)', delay: Math.random() * 250 },
  )
  rise.onfinish = () => heart.remove()
  rise.oncancel = () => heart.remove()
}

/** Lets hearts rise when `heartCount` grows. Purely decorative; the number is shown beside it. */
export function HeartBurst({ heartCount }: { heartCount: number }) {
  const field = useRef<HTMLDivElement>(null)
  const before = useRef(heartCount)

  useEffect(() => {
    const added = heartCount - before.current
    before.current = heartCount
    const element = field.current
    if (!element || added <= 0 || document.hidden || reducedMotion()) return
    const room = HEARTS_ON_SCREEN_MAX - element.childElementCount
    for (let index = 0; index < Math.min(added, HEARTS_PER_CHANGE_MAX, room); index += 1) riseOne(element)
  }, [heartCount])

  return <div ref={field} className="hearts" aria-hidden="true" />
}
