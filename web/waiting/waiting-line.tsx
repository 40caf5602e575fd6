import type { WaitingView } from '@livelot/client'
import type { FlashSale } from '@livelot/client/contracts'
import { Hourglass, Ticket } from 'lucide-react'
import { sentenceOf } from '../data/sentences.ts'
import { Button } from '../parts/button.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { formatMoney } from '../parts/money.ts'
import type { Waiting } from './use-waiting.ts'
import { waitingWords } from './waiting-words.ts'
import './waiting-line.css'

type WaitingLineProps = {
  sale: FlashSale
  waiting: Waiting
  isSignedIn: boolean
  connected: boolean
  onBuy: (flashSaleId: string) => void
  onSignIn: () => void
}

/** The own place in line, in the ticket of the sale: how many are before one, what is left, and when it is one’s turn. */
export function WaitingLine(props: WaitingLineProps) {
  const { waiting, sale } = props
  const { view } = waiting
  const { head, note } = waitingWords(view)
  return (
    <section className="waiting" data-stage={view.stage} aria-label="Waiting room">
      {view.stage === 'called' ? <Ticket aria-hidden="true" /> : <Hourglass aria-hidden="true" />}
      <div className="waiting-words">
        <p className="waiting-head figures">
          {head}
          {view.untilMs !== null && <Countdown endsAtMs={view.untilMs} label="Your turn ends" labelHidden />}
        </p>
        {note && <p className="waiting-note">{note}</p>}
        <DrawNote view={view} />
        {view.error && (
          <p className="field-error" role="alert">
            {sentenceOf(view.error)}
          </p>
        )}
      </div>
      <div className="waiting-act">
        <WaitingAct {...props} key={sale.flashSaleId} />
      </div>
    </section>
  )
}

function DrawNote({ view: { draw } }: { view: WaitingView }) {
  if (draw === 'hidden') return null
  return draw === 'proved' ? (
    <p className="waiting-note">Drawn as promised: checked on this device.</p>
  ) : (
    <p className="field-error" role="alert">
      This place does not follow from the draw that was promised. Keep this page and tell the platform.
    </p>
  )
}

function WaitingAct({ sale, waiting, isSignedIn, connected, onBuy, onSignIn }: WaitingLineProps) {
  const { view, join, leave } = waiting
  switch (view.stage) {
    case 'none':
    case 'missed':
    case 'joining':
      if (!isSignedIn)
        return (
          <Button tone="buy" onClick={onSignIn}>
            Sign in to join
          </Button>
        )
      return (
        <Button tone="buy" busy={view.stage === 'joining'} disabled={!connected} onClick={join}>
          {view.stage === 'missed' ? 'Join again' : 'Join the line'}
        </Button>
      )
    case 'early':
    case 'waiting':
      return (
        <Button tone="ghost" onClick={leave}>
          Leave
        </Button>
      )
    case 'called':
      return (
        <Button tone="buy" onClick={() => onBuy(sale.flashSaleId)}>
          Buy {formatMoney(sale.salePrice)}
        </Button>
      )
    case 'done':
      return (
        <Button tone="outline" onClick={() => onBuy(sale.flashSaleId)}>
          Go on
        </Button>
      )
    case 'ended':
      return <Button disabled>{view.room?.endReason === 'closed' ? 'Sale is over' : 'Sold out'}</Button>
    default:
      return view.stage satisfies never
  }
}
