import type { Client } from '@livelot/client'
import { type WatchSession, type WatchState, watch } from '@livelot/client/media'
import { useCallback, useEffect, useState } from 'react'
import { sentenceOf } from './sentences.ts'

export type VideoState =
  | { phase: 'off' }
  | { phase: 'connecting' }
  | { phase: 'playing' }
  | { phase: 'reconnecting'; detail: string }
  | { phase: 'failed'; sentence: string; retry: () => void }

type Told = { state: WatchState; sentence: string }

/** Plays the show's video on the attached element while it is live, and says how that goes. */
export function useVideo(client: Client, showId: string, live: boolean) {
  const [element, attach] = useState<HTMLVideoElement | null>(null)
  const [told, setTold] = useState<Told>({ state: 'joining', sentence: '' })
  const [attempt, setAttempt] = useState(0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a new session on the same element.
  useEffect(() => {
    if (!element || !live) return
    const session: WatchSession = watch(client, showId, { element })
    setTold({ state: session.state, sentence: '' })
    session.on('state', (state) => setTold((before) => ({ ...before, state })))
    session.on('error', (error) => setTold((before) => ({ ...before, sentence: sentenceOf(error) })))
    return () => session.close()
  }, [client, showId, live, element, attempt])

  const retry = useCallback(() => setAttempt((before) => before + 1), [])
  return { attach, video: live ? videoOf(told, retry) : ({ phase: 'off' } as const) }
}

function videoOf({ state, sentence }: Told, retry: () => void): VideoState {
  switch (state) {
    case 'joining':
      return { phase: 'connecting' }
    case 'waiting':
    case 'ended':
      return { phase: 'off' }
    case 'playing':
      return { phase: 'playing' }
    case 'reconnecting':
      return { phase: 'reconnecting', detail: 'Finding a better way to you…' }
    case 'failed':
      return { phase: 'failed', sentence, retry }
  }
}
