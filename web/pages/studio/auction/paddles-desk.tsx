import type { PaddleHolder } from '@livelot/client/contracts'
import { Ban, Users } from 'lucide-react'
import { useState } from 'react'
import { Avatar } from '../../../parts/avatar.tsx'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../../parts/states.tsx'
import { useToast } from '../../../parts/toast.tsx'
import type { AuctionDesk } from './auction-model.ts'
import './paddles-desk.css'

/** From so many on, looking for one is quicker than scrolling to it. */
const SEARCH_FROM = 8

/** Who bids in this show, leaders first. A muted bidder's standing bids go on standing. */
export function PaddlesDesk({ desk }: { desk: AuctionDesk }) {
  const [words, setWords] = useState('')
  const { paddles } = desk
  if (paddles.status === 'failed') return <ErrorState message={paddles.message} onRetry={paddles.retry} />
  if (paddles.status === 'loading')
    return (
      <Loading label="Loading bidders" className="paddles">
        <Skeleton />
        <Skeleton />
      </Loading>
    )
  if (paddles.data.length === 0)
    return (
      <div className="paddles">
        <EmptyState icon={<Users aria-hidden="true" />} title="No bidders yet">
          Whoever enters the bidding gets a paddle and stands here.
        </EmptyState>
      </div>
    )
  const leading = new Set(
    desk.auctions.flatMap(({ figures }) =>
      figures.state === 'running' && figures.leader ? [figures.leader.number] : [],
    ),
  )
  const wanted = words.trim().toLowerCase()
  const shown = paddles.data
    .filter(({ paddle }) => String(paddle.number) === wanted || paddle.name.toLowerCase().includes(wanted))
    .sort((one, two) => rankOf(one, leading) - rankOf(two, leading) || one.paddle.number - two.paddle.number)
  return (
    <div className="paddles">
      {paddles.data.length >= SEARCH_FROM && (
        <TextField
          label="Find a bidder"
          labelHidden
          type="search"
          placeholder="Name or paddle number"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <ul className="paddles-list" aria-label="Bidders">
        {shown.map((holder) => (
          <PaddleRow
            key={holder.paddle.number}
            holder={holder}
            isLeading={leading.has(holder.paddle.number)}
            onBar={desk.isRehearsal ? null : desk.actions.bar}
          />
        ))}
      </ul>
      {shown.length === 0 && <p className="paddles-none">No bidder of that name or number.</p>}
    </div>
  )
}

const rankOf = ({ paddle, isBarred }: PaddleHolder, leading: ReadonlySet<number>) =>
  leading.has(paddle.number) ? 0 : isBarred ? 2 : 1

type RowProps = { holder: PaddleHolder; isLeading: boolean; onBar: AuctionDesk['actions']['bar'] | null }

function PaddleRow({ holder, isLeading, onBar }: RowProps) {
  const toast = useToast()
  const [busy, setBusy] = useState(false)
  const { paddle, isBarred } = holder
  const toggle = async () => {
    if (!onBar) return
    setBusy(true)
    const problem = await onBar(paddle.number, !isBarred)
    setBusy(false)
    if (problem) toast(problem, 'problem')
    else toast(isBarred ? `${paddle.name} may bid again` : `${paddle.name} may not bid in this show any more`)
  }
  return (
    <li className="paddle-row" data-barred={isBarred || undefined}>
      <span className="running-paddle figures">
        <span className="visually-hidden">Paddle </span>
        {paddle.number}
      </span>
      <Avatar name={paddle.name} size="s" />
      <span className="paddle-name">{paddle.name}</span>
      {isLeading && <Badge tone="money">Leads</Badge>}
      {isBarred && <Badge tone="warning">Muted</Badge>}
      {onBar && (
        <Button
          size="s"
          tone={isBarred ? 'outline' : 'ghost'}
          icon={isBarred ? undefined : <Ban aria-hidden="true" />}
          busy={busy}
          aria-label={isBarred ? `Let ${paddle.name} bid again` : `Mute bidder ${paddle.name}`}
          onClick={toggle}
        >
          {isBarred ? 'Lift' : 'Mute'}
        </Button>
      )}
    </li>
  )
}
