import type { Product } from '@livelot/client/contracts'
import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Avatar } from '../../parts/avatar.tsx'
import { Button } from '../../parts/button.tsx'
import { ChoiceField } from '../../parts/field.tsx'
import type { Loadable } from '../../parts/loadable.ts'
import { Picture } from '../../parts/picture.tsx'
import { Price } from '../../parts/price.tsx'
import { ErrorState, Loading, Skeleton } from '../../parts/states.tsx'
import './product.css'

type ProductViewProps = { product: Loadable<Product>; onBuy: (product: Product, variantId: string) => void }

export function ProductView({ product, onBuy }: ProductViewProps) {
  return (
    <div className="page product">
      {product.status === 'failed' && <ErrorState message={product.message} onRetry={product.retry} />}
      {product.status === 'loading' && (
        <Loading label="Loading the product" className="product-columns">
          <Skeleton shape="square" />
          <div className="product-words">
            <Skeleton />
            <Skeleton shape="title" />
            <Skeleton />
            <Skeleton />
          </div>
        </Loading>
      )}
      {product.status === 'ready' && <ProductDetail product={product.data} onBuy={onBuy} />}
    </div>
  )
}

type ProductDetailProps = { product: Product; onBuy: ProductViewProps['onBuy'] }

function ProductDetail({ product, onBuy }: ProductDetailProps) {
  const firstInStock = product.variants.find((variant) => variant.availableUnits > 0) ?? product.variants[0]
  const [variantId, setVariantId] = useState<string>(firstInStock?.variantId ?? '')
  const variant = product.variants.find((one) => one.variantId === variantId) ?? firstInStock
  const gone = !variant || variant.availableUnits === 0
  return (
    <article className="product-columns">
      <Picture src={product.pictureUrl} alt={product.name} eager className="product-picture" />
      <div className="product-words">
        <p className="product-category">{product.category}</p>
        <h1>{product.name}</h1>
        {variant && <Price price={variant.price} size="xl" />}
        {product.variants.length > 1 && (
          <ChoiceField
            legend="Choose"
            value={variant?.variantId ?? ''}
            options={product.variants.map((one) => ({
              value: one.variantId as string,
              label: one.name,
              note: one.availableUnits === 0 ? 'sold out' : undefined,
            }))}
            onChange={setVariantId}
          />
        )}
        <p className="product-stock" aria-live="polite">
          {gone ? 'Sold out for now' : variant.availableUnits <= 5 ? `Only ${variant.availableUnits} left` : 'In stock'}
        </p>
        <Button tone="buy" size="l" wide disabled={gone} onClick={() => variant && onBuy(product, variant.variantId)}>
          {gone ? 'Sold out' : 'Buy'}
        </Button>
        <p className="product-promise">
          <ShieldCheck aria-hidden="true" />
          You see items, shipping, tax and fees before you pay, and pay exactly that.
        </p>
        <p className="product-description">{product.description}</p>
        <aside className="product-brand" aria-label="Brand">
          <Avatar name={product.brand.name} pictureUrl={product.brand.pictureUrl} size="l" />
          <div>
            <h2>{product.brand.name}</h2>
            <p>{product.brand.story}</p>
          </div>
        </aside>
      </div>
    </article>
  )
}
