import { RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { classNames } from './class-names.ts'
import './states.css'

type EmptyStateProps = { icon?: ReactNode; title: string; children?: ReactNode; action?: ReactNode }

export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="empty">
      {icon && <div className="empty-icon">{icon}</div>}
      <h3>{title}</h3>
      {children && <p>{children}</p>}
      {action && <div className="empty-action">{action}</div>}
    </div>
  )
}

type ErrorStateProps = { title?: string; message: string; onRetry?: () => void; retrying?: boolean }

export function ErrorState({ title = 'This did not load', message, onRetry, retrying }: ErrorStateProps) {
  return (
    <div className="empty empty-error" role="alert">
      <h3>{title}</h3>
      <p>{message}</p>
      {onRetry && (
        <div className="empty-action">
          <Button tone="outline" icon={<RefreshCw aria-hidden="true" />} onClick={onRetry} busy={retrying}>
            Try again
          </Button>
        </div>
      )}
    </div>
  )
}

type SkeletonProps = { shape?: 'line' | 'title' | 'block' | 'square' | 'circle'; className?: string }

/** Stands where the real thing will stand, in its size, so that nothing jumps. */
export function Skeleton({ shape = 'line', className }: SkeletonProps) {
  return <span className={classNames('skeleton', `skeleton-${shape}`, className)} aria-hidden="true" />
}

/** Wraps skeletons: tells a screen reader once that something is on its way. */
export function Loading({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <div className={className} role="status" aria-busy="true">
      <span className="visually-hidden">{label}</span>
      {children}
    </div>
  )
}
