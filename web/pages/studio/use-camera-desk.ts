import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { CameraDesk, Device, PictureSource, PreviewState } from './studio-model.ts'
import { useLevel } from './use-level.ts'

export type DeskTracks = { source: PictureSource; picture: MediaStreamTrack | null; sound: MediaStreamTrack | null }

/** What a sale needs to show: sharp enough for a label, light enough for a home line. */
const cameraWish = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } as const
const screenWish = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 15, max: 30 } } as const

function sentenceOfDevice(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError')
    return 'This page may not use the camera or the microphone. Allow it beside the address, then try again.'
  if (name === 'NotFoundError') return 'No camera or no microphone was found. Connect one, then try again.'
  if (name === 'NotReadableError')
    return 'Another program holds the camera or the microphone. Close it, then try again.'
  if (name === 'OverconstrainedError') return 'The chosen device is gone. Choose another one.'
  return navigator.mediaDevices
    ? 'Camera and microphone could not be opened.'
    : 'Browsers open cameras only on https pages and on this computer itself.'
}

async function openPicture(source: PictureSource, cameraId: string | null): Promise<MediaStreamTrack> {
  const stream =
    source === 'screen'
      ? await navigator.mediaDevices.getDisplayMedia({ video: screenWish })
      : await navigator.mediaDevices.getUserMedia({
          video: { ...cameraWish, ...(cameraId && { deviceId: { exact: cameraId } }) },
        })
  const [track] = stream.getVideoTracks()
  if (!track) throw new DOMException('The stream has no picture.', 'NotFoundError')
  track.contentHint = source === 'screen' ? 'detail' : 'motion'
  return track
}

async function openSound(microphoneId: string | null): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...(microphoneId && { deviceId: { exact: microphoneId } }),
    },
  })
  const [track] = stream.getAudioTracks()
  if (!track) throw new DOMException('The stream has no sound.', 'NotFoundError')
  return track
}

type Wish = { source: PictureSource; cameraId: string | null; microphoneId: string | null }

/** The creator's own devices: choosing, seeing and hearing them before anyone else does. */
export function useCameraDesk(): { desk: CameraDesk; tracks: DeskTracks } {
  const [preview, setPreview] = useState<PreviewState>({ phase: 'idle' })
  const [wish, setWish] = useState<Wish>({ source: 'camera', cameraId: null, microphoneId: null })
  const [tracks, setTracks] = useState<DeskTracks>({ source: 'camera', picture: null, sound: null })
  const [devices, setDevices] = useState<{ cameras: Device[]; microphones: Device[] }>({ cameras: [], microphones: [] })
  const [on, setOn] = useState({ camera: true, microphone: true })
  const attachPreview = usePreviewElement(tracks.picture)
  const open = useRef<DeskTracks>(tracks)
  const readLevel = useLevel(tracks.sound)

  const show = useCallback((next: DeskTracks) => {
    for (const track of [open.current.picture, open.current.sound]) {
      if (track && track !== next.picture && track !== next.sound) track.stop()
    }
    open.current = next
    setTracks(next)
  }, [])

  const start = useCallback(
    async (wanted: Wish, part: 'all' | 'picture' | 'sound') => {
      setWish(wanted)
      if (part === 'all') setPreview({ phase: 'asking' })
      try {
        const before = open.current
        const picture = part === 'sound' ? before.picture : await openPicture(wanted.source, wanted.cameraId)
        const sound = part === 'picture' && before.sound ? before.sound : await openSound(wanted.microphoneId)
        show({ source: wanted.source, picture, sound })
        setOn({ camera: picture?.enabled ?? false, microphone: sound.enabled })
        setPreview({ phase: 'ready' })
        setDevices(await listDevices())
      } catch (error) {
        setPreview(open.current.picture && part !== 'all' ? { phase: 'ready' } : refusedBy(error))
      }
    },
    [show],
  )

  useEffect(() => {
    const { picture } = tracks
    if (!picture) return
    // The browser's own "stop sharing", or a camera that was pulled out.
    const ended = () => setPreview({ phase: 'refused', sentence: 'The picture was stopped. Choose it again to go on.' })
    picture.addEventListener('ended', ended)
    return () => picture.removeEventListener('ended', ended)
  }, [tracks])

  useEffect(() => () => show({ source: 'camera', picture: null, sound: null }), [show])

  const desk = useMemo<CameraDesk>(
    () => ({
      preview,
      source: wish.source,
      ...devices,
      cameraId: wish.source === 'camera' ? (tracks.picture?.getSettings().deviceId ?? wish.cameraId) : wish.cameraId,
      microphoneId: tracks.sound?.getSettings().deviceId ?? wish.microphoneId,
      cameraOn: on.camera,
      microphoneOn: on.microphone,
      readLevel,
      attachPreview,
      open: () => void start(wish, 'all'),
      chooseSource: (source) => void start({ ...wish, source }, tracks.sound ? 'picture' : 'all'),
      chooseCamera: (cameraId) => void start({ ...wish, cameraId }, 'picture'),
      chooseMicrophone: (microphoneId) => void start({ ...wish, microphoneId }, 'sound'),
      toggleCamera: () => setOn((now) => ({ ...now, camera: flip(tracks.picture) })),
      toggleMicrophone: () => setOn((now) => ({ ...now, microphone: flip(tracks.sound) })),
    }),
    [preview, wish, devices, tracks, on, readLevel, attachPreview, start],
  )
  return { desk, tracks }
}

/** Shows the track on whatever element is attached. */
function usePreviewElement(picture: MediaStreamTrack | null): (element: HTMLVideoElement | null) => void {
  const [element, attach] = useState<HTMLVideoElement | null>(null)
  useEffect(() => {
    if (!element) return
    element.srcObject = picture ? new MediaStream([picture]) : null
    // Muted previews may always play; a page that is being left may interrupt it.
    if (picture) element.play().catch(() => undefined)
  }, [element, picture])
  return attach
}

function refusedBy(error: unknown): PreviewState {
  return { phase: 'refused', sentence: sentenceOfDevice(error) }
}

function flip(track: MediaStreamTrack | null): boolean {
  if (!track) return false
  track.enabled = !track.enabled
  return track.enabled
}

async function listDevices(): Promise<{ cameras: Device[]; microphones: Device[] }> {
  const all = await navigator.mediaDevices.enumerateDevices()
  const ofKind = (kind: MediaDeviceKind, word: string) =>
    all
      .filter((device) => device.kind === kind)
      .map((device, place) => ({ deviceId: device.deviceId, label: device.label || `${word} ${place + 1}` }))
  return { cameras: ofKind('videoinput', 'Camera'), microphones: ofKind('audioinput', 'Microphone') }
}
