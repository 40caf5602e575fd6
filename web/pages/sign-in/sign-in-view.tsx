import { Eye, EyeOff } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import './sign-in.css'

export type Credentials = { email: string; password: string; displayName: string }

type SignInViewProps = {
  mode: 'sign-in' | 'register'
  onMode: (mode: 'sign-in' | 'register') => void
  /** Answers with what went wrong, or null. */
  onSubmit: (credentials: Credentials) => Promise<string | null>
}

const PASSWORD_LENGTH_MIN = 8

type Problems = Partial<Record<keyof Credentials, string>>

function problemsOf({ email, password, displayName }: Credentials, registering: boolean): Problems {
  const problems: Problems = {}
  if (!/^\S+@\S+\.\S+$/.test(email)) problems.email = 'An e-mail address, like you@example.com.'
  if (!password) problems.password = 'Your password.'
  if (registering && password.length < PASSWORD_LENGTH_MIN)
    problems.password = `${PASSWORD_LENGTH_MIN} characters or more.`
  if (registering && !displayName.trim()) problems.displayName = 'The name that others see in the chat.'
  return problems
}

export function SignInView({ mode, onMode, onSubmit }: SignInViewProps) {
  const registering = mode === 'register'
  const [form, setForm] = useState<Credentials>({ email: '', password: '', displayName: '' })
  const [problems, setProblems] = useState<Problems>({})
  const [refusal, setRefusal] = useState<string | null>(null)
  const [sending, setSending] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const found = problemsOf(form, registering)
    setProblems(found)
    setRefusal(null)
    if (Object.keys(found).length > 0 || sending) return
    setSending(true)
    setRefusal(await onSubmit({ ...form, email: form.email.trim(), displayName: form.displayName.trim() }))
    setSending(false)
  }

  return (
    <div className="sign-in">
      <Poster />
      <div className="sign-in-side">
        <form className="sign-in-form" onSubmit={submit} noValidate>
          <h1>{registering ? 'Make an account' : 'Sign in'}</h1>
          {registering && (
            <TextField
              label="Name in the chat"
              autoComplete="nickname"
              maxLength={40}
              value={form.displayName}
              error={problems.displayName}
              onChange={(event) => setForm({ ...form, displayName: event.target.value })}
            />
          )}
          <TextField
            label="E-mail"
            type="email"
            autoComplete="email"
            inputMode="email"
            value={form.email}
            error={problems.email}
            onChange={(event) => setForm({ ...form, email: event.target.value })}
          />
          <PasswordField
            registering={registering}
            value={form.password}
            error={problems.password}
            onChange={(password) => setForm({ ...form, password })}
          />
          {refusal && (
            <p className="field-error" role="alert">
              {refusal}
            </p>
          )}
          <Button type="submit" size="l" wide busy={sending}>
            {registering ? 'Make the account' : 'Sign in'}
          </Button>
          <p className="sign-in-switch">
            {registering ? 'You have an account?' : 'New here?'}{' '}
            <button type="button" onClick={() => onMode(registering ? 'sign-in' : 'register')}>
              {registering ? 'Sign in' : 'Make an account'}
            </button>
          </p>
        </form>
      </div>
    </div>
  )
}

function Poster() {
  return (
    <div className="sign-in-poster" aria-hidden="true">
      <p>
        Going
        <br />
        live,
        <br />
        going
        <br />
        once.
      </p>
    </div>
  )
}

type PasswordFieldProps = {
  registering: boolean
  value: string
  error: string | undefined
  onChange: (password: string) => void
}

function PasswordField({ registering, value, error, onChange }: PasswordFieldProps) {
  const [shown, setShown] = useState(false)
  return (
    <TextField
      label="Password"
      type={shown ? 'text' : 'password'}
      autoComplete={registering ? 'new-password' : 'current-password'}
      value={value}
      error={error}
      hint={registering ? `${PASSWORD_LENGTH_MIN} characters or more. A sentence is good.` : undefined}
      onChange={(event) => onChange(event.target.value)}
      trailing={
        <IconButton label={shown ? 'Hide the password' : 'Show the password'} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff aria-hidden="true" /> : <Eye aria-hidden="true" />}
        </IconButton>
      }
    />
  )
}
