import { type Client, newOperationId } from '@livelot/client'
import { incrementTables, type Lot } from '@livelot/client/contracts'
import { type FormEvent, useState } from 'react'
import { useSession } from '../data/client.tsx'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { amountText, formatBid, parseAmountMinor, stepsAbove } from './amounts.ts'
import { refusedOf } from './refusals.ts'
import './bid-sheet.css'

type PreBidSheetProps = {
  lot: Lot | null
  ownMinor: number | null
  onClose: () => void
  onPlaced: (lotId: string, maximumMinor: number) => void
}

/** A maximum before the start, for people who cannot be there in time. */
export function PreBidSheet({ lot, ...rest }: PreBidSheetProps) {
  return (
    <Sheet open={lot !== null} onClose={rest.onClose} title={lot ? `Lot ${lot.number}: bid ahead` : ''}>
      {lot && <PreBidForm key={lot.lotId} lot={lot} {...rest} />}
    </Sheet>
  )
}

function PreBidForm({ lot, ownMinor, onPlaced }: PreBidSheetProps & { lot: Lot }) {
  const { client } = useSession()
  const { currency } = lot.startPrice
  const increments = (lot.terms.type === 'english' && lot.terms.increments) || incrementTables[currency]
  const leastMinor = ownMinor === null ? lot.startPrice.amountMinor : stepsAbove(ownMinor, increments, 1)
  const [text, setText] = useState(() => amountText(leastMinor, currency))
  const [operationId, setOperationId] = useState(newOperationId)
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<string | null>(null)
  const amountMinor = parseAmountMinor(text, currency)
  const money = (minor: number) => formatBid({ amountMinor: minor, currency })
  const problem =
    amountMinor === null
      ? 'An amount, like 24 or 24.50.'
      : amountMinor < leastMinor
        ? `At least ${money(leastMinor)}.`
        : null

  const place = async (event: FormEvent) => {
    event.preventDefault()
    if (amountMinor === null || problem || busy) return
    setBusy(true)
    const result = await placed(client, lot, amountMinor, operationId)
    setBusy(false)
    setRefused(typeof result === 'string' ? result : null)
    if (typeof result === 'number') onPlaced(lot.lotId, result)
  }
  return (
    <form className="bid-form" onSubmit={place} noValidate>
      <p className="bid-form-words">
        {lot.title} starts at {money(lot.startPrice.amountMinor)}. When the lot runs, we bid for you step by step, never
        above your maximum. It binds and can be raised, but not taken back. It is void if the lot is not run.
      </p>
      <TextField
        label="Your maximum"
        inputMode="decimal"
        autoComplete="off"
        enterKeyHint="go"
        value={text}
        error={problem}
        hint={`At least ${money(leastMinor)}`}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setText(event.target.value)
          // Another amount is another bid; the same one sent again after a lost answer is not.
          setOperationId(newOperationId())
        }}
      />
      {refused && (
        <p className="field-error" role="alert">
          {refused}
        </p>
      )}
      <Button type="submit" tone="buy" size="l" wide busy={busy} disabled={problem !== null}>
        {amountMinor === null ? 'Bid ahead' : `Bid ahead, up to ${money(amountMinor)}`}
      </Button>
      <p className="bid-form-all">Shipping and tax come on top, and stand on the button while the lot runs.</p>
    </form>
  )
}

/** The maximum as the server took it, or why it did not. */
async function placed(client: Client, lot: Lot, maximumMinor: number, operationId: string): Promise<number | string> {
  try {
    return (await client.bidding.placePreBid({ lotId: lot.lotId, maximumMinor, operationId })).maximumMinor
  } catch (error) {
    return refusedOf(error, lot.startPrice.currency).sentence
  }
}
