import type { Lot } from '@livelot/client/contracts'
import { FlaskConical, Gavel } from 'lucide-react'
import { useCallback, useState } from 'react'
import { Button } from '../../../parts/button.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../../parts/states.tsx'
import type { AuctionDesk } from './auction-model.ts'
import { blockOf, paymentOf, startHindrance } from './block-state.ts'
import { BesideRow, LastResult } from './last-result.tsx'
import { NextLot } from './next-lot.tsx'
import { RunningLot } from './running-lot.tsx'
import { useBlockNews } from './use-block-news.ts'
import { useStartKey } from './use-start-key.ts'
import './block.css'

type BlockPanelProps = {
  desk: AuctionDesk
  chosenLotId: string | null
  onNext: (lotId: string | null) => void
  onPrepare: () => void
  onEdit: (lot: Lot) => void
}

/** What is on the block: the lot that runs, how the last one went, and the next with its one button. */
export function BlockPanel({ desk, chosenLotId, onNext, onPrepare, onEdit }: BlockPanelProps) {
  const { lots, auctions, payments, fairness } = desk
  const [starting, setStarting] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const queue = lots.status === 'ready' ? lots.data : []
  const block = blockOf({ lots: queue, auctions, chosenLotId })
  const hindrance = startHindrance(block, desk.showState, desk.isRehearsal)
  const { next } = block
  const lastLot = queue.find((lot) => lot.auctionId === block.last?.auctionId) ?? null
  useBlockNews(auctions)

  const start = useCallback(async () => {
    if (!next || hindrance !== null || starting) return
    setStarting(true)
    const refused = await desk.actions.start(next)
    setStarting(false)
    setProblem(refused)
    if (refused === null) onNext(null)
  }, [desk.actions, hindrance, next, onNext, starting])
  useStartKey(() => void start(), hindrance === null && !starting)

  return (
    <section className="block panel" aria-label="On the block" data-rehearsal={desk.isRehearsal || undefined}>
      {desk.isRehearsal && <RehearsalBar onStop={desk.stopRehearsal} />}
      {lots.status === 'failed' && <ErrorState message={lots.message} onRetry={lots.retry} />}
      {lots.status === 'loading' && (
        <Loading label="Loading lots" className="block-wait">
          <Skeleton shape="title" />
          <Skeleton />
        </Loading>
      )}
      {block.running && (
        <RunningLot
          key={block.running.auctionId}
          auction={block.running}
          reserveMinor={reserveOf(queue, block.running.lotId)}
        />
      )}
      {!block.running && block.last && (
        <LastResult
          auction={block.last}
          payment={paymentOf(lastLot, block.last, payments[block.last.auctionId])}
          lot={lastLot}
          isOver={desk.showState === 'ended'}
          onRelist={onNext}
        />
      )}
      {block.beside.map((auction) => (
        <BesideRow key={auction.auctionId} auction={auction} />
      ))}
      {next && desk.showState !== 'ended' && (
        <NextLot
          lot={next}
          isBeside={block.running !== null}
          hindrance={hindrance}
          problem={problem}
          busy={starting}
          onStart={() => void start()}
          onEdit={desk.isRehearsal ? null : () => onEdit(next)}
        />
      )}
      {lots.status === 'ready' && !next && !block.running && (
        <NothingNext desk={desk} hasRun={block.last !== null} onPrepare={onPrepare} />
      )}
      {desk.rehearse && next && (
        <div className="block-rehearse">
          <Button tone="outline" icon={<FlaskConical aria-hidden="true" />} onClick={desk.rehearse}>
            Rehearse
          </Button>
          <p>Runs this queue with made-up bidders, on this screen only. Nothing is stored, nobody sees it.</p>
        </div>
      )}
      {fairness && fairness.auctions > 0 && !desk.isRehearsal && <FairnessLine fairness={fairness} />}
    </section>
  )
}

function reserveOf(queue: readonly Lot[], lotId: string): number | null {
  const terms = queue.find((lot) => lot.lotId === lotId)?.terms
  return terms?.type === 'english' ? terms.reserveMinor : null
}

function RehearsalBar({ onStop }: { onStop: () => void }) {
  return (
    <div className="block-rehearsal" role="status">
      <FlaskConical aria-hidden="true" />
      <p>
        <strong>Rehearsal.</strong> Made-up bidders, on this screen only.
      </p>
      <Button size="s" tone="outline" onClick={onStop}>
        Stop the rehearsal
      </Button>
    </div>
  )
}

type NothingProps = { desk: AuctionDesk; hasRun: boolean; onPrepare: () => void }

function NothingNext({ desk, hasRun, onPrepare }: NothingProps) {
  if (desk.showState === 'ended') return hasRun ? null : <p className="block-note">No lot ran in this show.</p>
  if (desk.isRehearsal) return <p className="block-note">That was the last lot of the queue.</p>
  if (hasRun)
    return (
      <div className="block-rehearse">
        <Button tone="outline" onClick={onPrepare}>
          Prepare a lot
        </Button>
        <p>The queue is empty.</p>
      </div>
    )
  return (
    <EmptyState
      icon={<Gavel aria-hidden="true" />}
      title="No lots yet"
      action={<Button onClick={onPrepare}>Prepare a lot</Button>}
    >
      Prepare what you will auction. During the show, one key starts the next lot.
    </EmptyState>
  )
}

function FairnessLine({ fairness }: { fairness: NonNullable<AuctionDesk['fairness']> }) {
  const { bidLatencyMs, refusedLate, extensions, lotsInOvertime, unpaid } = fairness
  const facts = [
    bidLatencyMs && ['Bid answered in', `${ms(bidLatencyMs.p50)} (95%: ${ms(bidLatencyMs.p95)})`],
    ['Too late', String(refusedLate)],
    ['Extensions', `${extensions} in ${lotsInOvertime} ${lotsInOvertime === 1 ? 'lot' : 'lots'}`],
    ['Unpaid', String(unpaid)],
  ].filter((fact): fact is [string, string] => fact !== null)
  return (
    <dl className="block-fairness figures" aria-label="Fairness of this show, as viewers see it">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
