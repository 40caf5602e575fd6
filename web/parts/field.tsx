import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'
import './field.css'
import { classNames } from './class-names.ts'

type Shell = {
  label: string
  hint?: ReactNode
  error?: string | null
  /** For places where the label stands in sight otherwise, as in a search box. */
  labelHidden?: boolean
  className?: string
}

type ShellProps = Shell & { id: string; children: ReactNode }

function FieldShell({ id, label, hint, error, labelHidden, className, children }: ShellProps) {
  return (
    <div className={classNames('field', error && 'field-wrong', className)}>
      <label htmlFor={id} className={labelHidden ? 'visually-hidden' : 'field-label'}>
        {label}
      </label>
      {children}
      {hint && !error && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  )
}

const describedBy = (id: string, { hint, error }: Shell) => (error ? `${id}-error` : hint ? `${id}-hint` : undefined)

type TextFieldProps = Shell & InputHTMLAttributes<HTMLInputElement> & { trailing?: ReactNode }

export function TextField({ label, hint, error, labelHidden, className, trailing, ...rest }: TextFieldProps) {
  const id = useId()
  return (
    <FieldShell id={id} {...{ label, hint, error, labelHidden, className }}>
      <div className="field-box">
        <input
          {...rest}
          id={id}
          className="field-input"
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy(id, { label, hint, error })}
        />
        {trailing}
      </div>
    </FieldShell>
  )
}

type TextAreaProps = Shell & TextareaHTMLAttributes<HTMLTextAreaElement>

export function TextArea({ label, hint, error, labelHidden, className, ...rest }: TextAreaProps) {
  const id = useId()
  return (
    <FieldShell id={id} {...{ label, hint, error, labelHidden, className }}>
      <textarea
        rows={4}
        {...rest}
        id={id}
        className="field-input field-area"
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy(id, { label, hint, error })}
      />
    </FieldShell>
  )
}

type SelectProps = Shell & SelectHTMLAttributes<HTMLSelectElement>

export function SelectField({ label, hint, error, labelHidden, className, children, ...rest }: SelectProps) {
  const id = useId()
  return (
    <FieldShell id={id} {...{ label, hint, error, labelHidden, className }}>
      <select {...rest} id={id} className="field-input" aria-describedby={describedBy(id, { label, hint, error })}>
        {children}
      </select>
    </FieldShell>
  )
}

type ChoiceProps<T extends string | number> = {
  legend: string
  value: T
  options: readonly { value: T; label: string; note?: string; disabled?: boolean }[]
  onChange: (value: T) => void
  className?: string
}

/** One of a few, all in sight: radio buttons that look like a row of chips. */
export function ChoiceField<T extends string | number>({
  legend,
  value,
  options,
  onChange,
  className,
}: ChoiceProps<T>) {
  const name = useId()
  return (
    <fieldset className={classNames('choice', className)}>
      <legend className="field-label">{legend}</legend>
      <div className="choice-row">
        {options.map((option) => (
          <label key={option.value} className="choice-chip">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              disabled={option.disabled}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
            {option.note && <small>{option.note}</small>}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
