import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'
import './badge.css'

type BadgeTone = 'neutral' | 'live' | 'upcoming' | 'money' | 'warning'

export function Badge({ tone = 'neutral', children }: { tone?: BadgeTone; children: ReactNode }) {
  return <span className={classNames('badge', `badge-${tone}`)}>{children}</span>
}

/** The studio's tally light. */
export function LiveBadge({ label = 'Live' }: { label?: string }) {
  return (
    <span className="badge badge-live">
      <span className="badge-tally" aria-hidden="true" />
      {label}
    </span>
  )
}
