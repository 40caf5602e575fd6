import type { BrandId, Currency, ProductId, VariantId } from '@livelot/client/contracts'
import { type Queryable, statement, type Transaction } from '#infra/postgres/pool'
import type { ProductRow, VariantRecord } from './product.ts'

const variantColumns = `v.id AS "variantId", v.product_id AS "productId", p.brand_id AS "brandId", v.sku,
  p.name AS "productName", v.name AS "variantName", b.name AS "brandName", p.picture_url AS "pictureUrl",
  v.price_minor AS "priceMinor", v.currency, v.weight_grams AS "weightGrams"`
const variantTables = 'variants v JOIN products p ON p.id = v.product_id JOIN brands b ON b.id = p.brand_id'

const rowColumns = `p.id AS "productId", p.brand_id AS "brandId", b.name AS "brandName", p.name, p.description, p.category,
  p.picture_url AS "pictureUrl", min(v.price_minor) AS "fromPriceMinor", min(v.currency) AS currency,
  array_agg(v.id ORDER BY v.position) AS "variantIds"`
const rowTables = 'products p JOIN brands b ON b.id = p.brand_id JOIN variants v ON v.product_id = p.id'

const variantById = statement('catalog.variant_by_id', `SELECT ${variantColumns} FROM ${variantTables} WHERE v.id = $1`)
const variantsOfProducts = statement(
  'catalog.variants_of_products',
  `SELECT ${variantColumns} FROM ${variantTables} WHERE v.product_id = ANY($1) ORDER BY v.product_id, v.position`,
)
// Ids are made in time order, so a page goes on below the last id it showed.
const listProducts = statement(
  'catalog.list_products',
  `SELECT ${rowColumns} FROM ${rowTables}
   WHERE p.is_listed AND ($1::uuid IS NULL OR p.id < $1) AND ($2::uuid IS NULL OR p.brand_id = $2) AND ($3::text IS NULL OR p.category = $3)
     AND ($4::text IS NULL OR p.name ILIKE $4 OR p.description ILIKE $4 OR b.name ILIKE $4)
   GROUP BY p.id, b.name ORDER BY p.id DESC LIMIT $5`,
)
const productsByIds = statement(
  'catalog.products_by_ids',
  `SELECT ${rowColumns} FROM ${rowTables} WHERE p.id = ANY($1) GROUP BY p.id, b.name`,
)
const isListed = statement('catalog.is_listed', 'SELECT is_listed AS "isListed" FROM products WHERE id = $1')
const addUnlisted = statement(
  'catalog.add_unlisted',
  `WITH product AS (
     INSERT INTO products (id, brand_id, name, category, picture_url, is_listed) VALUES ($1, $3, $4, 'other', $5, false)
   ),
   variant AS (
     INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
     VALUES ($2, $1, $2::uuid::text, '', $6, $7, $8)
   )
   INSERT INTO price_history (variant_id, since, price_minor, currency) VALUES ($2, now(), $6, $7)`,
)
// The lowest price that was in force at any moment of the span: prices set within it, and the one that ran into it.
const lowestPrice = statement(
  'catalog.lowest_price',
  `SELECT min(price_minor) AS "priceMinor" FROM price_history h
   WHERE variant_id = $1 AND since <= now() AND since >= coalesce(
     (SELECT max(since) FROM price_history WHERE variant_id = $1 AND since <= now() - $2 * interval '1 day'), '-infinity')`,
)

export interface UnlistedProduct {
  readonly productId: ProductId
  readonly variantId: VariantId
  readonly brandId: BrandId
  readonly name: string
  readonly pictureUrl: string
  readonly priceMinor: number
  readonly currency: Currency
  readonly weightGrams: number
}

export interface ProductFilter {
  readonly beforeId: ProductId | null
  readonly brandId: string | null
  readonly category: string | null
  readonly words: string | null
  readonly limit: number
}

/** Products and variants in Postgres. */
export function createCatalogStore(db: Queryable) {
  return {
    variantById: async (variantId: VariantId): Promise<VariantRecord | null> =>
      (await db.query<VariantRecord>(variantById, [variantId]))[0] ?? null,
    variantsOfProducts: (productIds: readonly ProductId[]) => db.query<VariantRecord>(variantsOfProducts, [productIds]),
    listProducts: (filter: ProductFilter) => {
      const pattern = filter.words === null ? null : `%${filter.words.replace(/[\\%_]/g, '\\$&')}%`
      return db.query<ProductRow>(listProducts, [
        filter.beforeId,
        filter.brandId,
        filter.category,
        pattern,
        filter.limit,
      ])
    },
    productsByIds: (ids: readonly ProductId[]) => db.query<ProductRow>(productsByIds, [ids]),
    isListed: async (productId: ProductId): Promise<boolean> =>
      (await db.query<{ isListed: boolean }>(isListed, [productId]))[0]?.isListed === true,
    /** A product with one variant that no list shows. */
    addUnlisted: async (tx: Transaction, one: UnlistedProduct): Promise<void> => {
      const { productId, variantId, brandId, name, pictureUrl, priceMinor, currency, weightGrams } = one
      const values = [productId, variantId, brandId, name, pictureUrl, priceMinor, currency, weightGrams]
      await tx.query(addUnlisted, values)
    },
    lowestPriceOfDays: async (variantId: VariantId, days: number): Promise<number | null> =>
      (await db.query<{ priceMinor: number | null }>(lowestPrice, [variantId, days]))[0]?.priceMinor ?? null,
  }
}

export type CatalogStore = ReturnType<typeof createCatalogStore>
