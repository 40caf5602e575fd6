import type { ProductId, VariantId } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
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
   WHERE ($1::uuid IS NULL OR p.id < $1) AND ($2::uuid IS NULL OR p.brand_id = $2) AND ($3::text IS NULL OR p.category = $3)
     AND ($4::text IS NULL OR p.name ILIKE $4 OR p.description ILIKE $4 OR b.name ILIKE $4)
   GROUP BY p.id, b.name ORDER BY p.id DESC LIMIT $5`,
)
const productsByIds = statement(
  'catalog.products_by_ids',
  `SELECT ${rowColumns} FROM ${rowTables} WHERE p.id = ANY($1) GROUP BY p.id, b.name`,
)
// The lowest price that was in force at any moment of the span: prices set within it, and the one that ran into it.
const lowestPrice = statement(
  'catalog.lowest_price',
  `SELECT min(price_minor) AS "priceMinor" FROM price_history h
   WHERE variant_id = $1 AND since <= now() AND since >= coalesce(
     (SELECT max(since) FROM price_history WHERE variant_id = $1 AND since <= now() - $2 * interval '1 day'), '-infinity')`,
)

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
    lowestPriceOfDays: async (variantId: VariantId, days: number): Promise<number | null> =>
      (await db.query<{ priceMinor: number | null }>(lowestPrice, [variantId, days]))[0]?.priceMinor ?? null,
  }
}

export type CatalogStore = ReturnType<typeof createCatalogStore>
