import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'
import { Link, type LinkProps } from 'react-router'
import './button.css'
import { classNames } from './class-names.ts'

type Look = {
  /** `buy` is for money, `live` for going or being live; `plain` is the default for everything else. */
  tone?: 'plain' | 'outline' | 'ghost' | 'buy' | 'live' | 'danger'
  size?: 's' | 'm' | 'l'
  icon?: ReactNode
  wide?: boolean
}

type ButtonProps = Look & ButtonHTMLAttributes<HTMLButtonElement> & { busy?: boolean; ref?: Ref<HTMLButtonElement> }

const lookClasses = ({ tone = 'plain', size = 'm', wide }: Look) =>
  classNames('button', `button-${tone}`, `button-${size}`, wide && 'button-wide')

/** A busy button keeps its width and its focus, and takes no second press. */
export function Button({ tone, size, icon, wide, busy, className, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames(lookClasses({ tone, size, wide }), className)}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled']}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      <span className="button-label">{children}</span>
      {busy && <span className="button-spinner" aria-hidden="true" />}
    </button>
  )
}

export function ButtonLink({ tone, size, icon, wide, className, children, ...rest }: Look & LinkProps) {
  return (
    <Link {...rest} className={classNames(lookClasses({ tone, size, wide }), className)}>
      {icon}
      <span className="button-label">{children}</span>
    </Link>
  )
}

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** Read aloud and shown as a tooltip; an icon alone says nothing to many people. */
  label: string
  tone?: 'plain' | 'glass' | 'danger'
  pressed?: boolean
}

export function IconButton({ label, tone = 'plain', pressed, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classNames('icon-button', `icon-button-${tone}`, className)}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
    >
      {children}
    </button>
  )
}
