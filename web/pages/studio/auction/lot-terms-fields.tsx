import { auctionLimits } from '@livelot/client/contracts'
import { ChoiceField, SelectField, TextField } from '../../../parts/field.tsx'
import type { DurationUnit, LotForm, LotProblems } from './lot-form.ts'
import { durationWords } from './lot-words.ts'

type FieldsProps = { form: LotForm; problems: LotProblems; onChange: (part: Partial<LotForm>) => void }

const types = [
  { value: 'english', label: 'Timed', note: 'highest bid wins' },
  { value: 'dutch', label: 'Dutch', note: 'price falls, first tap wins' },
] as const satisfies readonly { value: LotForm['type']; label: string; note: string }[]

const durations = [
  ...auctionLimits.durationPresetsSeconds.map((seconds) => ({ value: seconds as number, label: `${seconds} s` })),
  { value: 0, label: 'Custom' },
]

const endings = [
  { value: 'soft', label: 'Late bids add time' },
  { value: 'sudden-death', label: 'Sudden death' },
] as const satisfies readonly { value: LotForm['ending']; label: string }[]

const extensions = auctionLimits.extensionSeconds.map((seconds) => ({
  value: seconds as number,
  label: `+${seconds} s`,
}))

const capSeconds = [0, 60, 300, 600, 1_800]

const units = [
  { value: 's', label: 'seconds' },
  { value: 'min', label: 'minutes' },
  { value: 'h', label: 'hours' },
] as const satisfies readonly { value: DurationUnit; label: string }[]

/** How a lot is run. Everything here has a default that needs no thought. */
export function LotTermsFields(props: FieldsProps) {
  const { form, onChange } = props
  return (
    <>
      <ChoiceField legend="Type" value={form.type} options={types} onChange={(type) => onChange({ type })} />
      {form.type === 'english' ? <TimedFields {...props} /> : <DutchFields {...props} />}
    </>
  )
}

function TimedFields({ form, problems, onChange }: FieldsProps) {
  return (
    <>
      <DurationFields form={form} problems={problems} onChange={onChange} />
      <ChoiceField
        legend="In the last 10 seconds"
        value={form.ending}
        options={endings}
        onChange={(ending) => onChange({ ending })}
      />
      {form.ending === 'soft' && <SoftCloseFields form={form} problems={problems} onChange={onChange} />}
      <div className="lot-fields-row">
        <TextField
          label="Reserve"
          inputMode="decimal"
          placeholder="None"
          hint="Below it, not sold"
          value={form.reserve}
          error={problems.reserve}
          onChange={(event) => onChange({ reserve: event.target.value })}
        />
        <TextField
          label="Buy now"
          inputMode="decimal"
          placeholder="None"
          hint="Until the first bid"
          value={form.buyNow}
          error={problems.buyNow}
          onChange={(event) => onChange({ buyNow: event.target.value })}
        />
        <TextField
          label="Bid step"
          inputMode="decimal"
          placeholder="Usual"
          hint="Rises with the price"
          value={form.bidStep}
          error={problems.bidStep}
          onChange={(event) => onChange({ bidStep: event.target.value })}
        />
      </div>
      <div className="lot-fields-checks">
        {form.reserve.trim() !== '' && (
          <Check
            label="Show bidders whether the reserve is met"
            checked={form.isReserveShown}
            onChange={(isReserveShown) => onChange({ isReserveShown })}
          />
        )}
        <Check
          label="Take bids before the start"
          checked={form.preBidsAllowed}
          onChange={(preBidsAllowed) => onChange({ preBidsAllowed })}
        />
      </div>
    </>
  )
}

function DurationFields({ form, problems, onChange }: FieldsProps) {
  return (
    <div className="lot-fields-pair">
      <ChoiceField
        legend="Runs for"
        value={form.durationSeconds}
        options={durations}
        onChange={(durationSeconds) => onChange({ durationSeconds })}
      />
      {form.durationSeconds === 0 && (
        <div className="lot-fields-custom">
          <TextField
            label="Custom time"
            inputMode="numeric"
            value={form.customDuration}
            error={problems.duration}
            onChange={(event) => onChange({ customDuration: event.target.value })}
          />
          <SelectField
            label="Unit"
            value={form.customUnit}
            onChange={(event) => onChange({ customUnit: event.target.value as DurationUnit })}
          >
            {units.map((unit) => (
              <option key={unit.value} value={unit.value}>
                {unit.label}
              </option>
            ))}
          </SelectField>
        </div>
      )}
    </div>
  )
}

function SoftCloseFields({ form, problems, onChange }: FieldsProps) {
  const caps = capSeconds.includes(form.overtimeSecondsMax) ? capSeconds : [...capSeconds, form.overtimeSecondsMax]
  return (
    <div className="lot-fields-pair">
      <ChoiceField
        legend="Each late bid leaves at least"
        value={form.extensionSeconds}
        options={extensions}
        onChange={(extensionSeconds) => onChange({ extensionSeconds })}
      />
      <SelectField
        label="Overtime at most"
        value={form.overtimeSecondsMax}
        error={problems.overtime}
        onChange={(event) => onChange({ overtimeSecondsMax: Number(event.target.value) })}
      >
        {caps.map((seconds) => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? 'No limit' : durationWords(seconds)}
          </option>
        ))}
      </SelectField>
    </div>
  )
}

function DutchFields({ form, problems, onChange }: FieldsProps) {
  return (
    <div className="lot-fields-row">
      <TextField
        label="Lowest price"
        inputMode="decimal"
        value={form.floor}
        error={problems.floor}
        onChange={(event) => onChange({ floor: event.target.value })}
      />
      <TextField
        label="Falls by"
        inputMode="decimal"
        value={form.drop}
        error={problems.drop}
        onChange={(event) => onChange({ drop: event.target.value })}
      />
      <TextField
        label="Every (seconds)"
        inputMode="numeric"
        value={form.dropSeconds}
        error={problems.dropSeconds}
        onChange={(event) => onChange({ dropSeconds: event.target.value })}
      />
    </div>
  )
}

type CheckProps = { label: string; checked: boolean; onChange: (checked: boolean) => void }

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className="lot-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  )
}
