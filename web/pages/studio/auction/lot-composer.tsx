import { Currency, type ProductSummary, type Variant } from '@livelot/client/contracts'
import { Plus, SlidersHorizontal } from 'lucide-react'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { Button, IconButton } from '../../../parts/button.tsx'
import { SelectField, TextField } from '../../../parts/field.tsx'
import type { Loadable } from '../../../parts/loadable.ts'
import type { AuctionDesk } from './auction-model.ts'
import { GoodsField } from './goods-field.tsx'
import {
  currencyOf,
  type LotField,
  type LotForm,
  type LotProblems,
  lotDraftOf,
  lotPriceOf,
  newLotForm,
  nextLotForm,
} from './lot-form.ts'
import { LotTermsFields } from './lot-terms-fields.tsx'
import { termsWords } from './lot-words.ts'

const quickFields: readonly LotField[] = ['title', 'price', 'variant']

type ComposerProps = {
  onAdd: AuctionDesk['actions']['add']
  /** Products of the shelf first. */
  products: readonly ProductSummary[]
  variantsOf: (productId: string) => Loadable<readonly Variant[]>
  /** Boxes to begin with, as of a lot that more are like. */
  initial: LotForm | null
}

/** Title, price, add. Everything else has a default, and stays as it was for the next lot. */
export function LotComposer({ onAdd, products, variantsOf, initial }: ComposerProps) {
  const [form, setForm] = useState<LotForm>(initial ?? newLotForm)
  const [problems, setProblems] = useState<LotProblems>({})
  const [refused, setRefused] = useState<string | null>(null)
  const [adding, setAdding] = useState(false)
  const [open, setOpen] = useState(initial !== null)
  const root = useRef<HTMLFormElement>(null)
  const moreId = useId()
  const hasModel = initial !== null
  // Asked for from a row further down: the boxes come into sight, filled in.
  useEffect(() => {
    if (hasModel) root.current?.querySelector<HTMLInputElement>('.lot-quick-price input')?.focus()
  }, [hasModel])
  const variants = form.product ? variantsOf(form.product.productId) : null
  const list = variants?.status === 'ready' ? variants.data : []
  const words = wordsOf(form)
  const change = (part: Partial<LotForm>) => {
    setForm((before) => ({ ...before, ...part }))
    setProblems((before) => withoutFields(before, Object.keys(part)))
  }
  const show = (found: LotProblems) => {
    setProblems(found)
    if (Object.keys(found).some((field) => !quickFields.includes(field as LotField))) setOpen(true)
  }

  const add = async (event: FormEvent) => {
    event.preventDefault()
    if (adding) return
    setRefused(null)
    const checked = lotDraftOf(form, list)
    show(checked.ok ? {} : checked.problems)
    if (!checked.ok) return
    setAdding(true)
    const refusal = await onAdd(checked.draft)
    setAdding(false)
    if (refusal) {
      show(refusal.problems)
      setRefused(Object.keys(refusal.problems).length > 0 ? null : refusal.sentence)
      return
    }
    setForm(nextLotForm(form))
    root.current?.querySelector('input')?.focus()
  }

  return (
    <form ref={root} className="lot-composer" onSubmit={add} noValidate aria-label="New lot">
      <div className="lot-quick">
        <GoodsField form={form} error={problems.title} products={products} onChange={change} />
        <TextField
          label={form.type === 'dutch' ? 'Starts at' : 'Start price'}
          className="lot-quick-price"
          inputMode="decimal"
          placeholder="10.00"
          autoComplete="off"
          value={form.price}
          error={problems.price}
          onChange={(event) => change({ price: event.target.value })}
        />
        <IconButton
          className="lot-quick-terms"
          label={`Terms: ${words}`}
          aria-expanded={open}
          aria-controls={moreId}
          onClick={() => setOpen(!open)}
        >
          <SlidersHorizontal aria-hidden="true" />
        </IconButton>
        <Button type="submit" className="lot-quick-add" icon={<Plus aria-hidden="true" />} busy={adding}>
          {Number(form.copies) > 1 ? `Add ${form.copies} lots` : 'Add lot'}
        </Button>
      </div>
      {!open && (
        <p className="lot-words" aria-hidden="true">
          {words}
        </p>
      )}
      {list.length > 1 && (
        <SelectField
          label="Variant"
          value={form.variantId || (list[0]?.variantId ?? '')}
          onChange={(event) => change({ variantId: event.target.value })}
        >
          {list.map((variant) => (
            <option key={variant.variantId} value={variant.variantId}>
              {variant.name} ({variant.availableUnits} in stock)
            </option>
          ))}
        </SelectField>
      )}
      {variants?.status === 'failed' && <p className="field-error">{variants.message}</p>}
      {problems.variant && <p className="field-error">{problems.variant}</p>}
      {refused && (
        <p className="field-error" role="alert">
          {refused}
        </p>
      )}
      <div id={moreId} className="lot-fields" hidden={!open}>
        <GoodsDetails form={form} problems={problems} onChange={change} />
        <LotTermsFields form={form} problems={problems} onChange={change} />
      </div>
    </form>
  )
}

function withoutFields(problems: LotProblems, changed: readonly string[]): LotProblems {
  const stale = new Set<string>(changed.flatMap((key): readonly string[] => boxProblems[key] ?? [key]))
  return Object.fromEntries(Object.entries(problems).filter(([field]) => !stale.has(field)))
}

/** Boxes whose problem has another name, or that mend the problem of another box. */
const boxProblems: Readonly<Record<string, readonly LotField[]>> = {
  product: ['title', 'variant'],
  variantId: ['variant'],
  weightGrams: ['weight'],
  price: ['price', 'reserve', 'buyNow', 'floor', 'drop'],
  reserve: ['reserve', 'buyNow'],
  floor: ['floor', 'drop'],
  durationSeconds: ['duration', 'overtime'],
  customDuration: ['duration', 'overtime'],
  customUnit: ['duration', 'overtime'],
  ending: ['overtime'],
  overtimeSecondsMax: ['overtime'],
}

/** The terms in one line, also as long as the price is not there yet. */
function wordsOf(form: LotForm): string {
  const whole = lotPriceOf(form)
  const known = whole.ok ? whole : lotPriceOf({ ...form, price: '1000000', reserve: '', buyNow: '' })
  return known.ok ? termsWords(known.draft.terms, currencyOf(form)) : 'not complete yet'
}

type DetailsProps = {
  form: LotForm
  problems: LotProblems
  onChange: (part: Partial<LotForm>) => void
}

function GoodsDetails({ form, problems, onChange }: DetailsProps) {
  return (
    <div className="lot-fields-row">
      {!form.product && (
        <>
          <TextField
            label="Weight in grams"
            inputMode="numeric"
            hint="For shipping"
            value={form.weightGrams}
            error={problems.weight}
            onChange={(event) => onChange({ weightGrams: event.target.value })}
          />
          <SelectField
            label="Currency"
            value={form.currency}
            onChange={(event) => onChange({ currency: Currency.parse(event.target.value) })}
          >
            {Currency.options.map((currency) => (
              <option key={currency}>{currency}</option>
            ))}
          </SelectField>
        </>
      )}
      <TextField
        label="How many lots"
        inputMode="numeric"
        hint="All alike, one unit each"
        value={form.copies}
        error={problems.copies}
        onChange={(event) => onChange({ copies: event.target.value })}
      />
    </div>
  )
}
