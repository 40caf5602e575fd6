import { readdirSync, readFileSync } from 'node:fs'
import { AuctionTerms } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { termsProblems } from '../src/modules/auctions/lot.ts'
import { drawAll } from './draw-all.ts'
import { demoBrands, demoCreators, demoLots, demoPicturesUrl, demoProducts, demoShows } from './index.ts'

/** A page shows two dozen pictures at once; drawn ones can be this small. */
const PICTURE_BYTES_MAX = 14_000

const duplicates = (names: readonly string[]) => names.filter((name, place) => names.indexOf(name) !== place)

describe('the demo catalogue', () => {
  it('has three brands, two creators, 24 products, a live and a planned show', () => {
    expect([demoBrands.length, demoCreators.length, demoProducts.length]).toEqual([3, 2, 24])
    expect(demoShows.map((show) => show.state)).toEqual(['live', 'scheduled'])
  })

  it('refers only to what is there', () => {
    const brands = demoBrands.map((brand) => brand.key)
    const products = demoProducts.map((product) => product.key)
    expect(demoProducts.filter((product) => !brands.includes(product.brandKey))).toEqual([])
    expect(demoShows.flatMap((show) => show.productKeys).filter((key) => !products.includes(key))).toEqual([])
    expect(duplicates(products)).toEqual([])
    expect(duplicates(demoProducts.flatMap((product) => product.variants.map((variant) => variant.sku)))).toEqual([])
  })

  it('has lots of every kind, of goods that are there, each with terms that go together', () => {
    const skus = demoProducts.flatMap((product) => product.variants.map((variant) => variant.sku))
    const missing = demoLots.filter(({ goods }) => 'sku' in goods && !skus.includes(goods.sku))
    expect(missing).toEqual([])
    const problems = demoLots.map((lot) => termsProblems(lot.startPriceMinor, AuctionTerms.parse(lot.terms)))
    expect(problems).toEqual(demoLots.map(() => []))
    const pictures = demoLots.flatMap(({ goods }) => ('picture' in goods ? [goods.picture] : []))
    const drawn = readdirSync(demoPicturesUrl)
    expect(pictures.filter((picture) => !drawn.includes(picture))).toEqual([])
  })

  it('asks whole, positive prices', () => {
    const prices = demoProducts.flatMap((product) => product.variants.map((variant) => variant.priceMinor))
    expect(prices.filter((price) => !Number.isInteger(price) || price <= 0)).toEqual([])
  })
})

describe('the demo pictures', () => {
  it('are the ones that the catalogue names, and no others', () => {
    const named = [...demoBrands, ...demoCreators, ...demoProducts, ...demoShows].map((one) => one.picture)
    expect(readdirSync(demoPicturesUrl).sort()).toEqual([...named].sort())
  })

  it('are what the drawings draw, small, and without scripts or styles', () => {
    for (const [file, drawn] of drawAll()) {
      expect(readFileSync(new URL(file, demoPicturesUrl), 'utf8'), file).toBe(drawn)
      expect(drawn.length, file).toBeLessThan(PICTURE_BYTES_MAX)
      expect(drawn, file).not.toMatch(/<script|<style|style="|href="http/)
    }
  })
})
