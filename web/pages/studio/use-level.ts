import { useCallback, useEffect, useRef } from 'react'

/** Speech stands around -30 dB; this makes it fill most of the bar without a shout filling all of it. */
const GAIN = 4.5

/** How loud the track is now, 0 to 1. Reading costs nothing while nobody reads. */
export function useLevel(track: MediaStreamTrack | null): () => number {
  const analyser = useRef<AnalyserNode | null>(null)
  const samples = useRef(new Float32Array(1024))

  useEffect(() => {
    if (!track) return
    const context = new AudioContext()
    const node = context.createAnalyser()
    node.fftSize = samples.current.length
    context.createMediaStreamSource(new MediaStream([track])).connect(node)
    analyser.current = node
    return () => {
      analyser.current = null
      context.close().catch(() => undefined)
    }
  }, [track])

  return useCallback(() => {
    const node = analyser.current
    if (!node) return 0
    node.getFloatTimeDomainData(samples.current)
    const power = samples.current.reduce((sum, sample) => sum + sample * sample, 0) / samples.current.length
    return Math.min(1, Math.sqrt(power) * GAIN)
  }, [])
}
