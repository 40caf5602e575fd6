import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query'
import type { Loadable } from '../parts/loadable.ts'
import { sentenceOf } from './sentences.ts'

type AnyQuery<T> = Pick<UseQueryResult<T>, 'data' | 'error' | 'isError' | 'refetch'>

/** Old data is better than an error: it is shown while a new try fails. */
export function loadableOf<T>(query: AnyQuery<T>): Loadable<T> {
  if (query.data !== undefined) return { status: 'ready', data: query.data }
  if (query.isError) return { status: 'failed', message: sentenceOf(query.error), retry: () => void query.refetch() }
  return { status: 'loading' }
}

type Pages<T> = { pages: { items: T[] }[] }

export function loadablePages<T>(query: AnyQuery<Pages<T>>): Loadable<T[]> {
  const loadable = loadableOf(query)
  if (loadable.status !== 'ready') return loadable
  return { status: 'ready', data: loadable.data.pages.flatMap((page) => page.items) }
}

type MoreQuery = Pick<UseInfiniteQueryResult, 'hasNextPage' | 'fetchNextPage' | 'isFetchingNextPage'>

export function moreOf(query: MoreQuery): { load: () => void; loading: boolean } | null {
  if (!query.hasNextPage) return null
  return { load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage }
}
