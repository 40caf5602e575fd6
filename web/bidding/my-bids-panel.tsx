import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useSession } from '../data/client.tsx'
import { loadableOf } from '../data/loadable.ts'
import { MyBids } from './my-bids.tsx'
import { PaySheet } from './pay-sheet.tsx'
import { keptReceipts } from './receipts.ts'
import { useWins } from './use-wins.ts'

/** While a lot runs, how one stands changes with every bid of others. */
const REFRESH_MS = 5_000

/** The caller's bids, of one show or of all, with receipts and payments. */
export function MyBidsPanel({ showId }: { showId: string | null }) {
  const { client, account } = useSession()
  const wins = useWins(showId)
  const query = useQuery({
    queryKey: ['my-bids', showId, account?.accountId],
    queryFn: async ({ signal }) => (await client.bidding.myBids(showId ? { showId } : {}, { signal })).items,
    enabled: Boolean(account),
    refetchInterval: ({ state }) =>
      state.data?.some(({ auction }) => auction.figures.state === 'running') ? REFRESH_MS : false,
  })
  const { refetch } = query
  useEffect(() => {
    if (!account) return
    return client.on('auction:outbid', () => void refetch())
  }, [client, account, refetch])
  // Read again with each answer: a bid that was placed meanwhile has a receipt by now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list is what tells that there may be more.
  const receipts = useMemo(() => (account ? keptReceipts(account.accountId) : []), [account, query.data])
  return (
    <>
      <MyBids bids={loadableOf(query)} receipts={receipts} wins={wins.wins} onFixPayment={wins.show} />
      <PaySheet win={wins.open} means={wins.means} actions={wins.actions} />
    </>
  )
}
