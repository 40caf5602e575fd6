import type { CreatorProfile, Show } from '@livelot/client/contracts'
import { Radio } from 'lucide-react'
import { Avatar } from '../../parts/avatar.tsx'
import { ShowCard } from '../../parts/cards.tsx'
import type { Loadable } from '../../parts/loadable.ts'
import { EmptyState, ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import './creator.css'

type CreatorViewProps = { creator: Loadable<CreatorProfile>; shows: Loadable<Show[]> }

export function CreatorView({ creator, shows }: CreatorViewProps) {
  if (creator.status === 'failed')
    return (
      <div className="page">
        <ErrorState message={creator.message} onRetry={creator.retry} />
      </div>
    )
  if (creator.status === 'loading')
    return (
      <Loading label="Loading the profile" className="page creator-head">
        <Skeleton shape="circle" />
        <Skeleton shape="title" />
      </Loading>
    )
  const { displayName, handle, bio, pictureUrl } = creator.data
  return (
    <div className="page">
      <header className="creator-head">
        <Avatar name={displayName} pictureUrl={pictureUrl} size="xl" />
        <div>
          <h1>{displayName}</h1>
          <p className="creator-handle">@{handle}</p>
          <p className="creator-bio">{bio}</p>
        </div>
      </header>
      <section className="section" aria-labelledby="creator-shows">
        <div className="section-head">
          <h2 id="creator-shows">Shows</h2>
        </div>
        {shows.status === 'failed' && <ErrorState message={shows.message} onRetry={shows.retry} />}
        {shows.status === 'loading' && <Skeleton shape="block" className="creator-wait" />}
        {shows.status === 'ready' && shows.data.length === 0 && (
          <EmptyState icon={<Radio aria-hidden="true" />} title="Nothing planned">
            {displayName} has no show coming up.
          </EmptyState>
        )}
        {shows.status === 'ready' && shows.data.length > 0 && (
          <ul className="creator-shows">
            {shows.data.map((show) => (
              <li key={show.showId}>
                <ShowCard show={show} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}
