import { LoaderCircle, RefreshCw } from 'lucide-react'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'
import { formatWhen } from '../../parts/figures.ts'
import type { RoomView, VideoState } from './room-view.ts'

const DAY_MS = 86_400_000

/** What stands in the middle of the stage when there is no picture, or an old one. */
export function StageMessage({ room, video }: { room: RoomView; video: VideoState }) {
  const { show } = room
  if (show.state === 'scheduled') return <BeforeTheShow room={room} />
  if (show.state === 'ended')
    return (
      <div className="stage-message" role="status">
        <p className="stage-message-title">That was the show</p>
        <p>Thank you for watching. Orders you placed are safe and under Orders.</p>
        <ButtonLink to="/">See what else is on</ButtonLink>
      </div>
    )
  switch (video.phase) {
    case 'playing':
      return null
    case 'off':
      return (
        <div className="stage-message" role="status">
          <p className="stage-message-title">The host’s camera is off</p>
          <p>Stay here: the picture comes by itself.</p>
        </div>
      )
    case 'connecting':
      return (
        <div className="stage-message" role="status">
          <LoaderCircle className="stage-turning" aria-hidden="true" />
          <p>Tuning in…</p>
        </div>
      )
    case 'reconnecting':
      return (
        <div className="stage-message stage-message-small" role="status">
          <LoaderCircle className="stage-turning" aria-hidden="true" />
          <p>{video.detail}</p>
        </div>
      )
    case 'failed':
      return (
        <div className="stage-message" role="alert">
          <p className="stage-message-title">No picture</p>
          <p>{video.sentence} Chat and buying still work.</p>
          <Button icon={<RefreshCw aria-hidden="true" />} onClick={video.retry}>
            Try again
          </Button>
        </div>
      )
  }
}

function BeforeTheShow({ room }: { room: RoomView }) {
  const { show } = room
  const soon = show.startsAtMs - Date.now() < DAY_MS
  return (
    <div className="stage-message">
      <p className="stage-message-title">{show.title}</p>
      <p>{show.teaser}</p>
      <p className="stage-when">{formatWhen(show.startsAtMs)}</p>
      {soon && <Countdown endsAtMs={show.startsAtMs} label="Starts in" size="xl" />}
    </div>
  )
}
