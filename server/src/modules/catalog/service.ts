import type {
  getProduct,
  listProducts,
  Product,
  ProductId,
  ProductSummary,
  RequestOf,
  ResponseOf,
  ShelfItem,
  VariantId,
} from '@livelot/client/contracts'
import { z } from 'zod'
import type { Transaction } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { money } from '#kernel/money'
import type { ProductRow, VariantRecord } from './product.ts'
import type { CatalogStore, UnlistedProduct } from './store.pg.ts'

export interface CatalogParts {
  readonly store: CatalogStore
  /** Units that may be sold now, told by whoever keeps the stock. */
  readonly availableUnits: (variantIds: readonly VariantId[]) => Promise<ReadonlyMap<VariantId, number>>
  readonly brandById: (brandId: string) => Promise<Product['brand'] | null>
}

/** Variants change seldom and are read at each tap: kept for a short time. */
const variantCacheMs = 5_000

export function createCatalogService({ store, availableUnits, brandById }: CatalogParts) {
  const variants = new Map<VariantId, { record: VariantRecord; untilMs: number }>()

  const unitsOf = async (rows: readonly ProductRow[]) => {
    const units = await availableUnits(rows.flatMap((row) => row.variantIds))
    return (row: ProductRow) => row.variantIds.reduce((sum, id) => sum + (units.get(id) ?? 0), 0)
  }

  return {
    listProducts: async (request: RequestOf<typeof listProducts>): Promise<ResponseOf<typeof listProducts>> => {
      const beforeId = request.cursor === undefined ? null : parseCursor(request.cursor)
      const rows = await store.listProducts({
        beforeId,
        brandId: request.brandId ?? null,
        category: request.category ?? null,
        words: request.query?.trim() || null,
        limit: request.limit + 1,
      })
      const shown = rows.slice(0, request.limit)
      const units = await unitsOf(shown)
      const items: ProductSummary[] = shown.map((row) => ({
        productId: row.productId,
        brandId: row.brandId,
        brandName: row.brandName,
        name: row.name,
        category: row.category,
        pictureUrl: row.pictureUrl,
        fromPrice: money(row.fromPriceMinor, row.currency),
        availableUnits: units(row),
      }))
      return { items, nextCursor: rows.length > request.limit ? (shown.at(-1)?.productId ?? null) : null }
    },

    /** Refuses: product.not_found. */
    getProduct: async (request: RequestOf<typeof getProduct>): Promise<Product> => {
      const [row] = await store.productsByIds([request.productId])
      const brand = row ? await brandById(row.brandId) : null
      if (!row || !brand) throw new Refusal('product.not_found')
      const [records, units] = await Promise.all([
        store.variantsOfProducts([row.productId]),
        availableUnits(row.variantIds),
      ])
      return {
        productId: row.productId,
        brand,
        name: row.name,
        description: row.description,
        category: row.category,
        pictureUrl: row.pictureUrl,
        variants: records.map((record) => ({
          variantId: record.variantId,
          sku: record.sku,
          name: record.variantName,
          price: money(record.priceMinor, record.currency),
          availableUnits: units.get(record.variantId) ?? 0,
        })),
      }
    },

    /** Shelf items in the order asked for; products that do not exist are left out. */
    shelfItems: async (productIds: readonly ProductId[]): Promise<ShelfItem[]> => {
      const rows = await store.productsByIds(productIds)
      const units = await unitsOf(rows)
      const byId = new Map(rows.map((row) => [row.productId, row]))
      return productIds.flatMap((id) => {
        const row = byId.get(id)
        if (!row) return []
        const { productId, name, brandName, pictureUrl } = row
        const price = money(row.fromPriceMinor, row.currency)
        return [{ productId, name, brandName, pictureUrl, price, availableUnits: units(row) }]
      })
    },

    /** One variant with its product's and brand's names. At most five seconds old. Refuses: product.not_found. */
    variant: async (variantId: VariantId): Promise<VariantRecord> => {
      const known = variants.get(variantId)
      if (known && known.untilMs > performance.now()) return known.record
      const record = await store.variantById(variantId)
      if (!record) throw new Refusal('product.not_found')
      if (variants.size > 10_000) variants.clear()
      variants.set(variantId, { record, untilMs: performance.now() + variantCacheMs })
      return record
    },

    /** False for a product that no list shows, and for one that is not there. */
    isListed: (productId: ProductId): Promise<boolean> => store.isListed(productId),

    /** Makes a product with one variant, without stock, that no list shows: goods made up for one show. */
    addUnlisted: async (
      tx: Transaction,
      goods: Omit<UnlistedProduct, 'productId' | 'variantId'>,
    ): Promise<{ productId: ProductId; variantId: VariantId }> => {
      const ids = { productId: newId<ProductId>(), variantId: newId<VariantId>() }
      await store.addUnlisted(tx, { ...goods, ...ids })
      return ids
    },

    /** Lowest price of the last `days` days, for an honest strike-through; null without recorded prices. */
    lowestPriceOfDays: (variantId: VariantId, days: number) => store.lowestPriceOfDays(variantId, days),
  }
}

export type CatalogService = ReturnType<typeof createCatalogService>

function parseCursor(cursor: string): ProductId {
  const parsed = z.uuid().safeParse(cursor)
  if (!parsed.success)
    throw new Refusal('request.invalid', { issues: [{ path: 'cursor', problem: 'not a cursor of ours' }] })
  return parsed.data as ProductId
}
