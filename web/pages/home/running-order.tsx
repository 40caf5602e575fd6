import type { Show } from '@livelot/client/contracts'
import { CalendarClock } from 'lucide-react'
import { Link } from 'react-router'
import { Avatar } from '../../parts/avatar.tsx'
import { formatClock, formatDay } from '../../parts/figures.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { Picture } from '../../parts/picture.tsx'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import './running-order.css'

/** Upcoming shows as a broadcaster prints them: the time first, then what and who. */
export function RunningOrder({ upcoming }: { upcoming: Loadable<Show[]> }) {
  if (upcoming.status === 'failed') return <ErrorState message={upcoming.message} onRetry={upcoming.retry} />
  if (upcoming.status === 'loading')
    return (
      <Loading label="Loading upcoming shows" className="running-wait">
        <Skeleton shape="title" />
        <Skeleton />
        <Skeleton shape="title" />
        <Skeleton />
      </Loading>
    )
  if (upcoming.data.length === 0)
    return (
      <EmptyState icon={<CalendarClock aria-hidden="true" />} title="Nothing is scheduled yet">
        Shows appear here as soon as their hosts announce them.
      </EmptyState>
    )
  return (
    <ol className="running">
      {upcoming.data.map((show) => (
        <li key={show.showId} className="running-row">
          <p className="running-time">
            <time dateTime={new Date(show.startsAtMs).toISOString()}>
              <span className="running-day">{formatDay(show.startsAtMs)}</span>
              <span className="running-clock figures">{formatClock(show.startsAtMs)}</span>
            </time>
          </p>
          <div className="running-words">
            <h3>
              <Link to={`/shows/${show.showId}`} className="card-link">
                {show.title}
              </Link>
            </h3>
            <p className="running-teaser">{show.teaser}</p>
            <p className="running-host">
              <Avatar name={show.creator.displayName} pictureUrl={show.creator.pictureUrl} size="s" />
              {show.creator.displayName}
            </p>
          </div>
          <Picture src={show.coverUrl} alt="" shape="poster" className="running-cover" />
        </li>
      ))}
    </ol>
  )
}
