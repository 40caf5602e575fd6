import type { Money } from '@livelot/client/contracts'
import { TicketPercent } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { formatMoney } from '../parts/money.ts'
import './coupon-field.css'

type CouponFieldProps = {
  /** The code that the price is worked out with. */
  code: string | null
  /** What it takes off; null while the price is worked out. */
  discount: Money | null
  problem: string | null
  onApply: (code: string) => void
  onRemove: () => void
}

/** A code for the order: what it takes off is in the price before anything is paid. */
export function CouponField(props: CouponFieldProps) {
  // Kept while the price is worked out: a code that is refused can be mended instead of typed anew.
  const [draft, setDraft] = useState('')
  return (
    <div className="coupon">
      {props.code === null ? <CodeForm {...props} draft={draft} onDraft={setDraft} /> : <Applied {...props} />}
      <p className="buy-note">
        One coupon an order. It comes off the items, after a flash price and before tax; shipping stays.
      </p>
    </div>
  )
}

function Applied({ code, discount, onRemove }: CouponFieldProps) {
  return (
    <div className="coupon-on">
      <TicketPercent aria-hidden="true" />
      <p role="status">
        <strong className="figures">{code}</strong>
        {discount ? ` takes ${formatMoney(discount)} off` : ' …'}
      </p>
      <Button tone="ghost" size="s" onClick={onRemove}>
        Remove
      </Button>
    </div>
  )
}

type CodeFormProps = CouponFieldProps & { draft: string; onDraft: (draft: string) => void }

function CodeForm({ problem, onApply, draft, onDraft }: CodeFormProps) {
  const [isMissing, setMissing] = useState(false)
  const apply = (event: FormEvent) => {
    event.preventDefault()
    const wanted = draft.trim().toUpperCase()
    setMissing(wanted === '')
    if (wanted !== '') onApply(wanted)
  }
  return (
    <form className="coupon-form" onSubmit={apply} noValidate aria-label="Coupon">
      <TextField
        label="Coupon code"
        value={draft}
        maxLength={15}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        error={isMissing ? 'Type the code of a coupon.' : problem}
        onChange={(event) => onDraft(event.target.value)}
        trailing={
          <Button type="submit" tone="outline" size="s">
            Use it
          </Button>
        }
      />
    </form>
  )
}
