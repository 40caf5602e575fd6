import { setTimeout as delay } from 'node:timers/promises'
import type { AuctionNight } from '../../support/auction-night.ts'
import type { SaleCrowd } from '../../support/sale-crowd.ts'

/** A sale that is open and a lot that runs, with bidders who bid to its end. */
export interface Trade {
  readonly flashSaleId: string
  readonly auctionId: string
  /** Everybody buys, with cards of these kinds by turns; call it again to begin again. */
  buy(cards?: readonly string[]): void
  /** Nobody begins another purchase; resolves when those under way are over. */
  stopBuying(): Promise<void>
  /** Resolves when the lot is closed for everybody. */
  readonly lotClosed: Promise<void>
  /** When the lot ends, as it is known now; infinite while it is not known. */
  endsAtMs(): number
  /** Resolves when the lot has so much time left, wherever late bids have moved its end. */
  hasLeft(leftMs: number): Promise<void>
  /** Resolves in the last second of the lot. */
  lastSecond(): Promise<void>
  /** Nothing more is begun; resolves when buyers and bidders have their answers. */
  finish(): Promise<void>
}

interface TradeParts {
  readonly night: AuctionNight
  readonly crowd: SaleCrowd
  readonly flashSaleId: string
  readonly auctionId: string
}

const lastSecondMs = 600

/** Begins the bidding of a lot that was started, and leaves the buying to its caller. */
export function startTrade({ night, crowd, flashSaleId, auctionId }: TradeParts): Trade {
  const buying: ReturnType<SaleCrowd['buyIn']>[] = []
  const lotClosed = night.bidToTheEnd([auctionId])
  // Whoever waits for the end hears of a failure; it must not end the process before.
  lotClosed.catch(() => undefined)
  const endsAtMs = () => {
    const known = night.bidders.map(({ room }) => room.auction(auctionId).state()?.figures.endsAtMs ?? 0)
    return Math.max(...known) || Number.POSITIVE_INFINITY
  }
  const hasLeft = async (wantedMs: number) => {
    for (;;) {
      const leftMs = endsAtMs() - Date.now()
      if (leftMs <= wantedMs) return
      await delay(Math.min(leftMs - wantedMs + 50, 1_000))
    }
  }
  const stopBuying = async () => {
    await Promise.all(buying.map((one) => one.stop()))
  }
  return {
    flashSaleId,
    auctionId,
    lotClosed,
    buy: (cards) => void buying.push(crowd.buyIn(flashSaleId, cards)),
    stopBuying,
    endsAtMs,
    hasLeft,
    lastSecond: () => hasLeft(lastSecondMs),
    finish: async () => {
      await Promise.all([stopBuying(), lotClosed])
    },
  }
}
