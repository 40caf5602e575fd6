import type { Room } from '@livelot/client'
import type { MyPreBid } from '@livelot/client/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import { useSession } from '../data/client.tsx'

/** Own bids from before the start, by lot. */
export type PreBids = ReadonlyMap<string, Pick<MyPreBid, 'maximumMinor' | 'state'>>

const none: PreBids = new Map()

/** What the caller has bid ahead in a show: asked for once, and again when the host has made one void. */
export function usePreBids(
  showId: string,
  room: Room | null,
): { preBids: PreBids; placed: (lotId: string, maximumMinor: number) => void } {
  const { client, account } = useSession()
  const queries = useQueryClient()
  const accountId = account?.accountId
  const key = useMemo(() => ['pre-bids', showId, accountId], [showId, accountId])
  const { data } = useQuery({
    queryKey: key,
    enabled: accountId !== undefined,
    queryFn: async ({ signal }): Promise<PreBids> => {
      const { items } = await client.bidding.myPreBids({ showId }, { signal })
      return new Map(items.map((one) => [one.lotId, one]))
    },
  })
  useEffect(() => {
    if (!room) return
    const anew = () => void queries.invalidateQueries({ queryKey: key })
    // What was told during an absence is not told again.
    const stops = [room.on('lot:pre-bid-voided', anew), room.on('snapshot', anew)]
    return () => {
      for (const stop of stops) stop()
    }
  }, [room, queries, key])
  const placed = useCallback(
    (lotId: string, maximumMinor: number) =>
      void queries.setQueryData<PreBids>(key, (before) =>
        new Map(before).set(lotId, { maximumMinor, state: 'open' as const }),
      ),
    [queries, key],
  )
  return { preBids: (accountId && data) || none, placed }
}
