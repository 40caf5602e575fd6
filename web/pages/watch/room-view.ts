import type { FlashSale } from '@livelot/client/contracts'
import type { KnownRoom } from '../../data/use-room.ts'

export type { VideoState } from '../../data/use-video.ts'
export type RoomView = KnownRoom

/**
 * The sale that viewers are shown: an open one before an announced one, the next to open before later ones, and where
 * there is neither, the one that closed last, for as long as its product is pinned or nothing is.
 */
export function saleOnStage(sales: readonly FlashSale[], pinnedProductId: string | null): FlashSale | null {
  const open = sales.filter((sale) => sale.state === 'open')
  const scheduled = sales.filter((sale) => sale.state === 'scheduled').sort((one, two) => one.opensAtMs - two.opensAtMs)
  const closed = sales
    .filter((sale) => sale.state === 'closed' && (pinnedProductId === null || sale.productId === pinnedProductId))
    .sort((one, two) => two.opensAtMs - one.opensAtMs)
  return open[0] ?? scheduled[0] ?? closed[0] ?? null
}

export function isSoldOut(sale: FlashSale): boolean {
  return sale.soldUnits >= sale.totalUnits
}
