import type { FlashSale } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { isSoldOut, saleOnStage } from './room-view.ts'

const sale = (flashSaleId: string, change: Partial<FlashSale>) =>
  ({ flashSaleId, productId: 'mug', state: 'open', totalUnits: 5, soldUnits: 0, opensAtMs: 0, ...change }) as FlashSale

describe('the sale on the stage', () => {
  it('is none where there is none', () => {
    expect(saleOnStage([], null)).toBeNull()
  })

  it('is an open one before an announced one', () => {
    const open = sale('open', { state: 'open', opensAtMs: 100 })
    expect(saleOnStage([sale('soon', { state: 'scheduled', opensAtMs: 50 }), open], 'teapot')).toBe(open)
  })

  it('is the next one to open of those announced', () => {
    const next = sale('next', { state: 'scheduled', opensAtMs: 50 })
    expect(saleOnStage([sale('later', { state: 'scheduled', opensAtMs: 90 }), next], null)).toBe(next)
  })

  it('stays after its end while its product is pinned, and leaves when another one is', () => {
    const over = sale('over', { state: 'closed', opensAtMs: 90 })
    const sales = [sale('older', { state: 'closed', opensAtMs: 10 }), over]
    expect(saleOnStage(sales, 'mug')).toBe(over)
    expect(saleOnStage(sales, null)).toBe(over)
    expect(saleOnStage(sales, 'teapot')).toBeNull()
  })

  it('is sold out when every unit is paid, and not while units are only held', () => {
    expect(isSoldOut(sale('held', { soldUnits: 4, remainingUnits: 0 }))).toBe(false)
    expect(isSoldOut(sale('sold', { soldUnits: 5, remainingUnits: 0 }))).toBe(true)
  })
})
