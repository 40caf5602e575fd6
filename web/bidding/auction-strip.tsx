import type { AuctionView } from '@livelot/client'
import type { Auction } from '@livelot/client/contracts'
import { Gavel } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import './auction-strip.css'
import { type AuctionTime, formatTimeLeft } from './use-server-time.ts'

type AuctionStripProps = {
  auction: AuctionView
  time: AuctionTime
  /** It was won, and went on because it was not paid, or the sale was called off. */
  isTakenBack: boolean
}

/** Head of the ticket: which lot, by which rule it ends, and the time that is left by the server's clock. */
export function AuctionStrip({ auction, time, isTakenBack }: AuctionStripProps) {
  const { figures, terms, lotNumber } = auction
  const running = figures.state === 'running'
  return (
    <header className="auction-strip" data-time={running ? time.look : 'over'}>
      <span className="auction-lot">
        <Gavel aria-hidden="true" />
        Lot <span className="figures">{lotNumber}</span>
      </span>
      {running && <RuleChip auction={auction} />}
      {running && terms.type === 'english' && terms.closing.kind === 'soft' && (
        <AddedTime endsAtMs={figures.endsAtMs} seconds={terms.closing.extensionSeconds} />
      )}
      {running ? (
        <TimeLeft isDutch={terms.type === 'dutch'} time={time} />
      ) : (
        <Result auction={auction} isTakenBack={isTakenBack} />
      )}
    </header>
  )
}

function Result({ auction, isTakenBack }: { auction: AuctionView; isTakenBack: boolean }) {
  const { figures, own } = auction
  if (isTakenBack) return <span className="auction-over">Not yours any more</span>
  const words = own.standing === 'won' ? 'Sold to you' : figures.outcome === 'unsold' ? 'Not sold' : 'Sold'
  return <span className="auction-over">{words}</span>
}

function RuleChip({ auction: { terms, figures } }: { auction: Auction }) {
  if (terms.type === 'dutch') return <span className="auction-chip">Falling price</span>
  if (terms.closing.kind === 'sudden-death') return <span className="auction-chip">Sudden death</span>
  return figures.extensions > 0 ? <span className="auction-chip">Overtime</span> : null
}

function TimeLeft({ isDutch, time }: { isDutch: boolean; time: AuctionTime }) {
  if (time.look === 'over') return <span className="auction-over">Closing…</span>
  return (
    <span className="auction-time">
      <span className="auction-time-label">{isDutch ? 'Next step in ' : 'Ends in '}</span>
      <span className="auction-time-left figures" role="timer">
        {formatTimeLeft(time)}
      </span>
    </span>
  )
}

/** The marking of added time stays for so long. */
const ADDED_SHOWN_MS = 2_500

/** Says that a late bid has moved the end, at the moment it happens. */
function AddedTime({ endsAtMs, seconds }: { endsAtMs: number; seconds: number }) {
  const before = useRef(endsAtMs)
  const [moves, setMoves] = useState(0)
  useEffect(() => {
    const moved = endsAtMs > before.current
    before.current = endsAtMs
    if (moved) setMoves((count) => count + 1)
  }, [endsAtMs])
  useEffect(() => {
    if (moves === 0) return
    const timer = setTimeout(() => setMoves(0), ADDED_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [moves])
  if (moves === 0) return null
  return (
    <span key={moves} className="auction-added figures">
      +{seconds} s
    </span>
  )
}
