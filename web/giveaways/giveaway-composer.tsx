import type { ShelfItem, Variant } from '@livelot/client/contracts'
import { Gift } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { ChoiceField, SelectField, TextField } from '../parts/field.tsx'
import type { Loadable } from '../parts/loadable.ts'
import {
  entryPresets,
  type FormProblems,
  type GiveawayDraft,
  type GiveawayForm,
  giveawayDraftOf,
  kindPresets,
  newGiveawayForm,
} from './giveaway-form.ts'

export type ComposerProps = {
  shelf: readonly ShelfItem[]
  variantsOf: (productId: string) => Loadable<readonly Variant[]>
  /** Why none can be opened now, in a sentence. */
  closedBecause: string | null
  /** Answers what went wrong, or null. */
  onOpen: (draft: GiveawayDraft) => Promise<string | null>
}

export function GiveawayComposer({ shelf, variantsOf, closedBecause, onOpen }: ComposerProps) {
  const [form, setForm] = useState<GiveawayForm>(newGiveawayForm)
  const [productId, setProductId] = useState<string | null>(null)
  const [problems, setProblems] = useState<FormProblems>({})
  const [problem, setProblem] = useState<string | null>(null)
  const [opening, setOpening] = useState(false)
  const item = shelf.find((one) => one.productId === productId) ?? shelf[0]
  const variants = item ? variantsOf(item.productId) : null
  const list = variants?.status === 'ready' ? variants.data : []
  const variant = list.find((one) => one.variantId === form.variantId) ?? list[0]
  const change = (part: Partial<GiveawayForm>) => setForm((before) => ({ ...before, ...part }))

  const open = async (event: FormEvent) => {
    event.preventDefault()
    const checked = giveawayDraftOf(form, variant)
    setProblems(checked.ok ? {} : checked.problems)
    if (!checked.ok || opening) return
    setOpening(true)
    const refused = await onOpen(checked.draft)
    setOpening(false)
    setProblem(refused)
    if (refused === null) setForm({ ...newGiveawayForm, kind: form.kind })
  }

  return (
    <form className="gift-form" onSubmit={open} noValidate aria-label="New giveaway">
      <TextField
        label="Title"
        placeholder="A jug for one of you"
        maxLength={80}
        value={form.title}
        error={problems.title}
        onChange={(event) => change({ title: event.target.value })}
      />
      <ChoiceField legend="Prize" value={form.kind} options={kindPresets} onChange={(kind) => change({ kind })} />
      {form.kind === 'text' ? (
        <TextField
          label="What can be won"
          placeholder="A signed card"
          hint="You send it yourself: you see the winner’s address."
          maxLength={80}
          value={form.text}
          error={problems.text}
          onChange={(event) => change({ text: event.target.value })}
        />
      ) : (
        <GoodsFields
          {...{ shelf, item, list, variant }}
          onProduct={setProductId}
          onVariant={(id) => change({ variantId: id })}
        />
      )}
      {problems.variantId && <p className="field-error">{problems.variantId}</p>}
      <TextField
        label="Winners"
        inputMode="numeric"
        className="gift-winners-field"
        value={form.winners}
        error={problems.winners}
        onChange={(event) => change({ winners: event.target.value })}
      />
      <ChoiceField
        legend="Time to enter"
        value={form.entrySeconds}
        options={entryPresets}
        onChange={(entrySeconds) => change({ entrySeconds })}
      />
      <p className="gift-note">
        {closedBecause ?? 'It opens at once and runs to its end: it cannot be paused or called off, by you or by us.'}
      </p>
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <Button
        type="submit"
        tone="live"
        size="l"
        wide
        icon={<Gift aria-hidden="true" />}
        busy={opening}
        disabled={closedBecause !== null}
      >
        Open the giveaway
      </Button>
    </form>
  )
}

type GoodsFieldsProps = {
  shelf: readonly ShelfItem[]
  item: ShelfItem | undefined
  list: readonly Variant[]
  variant: Variant | undefined
  onProduct: (productId: string) => void
  onVariant: (variantId: string) => void
}

function GoodsFields({ shelf, item, list, variant, onProduct, onVariant }: GoodsFieldsProps) {
  if (!item) return null
  return (
    <>
      <SelectField label="Product" value={item.productId} onChange={(event) => onProduct(event.target.value)}>
        {shelf.map((one) => (
          <option key={one.productId} value={one.productId}>
            {one.name}
          </option>
        ))}
      </SelectField>
      {list.length > 1 && (
        <SelectField
          label="Variant"
          value={variant?.variantId ?? ''}
          onChange={(event) => onVariant(event.target.value)}
        >
          {list.map((one) => (
            <option key={one.variantId} value={one.variantId}>
              {one.name} ({one.availableUnits} in stock)
            </option>
          ))}
        </SelectField>
      )}
    </>
  )
}
