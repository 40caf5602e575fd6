import type { ShowState } from '@livelot/client/contracts'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useSession } from './client.tsx'

const PAGE = 24
/** Who is live and how many watch changes by itself; the room tells the rest as it happens. */
const LIVE_LIST_REFRESH_MS = 15_000

export function useShows(state: ShowState) {
  const { client } = useSession()
  return useQuery({
    queryKey: ['shows', state],
    queryFn: async ({ signal }) => (await client.shows.list({ state, limit: PAGE }, { signal })).items,
    refetchInterval: LIVE_LIST_REFRESH_MS,
  })
}

export function useMyShows(enabled: boolean) {
  const { client } = useSession()
  return useQuery({
    queryKey: ['my-shows'],
    queryFn: async ({ signal }) => (await client.shows.mine({}, { signal })).items,
    enabled,
  })
}

type ProductFilter = { category: string; query: string }

export function useProducts({ category, query }: ProductFilter) {
  const { client } = useSession()
  return useInfiniteQuery({
    queryKey: ['products', category, query],
    queryFn: ({ pageParam, signal }) =>
      client.products.list(
        { limit: PAGE, cursor: pageParam, category: category || undefined, query: query || undefined },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  })
}

/** The host chooses from everything; a page of the largest size is enough to search in. */
const ALL_PRODUCTS = 100

export function useAllProducts() {
  const { client } = useSession()
  return useInfiniteQuery({
    queryKey: ['all-products'],
    queryFn: ({ signal }) => client.products.list({ limit: ALL_PRODUCTS }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: () => undefined,
  })
}

export function useProduct(productId: string) {
  const { client } = useSession()
  return useQuery({
    queryKey: ['product', productId],
    queryFn: ({ signal }) => client.products.get({ productId }, { signal }),
  })
}

export function useOrders(enabled: boolean) {
  const { client } = useSession()
  return useInfiniteQuery({
    queryKey: ['orders'],
    queryFn: ({ pageParam, signal }) => client.orders.list({ limit: PAGE, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled,
  })
}
