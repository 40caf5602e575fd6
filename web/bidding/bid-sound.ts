import { useCallback, useSyncExternalStore } from 'react'

const storageKey = 'livelot.bid-sound'
const listeners = new Set<() => void>()
let isOn = readChoice()

function readChoice(): boolean {
  try {
    return localStorage.getItem(storageKey) === 'on'
  } catch {
    return false
  }
}

function choose(next: boolean): void {
  isOn = next
  try {
    if (next) localStorage.setItem(storageKey, 'on')
    else localStorage.removeItem(storageKey)
  } catch {
    // Storage may be blocked; then the choice lasts for this page.
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let context: AudioContext | null = null

type Tone = 'outbid' | 'won'

const melodies: Record<Tone, readonly number[]> = { outbid: [587, 440], won: [523, 659, 784] }
const NOTE_SECONDS = 0.11

/** Two or three soft notes. A browser that plays no sound yet is left in peace. */
function play(tone: Tone): void {
  try {
    context ??= new AudioContext()
    const { currentTime } = context
    for (const [place, hertz] of melodies[tone].entries()) {
      const note = context.createOscillator()
      const loudness = context.createGain()
      const atSeconds = currentTime + place * NOTE_SECONDS
      note.type = 'triangle'
      note.frequency.value = hertz
      loudness.gain.setValueAtTime(0.16, atSeconds)
      loudness.gain.exponentialRampToValueAtTime(0.001, atSeconds + NOTE_SECONDS * 1.8)
      note.connect(loudness).connect(context.destination)
      note.start(atSeconds)
      note.stop(atSeconds + NOTE_SECONDS * 2)
    }
  } catch {
    // Sound is an extra: what happened stands on the screen as well.
  }
}

const vibrations: Record<Tone, number[]> = { outbid: [70, 50, 70], won: [180] }

/** Felt on a phone, and heard where the person has switched the sound on. */
export function tellByTouch(tone: Tone): void {
  navigator.vibrate?.(vibrations[tone])
  if (isOn) play(tone)
}

export function useBidSound(): [boolean, () => void] {
  const on = useSyncExternalStore(subscribe, () => isOn)
  const toggle = useCallback(() => {
    choose(!isOn)
    // Heard at once, and the tap is what a browser asks for before it plays anything.
    if (isOn) play('outbid')
  }, [])
  return [on, toggle]
}
