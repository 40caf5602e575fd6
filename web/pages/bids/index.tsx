import { MyBidsPanel } from '../../bidding/my-bids-panel.tsx'
import { useRequiredAccount } from '../../data/client.tsx'
import { useTitle } from '../../data/use-title.ts'
import './bids.css'

export function Component() {
  useTitle('Your bids')
  const account = useRequiredAccount()
  return (
    <div className="page page-narrow bids">
      <h1>Your bids</h1>
      <p className="bids-note">
        Receipts are kept on the device that a bid was placed with, for you to show to anybody. A ledger is checked
        right here, in your browser.
      </p>
      {account && <MyBidsPanel showId={null} />}
    </div>
  )
}
