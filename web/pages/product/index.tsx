import { useParams } from 'react-router'
import { BuySheet } from '../../buying/buy-sheet.tsx'
import { usePurchase } from '../../buying/use-purchase.ts'
import { loadableOf } from '../../data/loadable.ts'
import { useProduct } from '../../data/queries.ts'
import { useTitle } from '../../data/use-title.ts'
import { ProductView } from './product-view.tsx'

export function Component() {
  const { productId = '' } = useParams()
  const product = useProduct(productId)
  const { purchase, actions, buyProduct } = usePurchase(null)
  useTitle(product.data?.name)
  return (
    <>
      <ProductView
        product={loadableOf(product)}
        onBuy={({ name }, variantId) => buyProduct(productId, name, variantId)}
      />
      <BuySheet purchase={purchase} actions={actions} />
    </>
  )
}
