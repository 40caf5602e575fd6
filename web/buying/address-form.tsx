import { Address } from '@livelot/client/contracts'
import { type FormEvent, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { countries } from './countries.ts'
import './address-form.css'

type AddressFormProps = {
  address: Address | null
  /** Answers with what went wrong, or null. */
  onSave: (address: Address) => Promise<string | null>
  onCancel?: () => void
}

type Draft = Record<keyof Address, string>

const draftOf = (address: Address | null): Draft => ({
  name: address?.name ?? '',
  line1: address?.line1 ?? '',
  line2: address?.line2 ?? '',
  city: address?.city ?? '',
  region: address?.region ?? '',
  postalCode: address?.postalCode ?? '',
  country: address?.country ?? 'US',
})

/** Boxes left empty are no part of an address. */
const addressOf = (draft: Draft) => ({
  ...draft,
  line2: draft.line2.trim() || undefined,
  region: draft.region.trim() || undefined,
})

const required: readonly (keyof Draft)[] = ['name', 'line1', 'city', 'postalCode', 'country']

export function AddressForm({ address, onSave, onCancel }: AddressFormProps) {
  const [draft, setDraft] = useState(() => draftOf(address))
  const [missing, setMissing] = useState<readonly string[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    const gaps = required.filter((name) => !draft[name].trim())
    setMissing(gaps)
    if (gaps.length > 0) return
    const parsed = Address.safeParse(addressOf(draft))
    if (!parsed.success) return setProblem('Please look at the address again.')
    setSaving(true)
    setProblem(await onSave(parsed.data))
    setSaving(false)
  }

  const field = (name: keyof Draft, label: string, autoComplete: string) => (
    <TextField
      label={label}
      name={name}
      autoComplete={`shipping ${autoComplete}`}
      value={draft[name]}
      maxLength={120}
      error={missing.includes(name) ? 'This is needed.' : null}
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
    />
  )

  return (
    <form className="address-form" onSubmit={save} noValidate>
      {field('name', 'Full name', 'name')}
      {field('line1', 'Street and number', 'address-line1')}
      {field('line2', 'Flat, floor (optional)', 'address-line2')}
      <div className="address-pair">
        {field('city', 'City', 'address-level2')}
        {field('postalCode', 'Postal code', 'postal-code')}
      </div>
      <div className="address-pair">
        {field('region', 'State or region (optional)', 'address-level1')}
        <CountryField country={draft.country} onChange={(country) => setDraft({ ...draft, country })} />
      </div>
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      <div className="address-actions">
        <Button type="submit" tone="plain" busy={saving}>
          Use this address
        </Button>
        {onCancel && (
          <Button tone="ghost" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
    </form>
  )
}

function CountryField({ country, onChange }: { country: string; onChange: (country: string) => void }) {
  return (
    <SelectField
      label="Country"
      value={country}
      autoComplete="shipping country"
      onChange={(event) => onChange(event.target.value)}
    >
      {countries.map(({ code, name }) => (
        <option key={code} value={code}>
          {name}
        </option>
      ))}
    </SelectField>
  )
}
