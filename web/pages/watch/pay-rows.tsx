import type { Win } from '@livelot/client/contracts'
import { Button } from '../../parts/button.tsx'
import { Countdown } from '../../parts/countdown.tsx'

/** Wins that wait for their winner while something else is on the block: the time to pay runs all the same. */
export function PayRows({ wins, onFix }: { wins: readonly Win[]; onFix: (win: Win) => void }) {
  return wins.map((win) => (
    <div key={win.offer.offerId} className="sale-row">
      <span className="sale-row-name">Lot {win.lotNumber} is not paid yet</span>
      {win.offer.payBeforeMs !== null && (
        <Countdown endsAtMs={win.offer.payBeforeMs} label="Time to pay" labelHidden size="s" />
      )}
      <Button tone="buy" size="s" onClick={() => onFix(win)}>
        {win.offer.state === 'needs_action' ? 'Confirm it' : 'Pay now'}
      </Button>
    </div>
  ))
}
