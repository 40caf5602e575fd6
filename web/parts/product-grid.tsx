import type { ProductSummary } from '@livelot/client/contracts'
import type { ReactNode } from 'react'
import { ProductCard } from './cards.tsx'
import type { Loadable } from './loadable.ts'
import { ErrorState, Loading, Skeleton } from './states.tsx'
import './product-grid.css'

type ProductGridProps = { products: Loadable<ProductSummary[]>; empty: ReactNode; skeletons?: number }

export function ProductGrid({ products, empty, skeletons = 12 }: ProductGridProps) {
  if (products.status === 'failed') return <ErrorState message={products.message} onRetry={products.retry} />
  if (products.status === 'loading')
    return (
      <Loading label="Loading products" className="product-grid">
        {Array.from({ length: skeletons }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no other identity.
          <span key={place}>
            <Skeleton shape="square" />
            <Skeleton />
            <Skeleton className="skeleton-short" />
          </span>
        ))}
      </Loading>
    )
  if (products.data.length === 0) return empty
  return (
    <ul className="product-grid">
      {products.data.map((product) => (
        <li key={product.productId}>
          <ProductCard product={product} />
        </li>
      ))}
    </ul>
  )
}
