import type { Card } from '@livelot/client/contracts'
import { CreditCard } from 'lucide-react'
import { useId, useState } from 'react'
import { Button } from '../parts/button.tsx'
import './card-choice.css'
import { HostedFrame, type HostedMessage } from './hosted-frame.tsx'

type CardChoiceProps = {
  cards: readonly Card[]
  cardId: string | null
  cardFormUrl: string | null
  onChoose: (cardId: string) => void
  onToken: (cardToken: string) => Promise<string | null>
}

/** Until the form says how high it is. */
const FRAME_HEIGHT_PX = 360

const brandNames: Record<string, string> = { visa: 'Visa', mastercard: 'Mastercard', amex: 'American Express' }

export const cardWords = (card: Card) => `${brandNames[card.brand] ?? card.brand} •••• ${card.last4}`

export function CardChoice({ cards, cardId, cardFormUrl, onChoose, onToken }: CardChoiceProps) {
  const [adding, setAdding] = useState(false)
  const name = useId()
  if (adding || cards.length === 0)
    return (
      <CardFrame
        cardFormUrl={cardFormUrl}
        onToken={async (cardToken) => {
          const problem = await onToken(cardToken)
          if (problem === null) setAdding(false)
          return problem
        }}
        onCancel={cards.length > 0 ? () => setAdding(false) : undefined}
      />
    )
  return (
    <div className="cards">
      <fieldset>
        <legend className="visually-hidden">Card</legend>
        {cards.map((card) => (
          <label key={card.cardId} className="cards-one">
            <input type="radio" name={name} checked={card.cardId === cardId} onChange={() => onChoose(card.cardId)} />
            <CreditCard aria-hidden="true" />
            <span className="figures">{cardWords(card)}</span>
            <small className="figures">
              {String(card.expMonth).padStart(2, '0')}/{String(card.expYear).slice(-2)}
            </small>
          </label>
        ))}
      </fieldset>
      <Button tone="ghost" size="s" onClick={() => setAdding(true)}>
        Add another card
      </Button>
    </div>
  )
}

type CardFrameProps = {
  cardFormUrl: string | null
  onToken: (cardToken: string) => Promise<string | null>
  onCancel?: () => void
}

/** The payment provider's form in a frame of its own origin. Only a one-time token comes back. */
function CardFrame({ cardFormUrl, onToken, onCancel }: CardFrameProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const [heightPx, setHeightPx] = useState(FRAME_HEIGHT_PX)

  const hear = (message: HostedMessage) => {
    if (message.type === 'livelot-card-height') setHeightPx(message.height)
    if (message.type === 'livelot-card-token') onToken(message.token).then(setProblem)
  }

  if (!cardFormUrl) return <p className="field-error">The card form cannot be reached right now.</p>
  return (
    <div className="cards-frame">
      <HostedFrame
        url={cardFormUrl}
        title="Card details, entered at the payment provider"
        heightPx={heightPx}
        onMessage={hear}
      />
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      {onCancel && (
        <Button tone="ghost" size="s" onClick={onCancel}>
          Use a saved card
        </Button>
      )}
    </div>
  )
}
