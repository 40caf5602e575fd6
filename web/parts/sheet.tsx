import { X } from 'lucide-react'
import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { IconButton } from './button.tsx'
import { classNames } from './class-names.ts'
import './sheet.css'

type SheetProps = {
  open: boolean
  onClose: () => void
  title: string
  /** A sheet rises from the bottom on a phone and stands in the middle on a desktop; a drawer comes from the side. */
  shape?: 'sheet' | 'drawer'
  /** A step that must not be lost by a stray tap: only the buttons inside close it. */
  modalOnly?: boolean
  footer?: ReactNode
  children: ReactNode
}

/** The native dialog keeps the focus inside, gives it back on closing, and hides the rest from screen readers. */
export function Sheet({ open, onClose, title, shape = 'sheet', modalOnly = false, footer, children }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const titleId = useId()

  useEffect(() => {
    const element = dialog.current
    if (!element) return
    if (open && !element.open) {
      element.showModal()
      heading.current?.focus()
    }
    if (!open && element.open) element.close()
  }, [open])

  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current && !modalOnly) onClose()
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way is Escape, which the dialog answers by itself.
    <dialog
      ref={dialog}
      className={classNames('sheet', `sheet-${shape}`)}
      aria-labelledby={titleId}
      onClick={closeOnBackdrop}
      onCancel={(event) => {
        event.preventDefault()
        if (!modalOnly) onClose()
      }}
    >
      {open && (
        <div className="sheet-body">
          <header className="sheet-head">
            <h2 ref={heading} id={titleId} tabIndex={-1}>
              {title}
            </h2>
            {!modalOnly && (
              <IconButton label="Close" onClick={onClose}>
                <X aria-hidden="true" />
              </IconButton>
            )}
          </header>
          <div className="sheet-content">{children}</div>
          {footer && <footer className="sheet-foot">{footer}</footer>}
        </div>
      )}
    </dialog>
  )
}
