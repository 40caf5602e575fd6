import type { Room, RoomState } from '@livelot/client'
import { type Auction, getAuction, type Lot, type PaddleHolder } from '@livelot/client/contracts'
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { useSession } from '../../../data/client.tsx'
import { loadableOf } from '../../../data/loadable.ts'
import type { AuctionDesk, LotResult } from './auction-model.ts'
import { type Payment, paymentOf } from './block-state.ts'
import { useLotActions } from './use-lot-actions.ts'
import { useLots } from './use-lots.ts'

const PADDLES_REFRESH_MS = 5_000
const FAIRNESS_REFRESH_MS = 5_000
/** Results of before this page was opened are asked for so many at a time. */
const RESULTS_AT_ONCE = 6

type ShowDesk = Omit<AuctionDesk, 'rehearse' | 'stopRehearsal'>

/** The lots of a show, their runs and their bidders, as the host sees them. */
export function useAuctionDesk(showId: string, room: Room | null, state: RoomState | null): ShowDesk {
  const lots = useLots(showId, room)
  const auctions = state?.auctions ?? []
  const showState = state?.show?.state ?? 'scheduled'
  const payments = usePayments(showId, room)
  const listed = lots.status === 'ready' ? lots.data : []
  const hasRun = listed.some((lot) => lot.auctionId !== null)
  return {
    isRehearsal: false,
    showState,
    lots,
    auctions,
    payments,
    results: useResults(listed, auctions, payments),
    fairness: useFairness(showId, room, hasRun),
    paddles: usePaddles(showId, room, showState === 'live'),
    actions: useLotActions(showId),
  }
}

function usePaddles(showId: string, room: Room | null, isLive: boolean): AuctionDesk['paddles'] {
  const { client } = useSession()
  const queries = useQueryClient()
  const queryKey = useMemo(() => ['paddles', showId], [showId])
  const paddles = useQuery({
    queryKey,
    queryFn: async ({ signal }) => (await client.bidding.paddles({ showId }, { signal })).items,
    refetchInterval: isLive ? PADDLES_REFRESH_MS : false,
  })
  // Whoever leads can be muted at once, also in the first seconds of a new paddle.
  useEffect(
    () =>
      room?.on('auction:price-changed', ({ figures }) => {
        const known = queries.getQueryData<readonly PaddleHolder[]>(queryKey)
        const isNew = figures.leader && !known?.some(({ paddle }) => paddle.number === figures.leader?.number)
        if (isNew) queries.invalidateQueries({ queryKey }, { cancelRefetch: false }).catch(() => undefined)
      }),
    [queries, queryKey, room],
  )
  return loadableOf(paddles)
}

function useFairness(showId: string, room: Room | null, hasRun: boolean): AuctionDesk['fairness'] {
  const { client } = useSession()
  const queries = useQueryClient()
  const fairness = useQuery({
    queryKey: ['fairness', showId],
    queryFn: ({ signal }) => client.bidding.fairness({ showId }, { signal }),
    enabled: hasRun,
    refetchInterval: FAIRNESS_REFRESH_MS,
  })
  useEffect(
    () =>
      room?.on('auction:closed', () => {
        queries.invalidateQueries({ queryKey: ['fairness', showId] }).catch(() => undefined)
      }),
    [queries, room, showId],
  )
  return fairness.data ?? null
}

/** What has become of each sold lot: asked for once, then as the room tells it. */
function usePayments(showId: string, room: Room | null): Readonly<Record<string, Payment>> {
  const { client } = useSession()
  const queries = useQueryClient()
  const queryKey = useMemo(() => ['settlements', showId], [showId])
  const [told, setTold] = useState<Readonly<Record<string, Payment>>>({})
  const { data } = useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<Readonly<Record<string, Payment>>> => {
      const { items } = await client.settlements.list({ showId }, { signal })
      return Object.fromEntries(items.map(({ auctionId, outcome }) => [auctionId, outcome]))
    },
  })
  useEffect(() => {
    if (!room) return
    const stops = [
      room.on('auction:settled', ({ auctionId, outcome }) =>
        setTold((before) => ({ ...before, [auctionId]: outcome })),
      ),
      // A snapshot holds no payments: what was told during an absence is asked for.
      room.on('snapshot', () => {
        setTold({})
        queries.invalidateQueries({ queryKey }).catch(() => undefined)
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [queries, queryKey, room])
  return useMemo(() => ({ ...data, ...told }), [data, told])
}

/** The lots that ran, newest first. The room keeps the latest runs; older ones are asked for. */
function useResults(
  lots: readonly Lot[],
  auctions: readonly Auction[],
  payments: Readonly<Record<string, Payment>>,
): readonly LotResult[] {
  const { client } = useSession()
  const queries = useQueryClient()
  const over = lots.filter((lot) => lot.auctionId !== null && (lot.state === 'sold' || lot.state === 'unsold'))
  const told = (lot: Lot) => auctions.find((one) => one.auctionId === lot.auctionId)
  const keyOf = (lot: Lot) => ['auction', lot.auctionId]
  const isOpen = (lot: Lot) => !told(lot) && queries.getQueryState(keyOf(lot))?.status !== 'error'
  const wanted = new Set(
    over.filter((lot) => isOpen(lot) && queries.getQueryData(keyOf(lot)) === undefined).slice(0, RESULTS_AT_ONCE),
  )
  const asked = useQueries({
    queries: over.map((lot) => ({
      queryKey: keyOf(lot),
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        told(lot) ?? (await client.call(getAuction, { auctionId: lot.auctionId ?? '' }, { signal })),
      enabled: wanted.has(lot) || told(lot)?.figures.state === 'closed',
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: Number.POSITIVE_INFINITY,
    })),
  })
  return over
    .map((lot, place): LotResult => {
      const auction = told(lot) ?? asked[place]?.data ?? null
      const toldPayment = payments[lot.auctionId ?? '']
      return { lot, auction, payment: auction ? paymentOf(lot, auction, toldPayment) : toldPayment }
    })
    .sort((one, two) => (two.auction?.startedAtMs ?? 0) - (one.auction?.startedAtMs ?? 0))
}
