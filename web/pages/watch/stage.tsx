import { ChevronLeft, Eye, Heart, Maximize, Share2, Volume2, VolumeX } from 'lucide-react'
import { type RefObject, useCallback, useRef, useState } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../../parts/avatar.tsx'
import { Badge, LiveBadge } from '../../parts/badge.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { classNames } from '../../parts/class-names.ts'
import { formatViewers, formatWhen } from '../../parts/figures.ts'
import { HeartBurst } from '../../parts/heart-burst.tsx'
import { useToast } from '../../parts/toast.tsx'
import type { RoomView, VideoState } from './room-view.ts'
import { StageMessage } from './stage-message.tsx'
import './stage.css'

type StageProps = { room: RoomView; video: VideoState; attachVideo: (element: HTMLVideoElement | null) => void }

export function Stage({ room, video, attachVideo }: StageProps) {
  const { show } = room
  const stage = useRef<HTMLElement>(null)
  const element = useRef<HTMLVideoElement | null>(null)
  const [muted, setMuted] = useState(false)
  const [upright, setUpright] = useState(false)
  const showsPicture = video.phase === 'playing' || video.phase === 'reconnecting'

  const attach = useCallback(
    (next: HTMLVideoElement | null) => {
      element.current = next
      attachVideo(next)
    },
    [attachVideo],
  )

  const toggleSound = () => {
    const next = element.current
    if (!next) return
    next.muted = !next.muted
    // Browsers refuse to start sound without a tap; this is one, so playing again is allowed.
    next.play().catch(() => {
      next.muted = true
    })
  }

  return (
    <section ref={stage} className="stage" aria-label="Live video" data-video={video.phase}>
      <img className="stage-cover" src={show.coverUrl} alt="" />
      {/* biome-ignore lint/a11y/useMediaCaption: live speech has no captions to give; the chat and the lot tell the rest. */}
      <video
        ref={attach}
        className={classNames('stage-video', upright && 'stage-upright', !showsPicture && 'stage-dark')}
        autoPlay
        playsInline
        onVolumeChange={(event) => setMuted(event.currentTarget.muted)}
        aria-label={`${show.creator.displayName}, live`}
        onResize={(event) => setUpright(event.currentTarget.videoHeight > event.currentTarget.videoWidth)}
      />
      <StageHead room={room} />
      <StageMessage room={room} video={video} />
      {muted && video.phase === 'playing' && (
        <Button className="stage-unmute" size="s" icon={<VolumeX aria-hidden="true" />} onClick={toggleSound}>
          Turn the sound on
        </Button>
      )}
      <div className="stage-tools">
        {video.phase === 'playing' && !muted && (
          <IconButton label="Mute" tone="glass" onClick={toggleSound}>
            <Volume2 aria-hidden="true" />
          </IconButton>
        )}
        <ShareButton title={show.title} />
        <FullScreenButton stage={stage} />
      </div>
      <HeartBurst heartCount={room.heartCount} />
    </section>
  )
}

function StageHead({ room }: { room: RoomView }) {
  const { show } = room
  return (
    <header className="stage-head">
      <Link to="/" className="stage-back" aria-label="Back to all shows">
        <ChevronLeft aria-hidden="true" />
      </Link>
      <Link to={`/creators/${show.creator.handle}`} className="stage-host">
        <Avatar name={show.creator.displayName} pictureUrl={show.creator.pictureUrl} ring={show.state === 'live'} />
        <span className="stage-names">
          <span className="stage-name">{show.creator.displayName}</span>
          <h1 className="stage-title">{show.title}</h1>
        </span>
      </Link>
      <div className="stage-badges">
        {show.state === 'live' && <LiveBadge />}
        {show.state === 'scheduled' && <Badge tone="upcoming">{formatWhen(show.startsAtMs)}</Badge>}
        {show.state === 'ended' && <Badge>Ended</Badge>}
        {show.state === 'live' && (
          <span className="stage-figures figures">
            <Eye aria-hidden="true" />
            <span className="stage-viewers">{formatViewers(room.viewerCount)}</span>
            <span className="visually-hidden"> watching, </span>
            <Heart aria-hidden="true" />
            <span>{formatViewers(room.heartCount)}</span>
            <span className="visually-hidden"> hearts</span>
          </span>
        )}
      </div>
    </header>
  )
}

function FullScreenButton({ stage }: { stage: RefObject<HTMLElement | null> }) {
  if (!document.fullscreenEnabled) return null
  const toggle = () => {
    const change = document.fullscreenElement ? document.exitFullscreen() : stage.current?.requestFullscreen()
    // A browser that refuses leaves the page as it is, which is seen.
    change?.catch(() => undefined)
  }
  return (
    <IconButton label="Full screen" tone="glass" className="stage-full" onClick={toggle}>
      <Maximize aria-hidden="true" />
    </IconButton>
  )
}

function ShareButton({ title }: { title: string }) {
  const toast = useToast()
  const share = async () => {
    try {
      if (navigator.share) await navigator.share({ title, url: window.location.href })
      else {
        await navigator.clipboard.writeText(window.location.href)
        toast('Link copied')
      }
    } catch (problem) {
      // Closing the share sheet is a choice and not a failure.
      if (!(problem instanceof DOMException && problem.name === 'AbortError'))
        toast('The link was not copied', 'problem')
    }
  }
  return (
    <IconButton label="Share" tone="glass" onClick={share}>
      <Share2 aria-hidden="true" />
    </IconButton>
  )
}
