import type { AuctionView } from '@livelot/client'
import { useEffect, useRef } from 'react'
import { useAnnounce } from '../parts/announcer.tsx'
import { useServerNow } from '../parts/clock.tsx'
import { formatBid } from './amounts.ts'
import { paddleWords } from './bidding.ts'

/** A price is read at most so often: bids can come faster than anybody can listen. */
const PRICE_EVERY_MS = 3_000
const LAST_MS = 10_000

/** Tells an auction to people who do not see it: the price in peace, the last ten seconds once, being outbid at once. */
export function useToldAuction(auction: AuctionView | null): void {
  const announce = useAnnounce()
  const now = useServerNow()
  const priceToldTick = useRef(Number.NEGATIVE_INFINITY)
  const auctionId = auction?.auctionId ?? null
  const running = auction?.figures.state === 'running'
  const endsAtMs = auction?.figures.endsAtMs ?? 0
  const words = auction ? priceWords(auction) : ''
  const standing = auction?.own.standing ?? 'none'
  const result = auction && !running ? resultWords(auction) : ''

  useEffect(() => {
    if (!running || !words) return
    const waitMs = Math.max(0, priceToldTick.current + PRICE_EVERY_MS - performance.now())
    const timer = setTimeout(() => {
      priceToldTick.current = performance.now()
      announce(words)
    }, waitMs)
    return () => clearTimeout(timer)
  }, [running, words, announce])

  // Once for each lot: an end that is moved again and again would be told again and again.
  const lastTold = useRef<string | null>(null)
  useEffect(() => {
    if (!running || auctionId === null || lastTold.current === auctionId) return
    const timer = setTimeout(
      () => {
        lastTold.current = auctionId
        announce('Last ten seconds')
      },
      Math.max(0, endsAtMs - LAST_MS - now()),
    )
    return () => clearTimeout(timer)
  }, [running, auctionId, endsAtMs, now, announce])

  const before = useRef(standing)
  const beforeId = useRef(auctionId)
  useEffect(() => {
    const isSame = beforeId.current === auctionId
    if (isSame && before.current === 'leading' && standing === 'outbid') announce('You are outbid', 'assertive')
    before.current = standing
    beforeId.current = auctionId
  }, [standing, auctionId, announce])

  useEffect(() => {
    if (result) announce(result)
  }, [result, announce])
}

function priceWords({ lotNumber, title, figures, currency, own, terms }: AuctionView): string {
  if (terms.type === 'dutch') return `Lot ${lotNumber}, ${title}: the price falls until somebody takes it`
  const price = formatBid({ amountMinor: figures.priceMinor, currency })
  if (!figures.leader) return `Lot ${lotNumber}, ${title}: starts at ${price}`
  return own.standing === 'leading' ? `You lead at ${price}` : `${price}, ${paddleWords(figures.leader)} leads`
}

function resultWords({ lotNumber, figures, currency, own }: AuctionView): string {
  if (figures.outcome === 'unsold') return `Lot ${lotNumber} is not sold`
  const price = formatBid({ amountMinor: figures.priceMinor, currency })
  if (own.standing === 'won') return `Lot ${lotNumber} is yours for ${price}`
  return `Lot ${lotNumber} is sold for ${price}`
}
