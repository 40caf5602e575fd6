import type { Room } from '@livelot/client'
import type { Lot } from '@livelot/client/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useSession } from '../data/client.tsx'
import { loadableOf } from '../data/loadable.ts'
import type { Loadable } from '../parts/loadable.ts'

/** Lots of a show in the order of the queue: asked for once, then kept up to date by what the room tells. */
export function useLots(showId: string, room: Room | null): Loadable<Lot[]> {
  const { client } = useSession()
  const queries = useQueryClient()
  const key = useMemo(() => ['lots', showId], [showId])
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await client.lots.list({ showId }, { signal })).items,
  })
  useEffect(() => {
    if (!room) return
    const changed = room.on('lot:queue-changed', ({ changed: fresh, removedLotIds }) => {
      queries.setQueryData<Lot[]>(key, (before) => {
        if (!before) return before
        const gone = new Set<string>([...removedLotIds, ...fresh.map(({ lotId }) => lotId)])
        const kept = before.filter(({ lotId }) => !gone.has(lotId))
        return [...kept, ...fresh].sort((one, two) => one.position - two.position)
      })
    })
    // After an absence the missed changes may have been replaced by a snapshot, which holds no queue.
    const anew = room.on('snapshot', () => void queries.invalidateQueries({ queryKey: key }))
    return () => {
      changed()
      anew()
    }
  }, [room, queries, key])
  return loadableOf(query)
}
