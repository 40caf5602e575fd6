import type { ProductSummary } from '@livelot/client/contracts'
import { Search } from 'lucide-react'
import { Button } from '../../parts/button.tsx'
import { ChoiceField, TextField } from '../../parts/field.tsx'
import type { Loadable } from '../../parts/loadable.ts'
import { ProductGrid } from '../../parts/product-grid.tsx'
import { EmptyState } from '../../parts/states.tsx'
import './products.css'

type ProductsViewProps = {
  products: Loadable<ProductSummary[]>
  categories: readonly string[]
  category: string
  query: string
  onCategory: (category: string) => void
  onQuery: (query: string) => void
  more: { load: () => void; loading: boolean } | null
}

export function ProductsView(props: ProductsViewProps) {
  const { products, categories, category, query, onCategory, onQuery, more } = props
  const options = [{ value: '', label: 'All' }, ...categories.map((name) => ({ value: name, label: name }))]
  const filtered = category !== '' || query !== ''
  return (
    <div className="page">
      <div className="products-head">
        <h1>Shop</h1>
        <search>
          <TextField
            label="Search products"
            labelHidden
            type="search"
            placeholder="Search products"
            value={query}
            maxLength={80}
            onChange={(event) => onQuery(event.target.value)}
          />
        </search>
      </div>
      <ChoiceField
        className="products-filter"
        legend="Category"
        value={category}
        options={options}
        onChange={onCategory}
      />
      <section aria-label="Products" aria-live="polite">
        <ProductGrid
          products={products}
          skeletons={18}
          empty={
            <EmptyState
              icon={<Search aria-hidden="true" />}
              title={filtered ? 'Nothing matches' : 'The shelf is empty'}
              action={
                filtered && (
                  <Button
                    tone="outline"
                    onClick={() => {
                      onQuery('')
                      onCategory('')
                    }}
                  >
                    Show everything
                  </Button>
                )
              }
            >
              {filtered ? 'Try a shorter word or another category.' : 'Products appear here as brands list them.'}
            </EmptyState>
          }
        />
        {more && (
          <p className="products-more">
            <Button tone="outline" onClick={more.load} busy={more.loading}>
              Show more
            </Button>
          </p>
        )}
      </section>
    </div>
  )
}
