import type { Lot } from '@livelot/client/contracts'
import { useId, useState } from 'react'
import { Button } from '../../../parts/button.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Sheet } from '../../../parts/sheet.tsx'
import type { AuctionDesk } from './auction-model.ts'
import { formOfLot, keptIncrements, type LotForm, type LotProblems, lotPriceOf } from './lot-form.ts'
import { LotTermsFields } from './lot-terms-fields.tsx'

type EditorProps = { lot: Lot | null; onChange: AuctionDesk['actions']['change']; onClose: () => void }

/** Price and terms of a lot that does not run. */
export function LotEditor({ lot, onChange, onClose }: EditorProps) {
  return (
    <Sheet open={lot !== null} onClose={onClose} title={lot ? `Edit lot ${lot.number}` : ''} shape="drawer">
      {lot && <EditorForm key={lot.lotId} lot={lot} onChange={onChange} onClose={onClose} />}
    </Sheet>
  )
}

function EditorForm({ lot, onChange, onClose }: EditorProps & { lot: Lot }) {
  const id = useId()
  const [form, setForm] = useState<LotForm>(() => formOfLot(lot))
  const [problems, setProblems] = useState<LotProblems>({})
  const [refused, setRefused] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const change = (part: Partial<LotForm>) => setForm((before) => ({ ...before, ...part }))

  const save = async () => {
    const checked = lotPriceOf(form)
    setProblems(checked.ok ? {} : checked.problems)
    if (!checked.ok || saving) return
    setSaving(true)
    const { startPriceMinor, terms } = checked.draft
    const refusal = await onChange(lot, { startPriceMinor, terms: keptIncrements(lot, terms) })
    setSaving(false)
    setProblems(refusal?.problems ?? {})
    setRefused(refusal && Object.keys(refusal.problems).length === 0 ? refusal.sentence : null)
    if (!refusal) onClose()
  }

  return (
    <form
      className="lot-editor"
      aria-labelledby={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        save().catch(() => undefined)
      }}
    >
      <p id={id}>
        <strong>{lot.title}</strong>
      </p>
      <TextField
        label={form.type === 'dutch' ? 'Starts at' : 'Start price'}
        inputMode="decimal"
        value={form.price}
        error={problems.price}
        hint={(lot.preBidCount ?? 0) > 0 ? 'Pre-bids below a new start price are void.' : undefined}
        onChange={(event) => change({ price: event.target.value })}
      />
      <LotTermsFields form={form} problems={problems} onChange={change} />
      {refused && (
        <p className="field-error" role="alert">
          {refused}
        </p>
      )}
      <Button type="submit" size="l" wide busy={saving}>
        Save
      </Button>
    </form>
  )
}
