import { Eye, Heart, Square } from 'lucide-react'
import { useState } from 'react'
import { Badge, LiveBadge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { formatViewers, formatWhen } from '../../parts/figures.ts'
import { Sheet } from '../../parts/sheet.tsx'
import { OnAirClock } from './on-air-clock.tsx'
import type { StudioModel } from './studio-model.ts'

export function StudioHead({ model }: { model: StudioModel }) {
  const { room, broadcast, actions } = model
  const [asking, setAsking] = useState(false)
  const { show } = room
  return (
    <header className="studio-head">
      <div className="studio-title">
        <p>Studio</p>
        <h1>{show.title}</h1>
      </div>
      <div className="studio-status">
        {show.state === 'live' &&
          (broadcast.phase === 'live' ? <LiveBadge label="On air" /> : <LiveBadge label="Room open" />)}
        {show.state === 'scheduled' && <Badge tone="upcoming">{formatWhen(show.startsAtMs)}</Badge>}
        {show.state === 'ended' && <Badge>Ended</Badge>}
        {broadcast.phase === 'live' && <OnAirClock sinceMs={broadcast.sinceMs} />}
        {show.state === 'live' && (
          <span className="studio-figures figures">
            <Eye aria-hidden="true" /> {formatViewers(room.viewerCount)}
            <span className="visually-hidden"> watching, </span>
            <Heart aria-hidden="true" /> {formatViewers(room.heartCount)}
            <span className="visually-hidden"> hearts</span>
          </span>
        )}
        {show.state === 'live' && (
          <Button tone="danger" size="s" icon={<Square aria-hidden="true" />} onClick={() => setAsking(true)}>
            End show
          </Button>
        )}
      </div>
      <Sheet
        open={asking}
        onClose={() => setAsking(false)}
        title="End the show?"
        footer={
          <>
            <Button
              tone="live"
              size="l"
              wide
              onClick={() => {
                setAsking(false)
                actions.endShow()
              }}
            >
              End it for everyone
            </Button>
            <Button tone="ghost" wide onClick={() => setAsking(false)}>
              Go on
            </Button>
          </>
        }
      >
        <p>
          The room closes for {formatViewers(room.viewerCount)} viewers and running auctions and flash sales end. Orders
          being paid are carried through. A show that has ended cannot be opened again.
        </p>
      </Sheet>
    </header>
  )
}
