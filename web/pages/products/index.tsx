import { useEffect, useState } from 'react'
import { useSearchParams } from 'react-router'
import { loadablePages, moreOf } from '../../data/loadable.ts'
import { useProducts } from '../../data/queries.ts'
import { useTitle } from '../../data/use-title.ts'
import { ProductsView } from './products-view.tsx'

/** Long enough not to ask for each letter, short enough to feel immediate. */
const TYPING_PAUSE_MS = 250

export function Component() {
  useTitle('Shop')
  const [params, setParams] = useSearchParams()
  const category = params.get('category') ?? ''
  const [text, setText] = useState(params.get('q') ?? '')
  const query = params.get('q') ?? ''
  const all = useProducts({ category: '', query: '' })
  const products = useProducts({ category, query })

  useEffect(() => {
    if (text.trim() === query) return
    const timer = setTimeout(() => setParams(paramsOf(category, text.trim()), { replace: true }), TYPING_PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text, query, category, setParams])

  const known = all.data?.pages.flatMap((page) => page.items.map((product) => product.category)) ?? []
  return (
    <ProductsView
      products={loadablePages(products)}
      categories={[...new Set(known)].sort()}
      category={category}
      query={text}
      onCategory={(next) => setParams(paramsOf(next, text.trim()), { replace: true })}
      onQuery={setText}
      more={moreOf(products)}
    />
  )
}

function paramsOf(category: string, query: string): Record<string, string> {
  return { ...(category && { category }), ...(query && { q: query }) }
}
