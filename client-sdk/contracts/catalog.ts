import { z } from 'zod'
import { BrandId, ProductId, VariantId } from './ids.ts'
import { Money } from './money.ts'
import { operation } from './operation.ts'
import { PageRequest, pageOf } from './page.ts'
import { BrandProfile } from './profiles.ts'

export const Variant = z.strictObject({
  variantId: VariantId,
  sku: z.string(),
  name: z.string(),
  price: Money,
  /** Units that may be sold now, over all places; a flash sale's own units are not in it. */
  availableUnits: z.int().min(0),
})
export type Variant = z.infer<typeof Variant>

export const ProductSummary = z.strictObject({
  productId: ProductId,
  brandId: BrandId,
  brandName: z.string(),
  name: z.string(),
  category: z.string(),
  pictureUrl: z.string(),
  fromPrice: Money,
  availableUnits: z.int().min(0),
})
export type ProductSummary = z.infer<typeof ProductSummary>

export const Product = z.strictObject({
  productId: ProductId,
  brand: BrandProfile,
  name: z.string(),
  description: z.string(),
  category: z.string(),
  pictureUrl: z.string(),
  variants: z.array(Variant),
})
export type Product = z.infer<typeof Product>

export const listProducts = operation({
  name: 'product:list',
  summary: 'Products, newest first; filter by brand, category or words.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/products' },
  request: z.strictObject({
    ...PageRequest,
    brandId: BrandId.optional(),
    category: z.string().max(60).optional(),
    query: z.string().max(80).optional(),
  }),
  response: pageOf(ProductSummary),
  errors: [],
})

export const getProduct = operation({
  name: 'product:get',
  summary: 'One product with its variants.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/products/{productId}' },
  request: z.strictObject({ productId: ProductId }),
  response: Product,
  errors: ['product.not_found'],
})

export const listBrands = operation({
  name: 'brand:list',
  summary: 'All brands.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/brands' },
  request: z.strictObject({}),
  response: z.strictObject({ items: z.array(BrandProfile) }),
  errors: [],
})
