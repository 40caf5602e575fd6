import type { Show } from '@livelot/client/contracts'
import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { useSession } from '../../data/client.tsx'
import { loadableOf } from '../../data/loadable.ts'
import { useShows } from '../../data/queries.ts'
import { useTitle } from '../../data/use-title.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { CreatorView } from './creator-view.tsx'

export function Component() {
  const { handle = '' } = useParams()
  const { client } = useSession()
  const creator = useQuery({
    queryKey: ['creator', handle],
    queryFn: ({ signal }) => client.account.creator({ handle }, { signal }),
  })
  const live = loadableOf(useShows('live'))
  const upcoming = loadableOf(useShows('scheduled'))
  useTitle(creator.data?.displayName)
  return <CreatorView creator={loadableOf(creator)} shows={showsOf(handle, live, upcoming)} />
}

function showsOf(handle: string, live: Loadable<Show[]>, upcoming: Loadable<Show[]>): Loadable<Show[]> {
  if (live.status !== 'ready') return live
  if (upcoming.status !== 'ready') return upcoming
  return { status: 'ready', data: [...live.data, ...upcoming.data].filter((show) => show.creator.handle === handle) }
}
