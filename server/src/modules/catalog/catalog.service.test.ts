import type { BrandId, ProductId, VariantId } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { statement } from '#infra/postgres/pool'
import { newId } from '#kernel/ids'
import { type Edge, startEdge } from '../../../test/support/edge.ts'

let edge: Edge
const brandId = newId<BrandId>()
beforeAll(async () => {
  edge = await startEdge()
  await run('INSERT INTO brands (id, handle, name) VALUES ($1, $2, $3)', [brandId, 'kiln', 'Kiln & Co'])
})
afterAll(() => edge.close())

const run = (sql: string, values: unknown[]) => edge.db.query(statement(`test.${sql.slice(0, 40)}`, sql), values)

async function addProduct(name: string, priceMinor = 2_500) {
  const productId = newId<ProductId>()
  const variantId = newId<VariantId>()
  await run('INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, $3, $4, $5)', [
    productId,
    brandId,
    name,
    'home',
    '/p.svg',
  ])
  await run(
    'INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams) VALUES ($1, $2, $3, $4, $5, $6, 400)',
    [variantId, productId, variantId, 'One size', priceMinor, 'USD'],
  )
  return { productId, variantId }
}
const addPrice = (variantId: VariantId, daysAgo: number, priceMinor: number) =>
  run(
    `INSERT INTO price_history (variant_id, since, price_minor, currency) VALUES ($1, now() - $2 * interval '1 day', $3, 'USD')`,
    [variantId, daysAgo, priceMinor],
  )

it('[CA1] goes on where the last page ended while products are added', async () => {
  for (const name of ['Cup', 'Bowl', 'Plate', 'Vase', 'Jug']) await addProduct(name)
  const first = (await edge.call('GET', '/v1/products?limit=2')).body
  await addProduct('Newcomer')
  const second = (await edge.call('GET', `/v1/products?limit=2&cursor=${first.nextCursor}`)).body
  const third = (await edge.call('GET', `/v1/products?limit=2&cursor=${second.nextCursor}`)).body
  const names = [first, second, third].flatMap((page) => page.items.map((item: { name: string }) => item.name))
  expect(names).toEqual(['Jug', 'Vase', 'Plate', 'Bowl', 'Cup'])
  expect(third.nextCursor).toBeNull()
  expect((await edge.call('GET', '/v1/products?cursor=nonsense')).body.code).toBe('request.invalid')
})

it('[CA2] takes the lowest price in force within thirty days, the one that ran into them included', async () => {
  const { variantId } = await addProduct('Lamp')
  expect(await edge.catalog.lowestPriceOfDays(variantId, 30)).toBeNull()
  await addPrice(variantId, 90, 1_000)
  await addPrice(variantId, 60, 5_000)
  await addPrice(variantId, 20, 6_000)
  expect(await edge.catalog.lowestPriceOfDays(variantId, 30)).toBe(5_000)
  await addPrice(variantId, 10, 4_200)
  await addPrice(variantId, 5, 7_000)
  expect(await edge.catalog.lowestPriceOfDays(variantId, 30)).toBe(4_200)
  await addPrice(variantId, -3, 10)
  expect(await edge.catalog.lowestPriceOfDays(variantId, 30)).toBe(4_200)
})

it('[CA3] searches words as they are written', async () => {
  await addProduct('100% linen_towel')
  const found = async (query: string) =>
    (await edge.call('GET', `/v1/products?query=${encodeURIComponent(query)}`)).body.items.map(
      (item: { name: string }) => item.name,
    )
  expect(await found('100%')).toEqual(['100% linen_towel'])
  expect(await found('n_t')).toEqual(['100% linen_towel'])
  expect(await found('l%towel')).toEqual([])
})

it('tells one product with its variants and brand, and refuses an unknown one', async () => {
  const { productId, variantId } = await addProduct('Teapot', 8_900)
  const answer = await edge.call('GET', `/v1/products/${productId}`)
  expect(answer.body).toMatchObject({
    name: 'Teapot',
    brand: { name: 'Kiln & Co' },
    variants: [{ variantId, price: { amountMinor: 8_900, currency: 'USD' }, availableUnits: 0 }],
  })
  expect((await edge.call('GET', `/v1/products/${newId()}`)).body.code).toBe('product.not_found')
})
