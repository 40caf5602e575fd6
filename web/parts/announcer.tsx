import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react'

type Announce = (sentence: string, urgency?: 'polite' | 'assertive') => void

const AnnouncerContext = createContext<Announce>(() => undefined)

/** One sentence at a time is read; a rush of events must not talk over the stream for minutes. */
const QUIET_MS = 1200

/** Holds the two live regions of the page. Everything that changes under a screen reader's feet is told through them. */
export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const [polite, setPolite] = useState('')
  const [assertive, setAssertive] = useState('')
  const waiting = useRef<string | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const announce = useCallback<Announce>((sentence, urgency = 'polite') => {
    if (urgency === 'assertive') {
      setAssertive(sentence)
      return
    }
    if (timer.current !== undefined) {
      waiting.current = sentence
      return
    }
    setPolite(sentence)
    const release = () => {
      timer.current = undefined
      const next = waiting.current
      waiting.current = null
      if (next === null) return
      setPolite(next)
      timer.current = setTimeout(release, QUIET_MS)
    }
    timer.current = setTimeout(release, QUIET_MS)
  }, [])

  return (
    <AnnouncerContext value={announce}>
      {children}
      <div className="visually-hidden" aria-live="polite">
        {polite}
      </div>
      <div className="visually-hidden" aria-live="assertive">
        {assertive}
      </div>
    </AnnouncerContext>
  )
}

export function useAnnounce(): Announce {
  return useContext(AnnouncerContext)
}
