import type { AuctionHandle, AuctionView, Room } from '@livelot/client'
import type { Auction } from '@livelot/client/contracts'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useServerNow } from '../parts/clock.tsx'
import { auctionOnStage, RESULT_SHOWN_MS } from './bidding.ts'

const never = () => () => undefined
const nothing = () => null

/** The auction that is shown, with the way to bid in it. Null while none runs and the last result is old. */
export function useStageAuction(
  room: Room | null,
  auctions: readonly Auction[],
  chosenId: string | null,
): { handle: AuctionHandle | null; auction: AuctionView | null } {
  const now = useServerNow()
  const [, setTurn] = useState(0)
  const staged = auctionOnStage(auctions, chosenId, now())
  const handle = room && staged ? room.auction(staged.auctionId) : null
  const auction = useSyncExternalStore<AuctionView | null>(handle?.subscribe ?? never, handle?.state ?? nothing)

  const leavesAtMs = staged?.figures.state === 'closed' ? staged.figures.endsAtMs + RESULT_SHOWN_MS : null
  useEffect(() => {
    if (leavesAtMs === null) return
    const timer = setTimeout(() => setTurn((turn) => turn + 1), Math.max(0, leavesAtMs - now()) + 50)
    return () => clearTimeout(timer)
  }, [leavesAtMs, now])
  return { handle, auction }
}
