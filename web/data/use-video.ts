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

/** A host whose line breaks is back within this time or really gone; before that, "camera off" would be a flicker. */
const GONE_AFTER_MS = 2_000

type Told = { state: WatchState; sentence: string; hasPlayed: boolean }

/** Plays the show's video on the attached element while it is live, and says how that goes. */
export function useVideo(client: Client, showId: string, live: boolean) {
  const [element, attach] = useState<HTMLVideoElement | null>(null)
  const [told, setTold] = useState<Told>(newTold)
  const [attempt, setAttempt] = useState(0)
  const [session, setSession] = useState<WatchSession | null>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a new session on the same element.
  useEffect(() => {
    if (!element || !live) return
    const session: WatchSession = watch(client, showId, { element })
    setSession(session)
    setTold(newTold)
    let goneTimer: ReturnType<typeof setTimeout> | undefined
    session.on('state', (state) => {
      clearTimeout(goneTimer)
      setTold((before) => ({ ...before, state, hasPlayed: before.hasPlayed || state === 'playing' }))
      if (state === 'waiting') {
        goneTimer = setTimeout(() => setTold((before) => ({ ...before, hasPlayed: false })), GONE_AFTER_MS)
      }
    })
    session.on('error', (error) => setTold((before) => ({ ...before, sentence: sentenceOf(error) })))
    return () => {
      clearTimeout(goneTimer)
      session.close()
    }
  }, [client, showId, live, element, attempt])

  const retry = useCallback(() => setAttempt((before) => before + 1), [])
  return { attach, session: live ? session : null, video: live ? videoOf(told, retry) : ({ phase: 'off' } as const) }
}

const newTold: Told = { state: 'joining', sentence: '', hasPlayed: false }

function videoOf({ state, sentence, hasPlayed }: Told, retry: () => void): VideoState {
  switch (state) {
    case 'joining':
      return { phase: 'connecting' }
    case 'waiting':
      return hasPlayed ? { phase: 'reconnecting', detail: 'The picture is coming back…' } : { phase: 'off' }
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
