import { Eye, Heart, Square } from 'lucide-react'
import { useState } from 'react'
import { Badge, LiveBadge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { ConnectionBanner } from '../../parts/connection-banner.tsx'
import { formatViewers, formatWhen } from '../../parts/figures.ts'
import { Sheet } from '../../parts/sheet.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { CameraPanel } from './camera-panel.tsx'
import { ChatDesk } from './chat-desk.tsx'
import { OnAirClock } from './on-air-clock.tsx'
import { SaleDesk } from './sale-desk.tsx'
import { SalesBoardPanel } from './sales-board-panel.tsx'
import { ShelfDesk } from './shelf-desk.tsx'
import type { StudioModel } from './studio-model.ts'
import './studio.css'

type DeskTab = 'shelf' | 'sale'

export function StudioView({ model }: { model: StudioModel }) {
  const [tab, setTab] = useState<DeskTab>('shelf')
  const [saleProductId, setSaleProductId] = useState<string | null>(null)
  const { room } = model
  const running = room.sales.filter((sale) => sale.state !== 'closed').length
  return (
    <div className="studio">
      <ConnectionBanner state={room.connection} />
      <StudioHead model={model} />
      <div className="studio-camera">
        <CameraPanel model={model} />
      </div>
      <section className="studio-desk panel" aria-label="Products and sales">
        <Tabs
          label="Desk"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              value: 'shelf',
              label: 'Shelf',
              count: room.shelf.length,
              panel: (
                <ShelfDesk
                  model={model}
                  onSale={(productId) => {
                    setSaleProductId(productId)
                    setTab('sale')
                  }}
                />
              ),
            },
            {
              value: 'sale',
              label: 'Flash sale',
              count: running || undefined,
              panel: <SaleDesk model={model} productId={saleProductId} onProduct={setSaleProductId} />,
            },
          ]}
        />
      </section>
      <section className="studio-board panel" aria-labelledby="studio-board">
        <h2 id="studio-board" className="panel-title">
          Sales
        </h2>
        <SalesBoardPanel board={model.board} />
      </section>
      <section className="studio-chat panel" aria-label="Chat">
        <ChatDesk model={model} />
      </section>
    </div>
  )
}

function StudioHead({ model }: { model: StudioModel }) {
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
          The room closes for {formatViewers(room.viewerCount)} viewers and running flash sales end. Orders being paid
          are carried through. A show that has ended cannot be opened again.
        </p>
      </Sheet>
    </header>
  )
}
