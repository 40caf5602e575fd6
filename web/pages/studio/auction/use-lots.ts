import type { Room } from '@livelot/client'
import type { Lot } from '@livelot/client/contracts'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useSession } from '../../../data/client.tsx'
import { loadableOf } from '../../../data/loadable.ts'
import type { Loadable } from '../../../parts/loadable.ts'
import { withKnownReserves, withLots } from './lot-queue.ts'

/** With the reserves, which viewers' lists of the same lots do not have. */
const keyOf = (showId: string) => ['own-lots', showId]

/** The queue: asked for once, told on by the room, and asked for again after each snapshot. */
export function useLots(showId: string, room: Room | null): Loadable<readonly Lot[]> {
  const { client } = useSession()
  const queries = useQueryClient()
  const lots = useQuery({
    queryKey: keyOf(showId),
    queryFn: async ({ signal }) => (await client.lots.list({ showId }, { signal })).items as readonly Lot[],
    staleTime: Number.POSITIVE_INFINITY,
  })
  useEffect(() => {
    if (!room) return
    const askAgain = () => {
      queries.invalidateQueries({ queryKey: keyOf(showId) }).catch(() => undefined)
    }
    const stopQueue = room.on('lot:queue-changed', ({ changed, removedLotIds }) => {
      queries.setQueryData<readonly Lot[]>(
        keyOf(showId),
        (before) => before && withLots(before, withKnownReserves(before, changed), removedLotIds),
      )
      // What the room tells is for everybody and leaves the reserves out.
      askAgain()
    })
    const stopSnapshot = room.on('snapshot', askAgain)
    return () => {
      stopQueue()
      stopSnapshot()
    }
  }, [queries, room, showId])
  return loadableOf(lots)
}

/** Folds an answer to the host into the list. */
export function showLots(
  queries: QueryClient,
  showId: string,
  changed: readonly Lot[],
  removedLotIds: readonly string[] = [],
): void {
  queries.setQueryData<readonly Lot[]>(keyOf(showId), (before) => before && withLots(before, changed, removedLotIds))
}
