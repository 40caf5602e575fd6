import { loadableOf, loadablePages } from '../../data/loadable.ts'
import { useProducts, useShows } from '../../data/queries.ts'
import { useTitle } from '../../data/use-title.ts'
import type { Loadable } from '../../parts/loadable.ts'
import { HomeView } from './home-view.tsx'

/** Two full rows on a desktop, six on a phone. */
const PRODUCTS_SHOWN = 12

function firstOf<T>(loadable: Loadable<T[]>): Loadable<T[]> {
  return loadable.status === 'ready' ? { ...loadable, data: loadable.data.slice(0, PRODUCTS_SHOWN) } : loadable
}

export function Component() {
  useTitle(undefined)
  const live = useShows('live')
  const upcoming = useShows('scheduled')
  const products = useProducts({ category: '', query: '' })
  return (
    <HomeView live={loadableOf(live)} upcoming={loadableOf(upcoming)} products={firstOf(loadablePages(products))} />
  )
}
