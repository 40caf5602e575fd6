import type { Currency } from '@livelot/client/contracts'
import { TicketPercent } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { ChoiceField, TextField } from '../parts/field.tsx'
import {
  type CouponDraft,
  type CouponForm,
  type CouponProblems,
  couponDraftOf,
  kindPresets,
  newCouponForm,
  salesPresets,
  validPresets,
} from './coupon-form.ts'

type CouponComposerProps = {
  currency: Currency
  isClosed: boolean
  /** Answers what went wrong, or null. */
  onCreate: (draft: CouponDraft) => Promise<string | null>
}

export function CouponComposer({ currency, isClosed, onCreate }: CouponComposerProps) {
  const [form, setForm] = useState<CouponForm>(newCouponForm)
  const [problems, setProblems] = useState<CouponProblems>({})
  const [problem, setProblem] = useState<string | null>(null)
  const [making, setMaking] = useState(false)
  const change = (part: Partial<CouponForm>) => setForm((before) => ({ ...before, ...part }))

  const create = async (event: FormEvent) => {
    event.preventDefault()
    const checked = couponDraftOf(form, currency)
    setProblems(checked.ok ? {} : checked.problems)
    if (!checked.ok || making) return
    setMaking(true)
    const refused = await onCreate(checked.draft)
    setMaking(false)
    setProblem(refused)
    if (refused === null) setForm({ ...form, code: '' })
  }

  return (
    <form className="coupon-composer" onSubmit={create} noValidate aria-label="New coupon">
      <TextField
        label="Code"
        className="coupon-code-field"
        placeholder="SPRING10"
        maxLength={15}
        autoComplete="off"
        value={form.code}
        error={problems.code}
        onChange={(event) => change({ code: event.target.value.toUpperCase() })}
      />
      <ChoiceField legend="Takes off" value={form.kind} options={kindPresets} onChange={(kind) => change({ kind })} />
      <CouponSums {...{ form, problems, currency, change }} />
      <ChoiceField
        legend="Valid for"
        value={form.validMinutes}
        options={validPresets}
        onChange={(validMinutes) => change({ validMinutes })}
      />
      <ChoiceField
        legend="Counts on"
        value={form.appliesToFlashSales}
        options={salesPresets}
        onChange={(appliesToFlashSales) => change({ appliesToFlashSales })}
      />
      <p className="coupon-note">
        For goods on this show’s shelf, never for auctions or shipping. Once for each buyer. It comes off the brand’s
        share. Whoever knows the code can use it, announced or not.
      </p>
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" size="l" wide icon={<TicketPercent aria-hidden="true" />} busy={making} disabled={isClosed}>
        Make the coupon
      </Button>
    </form>
  )
}

type CouponSumsProps = {
  form: CouponForm
  problems: CouponProblems
  currency: Currency
  change: (part: Partial<CouponForm>) => void
}

function CouponSums({ form, problems, currency, change }: CouponSumsProps) {
  const field = (name: 'percent' | 'cap' | 'amount' | 'minimum' | 'redemptions', label: string, placeholder = '') => (
    <TextField
      key={name}
      label={label}
      inputMode={name === 'percent' || name === 'redemptions' ? 'numeric' : 'decimal'}
      placeholder={placeholder}
      value={form[name]}
      error={problems[name]}
      onChange={(event) => change({ [name]: event.target.value })}
    />
  )
  return (
    <div className="coupon-sums">
      {form.kind === 'percent'
        ? [field('percent', 'Percent'), field('cap', `At most, ${currency}`, 'no limit')]
        : field('amount', `Amount, ${currency}`, '5.00')}
      {field('minimum', `Items from, ${currency}`, 'any')}
      {field('redemptions', 'Uses in all')}
    </div>
  )
}
