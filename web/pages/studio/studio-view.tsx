import type { Lot, ProductSummary } from '@livelot/client/contracts'
import { useRef, useState } from 'react'
import { CouponDesk } from '../../coupons/coupon-desk.tsx'
import { GiveawayDesk } from '../../giveaways/giveaway-desk.tsx'
import { ConnectionBanner } from '../../parts/connection-banner.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { BlockPanel } from './auction/block-panel.tsx'
import { blockOf } from './auction/block-state.ts'
import { LotEditor } from './auction/lot-editor.tsx'
import { LotsDesk } from './auction/lots-desk.tsx'
import { PaddlesDesk } from './auction/paddles-desk.tsx'
import { ResultsDesk } from './auction/results-desk.tsx'
import { CameraPanel } from './camera-panel.tsx'
import { ChatDesk } from './chat-desk.tsx'
import { SaleDesk } from './sale-desk.tsx'
import { SalesBoardPanel } from './sales-board-panel.tsx'
import { SectionBar, type StudioSection } from './section-bar.tsx'
import { ShelfDesk } from './shelf-desk.tsx'
import { StudioHead } from './studio-head.tsx'
import type { StudioModel } from './studio-model.ts'
import './studio.css'
import './studio-phone.css'

type DeskTab = 'lots' | 'shelf' | 'sale' | 'giveaway' | 'coupon' | 'results'
type PeopleTab = 'chat' | 'bidders'

/** The block in the middle, what may be sold below it, camera and figures on one side, people on the other. */
export function StudioView({ model }: { model: StudioModel }) {
  const [section, setSection] = useState<StudioSection>('camera')
  const [tab, setTab] = useState<DeskTab>('lots')
  const [chosenLotId, setChosenLotId] = useState<string | null>(null)
  const [editing, setEditing] = useState<Lot | null>(null)
  const page = useRef<HTMLDivElement>(null)
  const { room, auction } = model
  const prepare = () => {
    setTab('lots')
    setSection('desk')
    // Not before the tab is in sight.
    requestAnimationFrame(() => page.current?.querySelector<HTMLInputElement>('.lot-composer input')?.focus())
  }
  return (
    <div ref={page} className="studio" data-section={section}>
      <ConnectionBanner state={room.connection} />
      <StudioHead model={model} />
      <div className="studio-block">
        <BlockPanel
          desk={auction}
          chosenLotId={chosenLotId}
          onNext={setChosenLotId}
          onPrepare={prepare}
          onEdit={setEditing}
        />
      </div>
      <div className="studio-side">
        <div className="studio-camera">
          <CameraPanel model={model} />
        </div>
        <section className="studio-board panel" aria-labelledby="studio-board">
          <h2 id="studio-board" className="panel-title">
            Sales
          </h2>
          <SalesBoardPanel board={model.board} />
        </section>
      </div>
      <DeskPanel
        model={model}
        tab={tab}
        onTab={setTab}
        chosenLotId={chosenLotId}
        onNext={setChosenLotId}
        onEdit={setEditing}
      />
      <PeoplePanel model={model} />
      <SectionBar value={section} onChange={setSection} />
      <LotEditor lot={editing} onChange={auction.actions.change} onClose={() => setEditing(null)} />
    </div>
  )
}

type DeskPanelProps = {
  model: StudioModel
  tab: DeskTab
  onTab: (tab: DeskTab) => void
  chosenLotId: string | null
  onNext: (lotId: string | null) => void
  onEdit: (lot: Lot) => void
}

function DeskPanel({ model, tab, onTab, chosenLotId, onNext, onEdit }: DeskPanelProps) {
  const [saleProductId, setSaleProductId] = useState<string | null>(null)
  const { room, auction, variantsOf } = model
  const lots = auction.lots.status === 'ready' ? auction.lots.data : []
  const { next } = blockOf({ lots, auctions: auction.auctions, chosenLotId })
  const openSales = room.sales.filter((sale) => sale.state !== 'closed').length
  const startSaleOf = (productId: string) => {
    setSaleProductId(productId)
    onTab('sale')
  }
  return (
    <section className="studio-desk panel" aria-label="Lots, products and sales">
      <Tabs
        label="Desk"
        value={tab}
        onChange={onTab}
        tabs={[
          {
            value: 'lots',
            label: 'Lots',
            count: lots.filter((lot) => lot.state === 'prepared').length || undefined,
            panel: (
              <LotsDesk
                desk={auction}
                products={shelfFirst(model)}
                variantsOf={variantsOf}
                nextLotId={next?.lotId ?? null}
                onNext={onNext}
                onEdit={onEdit}
              />
            ),
          },
          {
            value: 'shelf',
            label: 'Shelf',
            count: room.shelf.length,
            panel: <ShelfDesk model={model} onSale={startSaleOf} />,
          },
          {
            value: 'sale',
            label: 'Flash sale',
            count: openSales || undefined,
            panel: <SaleDesk model={model} productId={saleProductId} onProduct={setSaleProductId} />,
          },
          {
            value: 'giveaway',
            label: 'Giveaway',
            panel: <GiveawayDesk room={room} variantsOf={variantsOf} />,
          },
          {
            value: 'coupon',
            label: 'Coupons',
            panel: <CouponDesk show={room.show} currency={room.shelf[0]?.price.currency ?? 'USD'} />,
          },
          {
            value: 'results',
            label: 'Results',
            count: auction.results.length || undefined,
            panel: <ResultsDesk desk={auction} onRelist={onNext} />,
          },
        ]}
      />
    </section>
  )
}

function PeoplePanel({ model }: { model: StudioModel }) {
  const [tab, setTab] = useState<PeopleTab>('chat')
  const { auction } = model
  const bidders = auction.paddles.status === 'ready' ? auction.paddles.data.length : 0
  return (
    <section className="studio-people panel" aria-label="Chat and bidders">
      <Tabs
        label="People"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'chat', label: 'Chat', panel: <ChatDesk model={model} /> },
          {
            value: 'bidders',
            label: 'Bidders',
            count: bidders || undefined,
            panel: <PaddlesDesk desk={auction} />,
          },
        ]}
      />
    </section>
  )
}

/** What is shown in this show is what is most likely auctioned in it. */
function shelfFirst({ products, room }: StudioModel): readonly ProductSummary[] {
  if (products.status !== 'ready') return []
  const onShelf = new Set<string>(room.shelf.map((item) => item.productId))
  return [...products.data].sort((one, two) => Number(onShelf.has(two.productId)) - Number(onShelf.has(one.productId)))
}
