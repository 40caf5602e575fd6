import { allInMinor, getBidTerms } from '@livelot/client/contracts'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useSession } from '../data/client.tsx'

/** The all-in price of any bid in this auction for this person; null until it is known what comes on top. */
export function useAllIn(auctionId: string | null, paidWins: number): ((hammerMinor: number) => number) | null {
  const { client, account } = useSession()
  const address = account?.address ?? null
  const { data: terms } = useQuery({
    // Each paid win can lower the shipping of the next, and another address is another price.
    queryKey: ['bid-terms', auctionId, account?.accountId, JSON.stringify(address), paidWins],
    queryFn: ({ signal }) => client.call(getBidTerms, { auctionId: auctionId ?? '' }, { signal }),
    enabled: auctionId !== null && account !== undefined,
    staleTime: 60_000,
  })
  return useMemo(() => (terms ? (hammerMinor: number) => allInMinor(hammerMinor, terms) : null), [terms])
}
