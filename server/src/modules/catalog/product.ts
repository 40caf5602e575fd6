import type { BrandId, Currency, ProductId, VariantId } from '@livelot/client/contracts'

/** One sellable form of a product, with what price and shipping need. */
export interface VariantRecord {
  readonly variantId: VariantId
  readonly productId: ProductId
  readonly brandId: BrandId
  readonly sku: string
  readonly productName: string
  readonly variantName: string
  readonly brandName: string
  readonly pictureUrl: string
  readonly priceMinor: number
  readonly currency: Currency
  readonly weightGrams: number
}

export interface ProductRecord {
  readonly productId: ProductId
  readonly brandId: BrandId
  readonly name: string
  readonly description: string
  readonly category: string
  readonly pictureUrl: string
}

export interface ProductRow extends ProductRecord {
  readonly brandName: string
  readonly fromPriceMinor: number
  readonly currency: Currency
  readonly variantIds: readonly VariantId[]
}
