import type { AuctionView } from '@livelot/client'
import { Minus, Plus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '../parts/button.tsx'
import { ChoiceField, TextField } from '../parts/field.tsx'
import { Sheet } from '../parts/sheet.tsx'
import { amountText, formatBid, parseAmountMinor, stepsAbove } from './amounts.ts'
import './bid-sheet.css'
import { isFarAbove } from './bidding.ts'
import { formatTimeLeft, useAuctionTime } from './use-server-time.ts'

type BidSheetProps = {
  open: boolean
  auction: AuctionView
  allIn: ((hammerMinor: number) => number) | null
  onClose: () => void
  onBid: (kind: 'bid' | 'max', amountMinor: number, isSure: boolean) => void
}

/** An amount of one's own: a maximum that is bid step by step, or a price that is offered at once. */
export function BidSheet({ open, auction, allIn, onClose, onBid }: BidSheetProps) {
  return (
    <Sheet open={open} onClose={onClose} title={`Lot ${auction.lotNumber}: your amount`}>
      <BidForm auction={auction} allIn={allIn} onBid={onBid} />
    </Sheet>
  )
}

const kinds = [
  { value: 'max', label: 'Maximum' },
  { value: 'bid', label: 'Bid it now' },
] as const

const words = {
  max: 'We bid for you, one step at a time, only as far as others push, and never above this. Nobody sees it before the close, not even the host.',
  bid: 'This becomes the price at once, if it is the highest. With a maximum you may get it for less.',
}

/** Where the box begins: a maximum that only meets the next bid would be an ordinary bid. */
const FIRST_STEPS = 2

type BidFormProps = Pick<BidSheetProps, 'auction' | 'allIn' | 'onBid'>

function BidForm({ auction, allIn, onBid }: BidFormProps) {
  const { currency, increments, own, nextMinimumMinor } = auction
  const [kind, setKind] = useState<'bid' | 'max'>('max')
  const leastMinor = leastFor(auction)
  const [text, setText] = useState(() => amountText(stepsAbove(leastMinor, increments, FIRST_STEPS), currency))
  const [asked, setAsked] = useState<number | null>(null)
  const amountMinor = parseAmountMinor(text, currency)
  const money = (minor: number) => formatBid({ amountMinor: minor, currency })
  const problem = problemOf(amountMinor, leastMinor, money)
  const set = (minor: number) => {
    setAsked(null)
    setText(amountText(Math.max(leastMinor, minor), currency))
  }

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (amountMinor === null || problem) return
    if (isFarAbove(amountMinor, nextMinimumMinor) && asked !== amountMinor) setAsked(amountMinor)
    else onBid(kind, amountMinor, asked === amountMinor)
  }

  return (
    <form className="bid-form" onSubmit={submit} noValidate>
      <p className="bid-form-now figures">
        Now {money(auction.figures.priceMinor)} · <TimeLeft auction={auction} />
        {own.maximumMinor !== null && <> · your maximum {money(own.maximumMinor)}</>}
      </p>
      {own.standing !== 'leading' && (
        <ChoiceField className="bid-form-kind" legend="How" value={kind} options={kinds} onChange={setKind} />
      )}
      <p className="bid-form-words">{words[kind]}</p>
      <div className="bid-form-amount">
        <IconButton label="One step less" onClick={() => set(stepDown(amountMinor ?? leastMinor, auction, leastMinor))}>
          <Minus aria-hidden="true" />
        </IconButton>
        <TextField
          label={kind === 'max' ? 'Your maximum' : 'Your bid'}
          inputMode="decimal"
          autoComplete="off"
          enterKeyHint="go"
          value={text}
          error={problem}
          hint={`At least ${money(leastMinor)}`}
          onChange={(event) => {
            setAsked(null)
            setText(event.target.value)
          }}
          onFocus={(event) => event.target.select()}
        />
        <IconButton
          label="One step more"
          onClick={() => set(stepsAbove(Math.max(leastMinor, amountMinor ?? leastMinor), increments, 1))}
        >
          <Plus aria-hidden="true" />
        </IconButton>
      </div>
      <div className="bid-form-steps">
        {[0, 3, 6, 12].map((steps) => {
          const minor = stepsAbove(leastMinor, increments, steps)
          return (
            <Button key={steps} tone="outline" size="s" onClick={() => set(minor)}>
              {money(minor)}
            </Button>
          )
        })}
      </div>
      {asked !== null && (
        <p className="bid-form-sure" role="alert">
          {money(asked)} is more than ten times the next bid, {money(nextMinimumMinor)}. Is it right?
        </p>
      )}
      <Button type="submit" tone="buy" size="l" wide disabled={amountMinor === null || problem !== null}>
        {submitWords(kind, asked !== null, amountMinor === null ? '' : money(amountMinor))}
      </Button>
      <p className="bid-form-all figures">
        {amountMinor !== null && allIn
          ? `${kind === 'max' ? 'At the most' : 'If you win'} ${money(allIn(amountMinor))} all-in, with shipping and tax.`
          : 'Shipping and tax come on top.'}{' '}
        It binds.
      </p>
    </form>
  )
}

function TimeLeft({ auction }: { auction: AuctionView }) {
  const time = useAuctionTime(auction)
  return time.leftMs === 0 ? 'closing…' : `${formatTimeLeft(time)} left`
}

/** A leader only raises the own maximum, and by a step of it; everybody else starts at the next bid. */
function leastFor({ own, increments, nextMinimumMinor }: AuctionView): number {
  const isRaise = own.standing === 'leading' && own.maximumMinor !== null
  return isRaise ? Math.max(stepsAbove(own.maximumMinor, increments, 1), nextMinimumMinor) : nextMinimumMinor
}

function problemOf(amountMinor: number | null, leastMinor: number, money: (minor: number) => string): string | null {
  if (amountMinor === null) return 'An amount, like 24 or 24.50.'
  return amountMinor < leastMinor ? `At least ${money(leastMinor)}.` : null
}

function submitWords(kind: 'bid' | 'max', isAsked: boolean, amount: string): string {
  if (isAsked) return `Yes, ${amount}`
  return kind === 'max' ? `Set maximum ${amount}` : `Bid ${amount}`
}

/** The highest rung of the ladder below the amount. */
function stepDown(amountMinor: number, { increments }: AuctionView, leastMinor: number): number {
  let rung = leastMinor
  for (;;) {
    const next = stepsAbove(rung, increments, 1)
    if (next >= amountMinor) return rung
    rung = next
  }
}
