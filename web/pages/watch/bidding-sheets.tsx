import type { Lot } from '@livelot/client/contracts'
import { BidSheet } from '../../bidding/bid-sheet.tsx'
import { BuyNowSheet } from '../../bidding/buy-now-sheet.tsx'
import { EntrySheet } from '../../bidding/entry-sheet.tsx'
import { MyBidsPanel } from '../../bidding/my-bids-panel.tsx'
import { PaySheet } from '../../bidding/pay-sheet.tsx'
import { PreBidSheet } from '../../bidding/pre-bid-sheet.tsx'
import type { PageBidding } from '../../bidding/use-bidding.ts'
import { WinMoment } from '../../bidding/win-moment.tsx'
import { Sheet } from '../../parts/sheet.tsx'

type BiddingSheetsProps = {
  showId: string
  bidding: PageBidding
  preBid: {
    lot: Lot | null
    ownMinor: number | null
    close: () => void
    placed: (lotId: string, minor: number) => void
  }
}

/** Everything of bidding that opens over the page. */
export function BiddingSheets({ showId, bidding, preBid }: BiddingSheetsProps) {
  const { auction, view, sheet, setSheet, place, entry, wins } = bidding
  const close = () => setSheet(null)
  const running = auction?.figures.state === 'running'
  return (
    <>
      {auction && (
        <>
          <BidSheet
            open={sheet === 'bid' && running}
            auction={auction}
            allIn={view.allIn}
            onClose={close}
            onBid={place}
          />
          <BuyNowSheet
            open={sheet === 'buy' && running}
            auction={auction}
            allIn={view.allIn}
            onClose={close}
            onBuy={(priceMinor) => place('buy', priceMinor)}
          />
        </>
      )}
      <EntrySheet open={entry.open} state={entry.state} actions={entry.actions} />
      <PaySheet win={wins.open} means={wins.means} actions={wins.actions} />
      <PreBidSheet lot={preBid.lot} ownMinor={preBid.ownMinor} onClose={preBid.close} onPlaced={preBid.placed} />
      <Sheet open={sheet === 'bids'} onClose={close} title="Your bids in this show">
        {sheet === 'bids' && <MyBidsPanel showId={showId} />}
      </Sheet>
      <WinMoment auction={auction} />
    </>
  )
}
