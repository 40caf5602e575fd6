import type { Fairness } from '@livelot/client/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSession } from '../data/client.tsx'
import { loadableOf } from '../data/loadable.ts'
import type { Loadable } from '../parts/loadable.ts'
import { ErrorState, Loading, Skeleton } from '../parts/states.tsx'
import './fairness-panel.css'

type FairnessPanelProps = { showId: string /** Null where the browser does not tell. */; videoDelayMs: number | null }

const REFRESH_MS = 10_000

/** How the auctions of this show went, for everybody to see. Asked for only when somebody looks. */
export function FairnessPanel({ showId, videoDelayMs }: FairnessPanelProps) {
  const { client } = useSession()
  const [open, setOpen] = useState(false)
  const query = useQuery({
    queryKey: ['fairness', showId],
    queryFn: ({ signal }) => client.bidding.fairness({ showId }, { signal }),
    enabled: open,
    refetchInterval: REFRESH_MS,
  })
  return (
    <details className="fairness" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How fair is this?</summary>
      <p className="fairness-delay">
        {videoDelayMs === null
          ? 'How far your picture is behind the camera is not known.'
          : `Your picture is at least ${(videoDelayMs / 1_000).toFixed(1)} s behind the camera.`}{' '}
        Bids do not wait for it: only the platform’s clock counts.
      </p>
      <FairnessFigures fairness={loadableOf(query)} />
    </details>
  )
}

export function FairnessFigures({ fairness }: { fairness: Loadable<Fairness> }) {
  if (fairness.status === 'failed') return <ErrorState message={fairness.message} onRetry={fairness.retry} />
  if (fairness.status === 'loading')
    return (
      <Loading label="Loading the figures" className="fairness-wait">
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  const { auctions, bids, bidLatencyMs, refusedLate, extensions, lotsInOvertime, unpaid } = fairness.data
  if (auctions === 0) return <p className="fairness-none">No lot has run in this show yet.</p>
  const rows: readonly (readonly [string, string])[] = [
    ['Lots', String(auctions)],
    ['Bids decided', String(bids)],
    ['Half of them within', bidLatencyMs ? `${bidLatencyMs.p50.toFixed(0)} ms` : 'no bids yet'],
    ['95 of 100 within', bidLatencyMs ? `${bidLatencyMs.p95.toFixed(0)} ms` : 'no bids yet'],
    ['Came after the hammer', String(refusedLate)],
    ['Ends moved by late bids', String(extensions)],
    ['Lots in overtime', String(lotsInOvertime)],
    ['Wins not paid', String(unpaid)],
  ]
  return (
    <dl className="fairness-figures figures">
      {rows.map(([name, figure]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  )
}
