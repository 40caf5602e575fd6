import type { AuctionView } from '@livelot/client'
import { Button } from '../parts/button.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { formatBid } from './amounts.ts'

type BuyNowSheetProps = {
  open: boolean
  auction: AuctionView
  allIn: ((hammerMinor: number) => number) | null
  onClose: () => void
  onBuy: (priceMinor: number) => void
}

/** Ends the auction at its fixed price, so it is asked for twice. */
export function BuyNowSheet({ open, auction, allIn, onClose, onBuy }: BuyNowSheetProps) {
  const { buyNowMinor } = auction.figures
  const money = (amountMinor: number) => formatBid({ amountMinor, currency: auction.currency })
  const gone = buyNowMinor === null
  return (
    <Sheet open={open} onClose={onClose} title="Buy it now">
      <div className="bid-form">
        <p>
          {gone
            ? 'Bidding has begun, so this lot cannot be bought outright any more.'
            : `Buying ends the auction of ${auction.title} at once. Your card is charged ${
                allIn ? `${money(allIn(buyNowMinor))} in all, with shipping and tax` : money(buyNowMinor)
              }.`}
        </p>
        <Button
          tone="buy"
          size="l"
          wide
          disabled={gone}
          onClick={() => {
            if (buyNowMinor !== null) onBuy(buyNowMinor)
          }}
        >
          {gone ? 'Not any more' : `Buy for ${money(buyNowMinor)}`}
        </Button>
        <Button tone="ghost" wide onClick={onClose}>
          Rather bid
        </Button>
      </div>
    </Sheet>
  )
}
