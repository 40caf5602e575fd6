import type { Auction } from '@livelot/client/contracts'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../../../parts/announcer.tsx'
import { newsOf } from './block-state.ts'

/** Tells a screen reader, politely, how the auctions go. The countdown itself says the last ten seconds. */
export function useBlockNews(auctions: readonly Auction[]): void {
  const announce = useAnnounce()
  const before = useRef<ReadonlyMap<string, Auction> | null>(null)
  useEffect(() => {
    const known = before.current
    before.current = new Map(auctions.map((auction) => [auction.auctionId, auction]))
    if (!known) return
    for (const auction of auctions) {
      const news = newsOf(known.get(auction.auctionId), auction)
      if (news) announce(news)
    }
  }, [auctions, announce])
}
