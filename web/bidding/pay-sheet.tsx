import type { Card, Win } from '@livelot/client/contracts'
import { BadgeCheck, CircleSlash, LoaderCircle } from 'lucide-react'
import { useState } from 'react'
import { CardChoice } from '../buying/card-choice.tsx'
import { HostedFrame } from '../buying/hosted-frame.tsx'
import { Button, ButtonLink } from '../parts/button.tsx'
import { Countdown } from '../parts/countdown.tsx'
import { formatMoney } from '../parts/money.ts'
import { Sheet } from '../parts/sheet.tsx'
import '../buying/buy-sheet.css'
import './entry-sheet.css'
import { winNews } from './win-words.ts'

export type PayMeans = { cards: readonly Card[]; cardFormUrl: string | null }

export type PayActions = {
  close: () => void
  /** Answer with what went wrong, or null. */
  pay: (cardId: string) => Promise<string | null>
  saveCard: (cardToken: string) => Promise<{ cardId: string } | { problem: string }>
  bankStepDone: () => void
}

type PaySheetProps = { win: Win | null; means: PayMeans; actions: PayActions }

const titles: Record<Win['offer']['state'], string> = {
  charging: 'Paying',
  needs_action: 'Your bank asks',
  payment_failed: 'Pay for your lot',
  paid: 'It is yours',
  passed_on: 'Too late',
  void: 'Called off',
}

/** A win whose card was not charged: another card, or the bank's step, before the time is over. */
export function PaySheet({ win, means, actions }: PaySheetProps) {
  return (
    <Sheet open={win !== null} onClose={actions.close} title={win ? titles[win.offer.state] : ''}>
      {win && (
        <div className="entry">
          <p>
            Lot {win.lotNumber}, {win.title}: {formatMoney(win.total)} in all.
          </p>
          <PayStep win={win} means={means} actions={actions} />
        </div>
      )}
    </Sheet>
  )
}

const BANK_FRAME_HEIGHT_PX = 420

type StepProps = { win: Win; means: PayMeans; actions: PayActions }

function PayStep({ win, means, actions }: StepProps) {
  const { offer, orderId } = win
  switch (offer.state) {
    case 'charging':
      return (
        <div className="buy-outcome">
          <LoaderCircle className="buy-turning" aria-hidden="true" />
          <p role="status">Asking your bank…</p>
        </div>
      )
    case 'needs_action':
      return (
        <>
          <TimeToPay win={win} />
          {offer.actionUrl && (
            <HostedFrame
              url={offer.actionUrl}
              title="Confirmation at your bank"
              heightPx={BANK_FRAME_HEIGHT_PX}
              onMessage={(message) => {
                if (message.type === 'livelot-challenge-done') actions.bankStepDone()
              }}
            />
          )}
          <Button tone="outline" wide onClick={actions.bankStepDone}>
            I have confirmed it
          </Button>
        </>
      )
    case 'payment_failed':
      return <OtherCard win={win} means={means} actions={actions} />
    case 'paid':
      return (
        <div className="buy-outcome buy-outcome-good">
          <BadgeCheck aria-hidden="true" />
          <p role="status">{winNews(win).words}</p>
          {orderId && (
            <ButtonLink to={`/orders/${orderId}`} size="l" wide>
              See the order
            </ButtonLink>
          )}
        </div>
      )
    case 'passed_on':
    case 'void':
      return (
        <div className="buy-outcome buy-outcome-bad">
          <CircleSlash aria-hidden="true" />
          <p role="status">{winNews(win).words}</p>
        </div>
      )
  }
}

function TimeToPay({ win }: { win: Win }) {
  const { payBeforeMs } = win.offer
  if (payBeforeMs === null) return null
  return (
    <p className="buy-hold">
      <Countdown endsAtMs={payBeforeMs} label="Then it goes to the next bidder" />
    </p>
  )
}

function OtherCard({ win, means, actions }: StepProps) {
  const [chosenId, setChosenId] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const cardId = chosenId ?? means.cards[0]?.cardId ?? null
  const pay = async () => {
    if (!cardId) return
    setBusy(true)
    setProblem(await actions.pay(cardId))
    setBusy(false)
  }
  return (
    <>
      <TimeToPay win={win} />
      <p role="alert">{winNews(win).words}</p>
      <CardChoice
        cards={means.cards}
        cardId={cardId}
        cardFormUrl={means.cardFormUrl}
        onChoose={setChosenId}
        onToken={async (cardToken) => {
          const saved = await actions.saveCard(cardToken)
          if ('problem' in saved) return saved.problem
          setChosenId(saved.cardId)
          return null
        }}
      />
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button tone="buy" size="l" wide busy={busy} disabled={!cardId} onClick={pay}>
        Pay {formatMoney(win.total)}
      </Button>
    </>
  )
}
