import { type BroadcastSession, broadcast } from '@livelot/client/media'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useSession } from '../../data/client.tsx'
import { sentenceOf } from '../../data/sentences.ts'
import type { BroadcastState } from './studio-model.ts'
import type { DeskTracks } from './use-camera-desk.ts'

type Broadcast = { state: BroadcastState; goLive: () => void; stop: () => void }

/** Brings the desk's tracks to the viewers, and each later choice of another device too. */
export function useBroadcast(showId: string, isOpen: boolean, tracks: DeskTracks): Broadcast {
  const { client } = useSession()
  const [state, setState] = useState<BroadcastState>({ phase: 'off' })
  const session = useRef<BroadcastSession | null>(null)
  const stopping = useRef<AbortController | null>(null)
  const latest = useRef({ tracks, isOpen })
  latest.current = { tracks, isOpen }

  const stop = useCallback(() => {
    stopping.current?.abort()
    session.current?.stop()
    session.current = null
    setState({ phase: 'off' })
  }, [])

  const goLive = useCallback(async () => {
    const { picture, sound, source } = latest.current.tracks
    if (!picture) return
    stopping.current?.abort()
    const abort = new AbortController()
    stopping.current = abort
    setState({ phase: 'starting' })
    try {
      if (!latest.current.isOpen) await client.shows.start({ showId })
      const opened = await broadcast(client, showId, {
        [source]: picture,
        ...(sound && { microphone: sound }),
        signal: abort.signal,
      })
      session.current = opened
      const sinceMs = client.clock.now()
      const tell = () => setState((now) => stateOf(opened, now, sinceMs))
      opened.on('state', tell)
      tell()
    } catch (error) {
      if (!abort.signal.aborted) setState({ phase: 'failed', sentence: sentenceOf(error) })
    }
  }, [client, showId])

  useEffect(() => {
    const live = session.current
    if (!live || !tracks.picture) return
    const other = tracks.source === 'screen' ? 'camera' : 'screen'
    const swap = async () => {
      await live.setTrack(tracks.source, tracks.picture)
      if (live.tracks.has(other)) await live.setTrack(other, null)
      await live.setTrack('microphone', tracks.sound)
    }
    swap().catch((error: unknown) => setState({ phase: 'failed', sentence: sentenceOf(error) }))
  }, [tracks])

  useEffect(() => {
    if (state.phase !== 'live' && state.phase !== 'reconnecting') return
    const askFirst = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', askFirst)
    return () => window.removeEventListener('beforeunload', askFirst)
  }, [state.phase])

  useEffect(() => stop, [stop])

  return { state, goLive: () => void goLive(), stop }
}

function stateOf(session: BroadcastSession, before: BroadcastState, sinceMs: number): BroadcastState {
  switch (session.state) {
    case 'connecting':
      return { phase: 'starting' }
    case 'live':
      return { phase: 'live', sinceMs: before.phase === 'live' ? before.sinceMs : sinceMs }
    case 'reconnecting':
      return { phase: 'reconnecting', detail: 'Reconnecting — viewers see the last picture' }
    case 'failed':
      return { phase: 'failed', sentence: session.error ? sentenceOf(session.error) : 'The broadcast broke off.' }
    case 'ended':
      return { phase: 'off' }
  }
}
