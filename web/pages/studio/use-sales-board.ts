import type { SalesBoard } from '@livelot/client/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useSession } from '../../data/client.tsx'
import { loadableOf } from '../../data/loadable.ts'
import type { Loadable } from '../../parts/loadable.ts'

/** The sales of a show: asked once, then told as they happen, and asked again after each break of the line. */
export function useSalesBoard(showId: string): Loadable<SalesBoard> {
  const { client } = useSession()
  const queries = useQueryClient()
  const board = useQuery({
    queryKey: ['sales-board', showId],
    queryFn: ({ signal }) => client.shows.salesBoard({ showId }, { signal }),
  })
  useEffect(() => {
    const stopBoard = client.on('show:sales-board-changed', (told) => {
      if (told.showId === showId) queries.setQueryData(['sales-board', showId], told)
    })
    const stopOnline = client.connection.events.on('online', () => {
      queries.invalidateQueries({ queryKey: ['sales-board', showId] }).catch(() => undefined)
    })
    return () => {
      stopBoard()
      stopOnline()
    }
  }, [client, queries, showId])
  return loadableOf(board)
}
