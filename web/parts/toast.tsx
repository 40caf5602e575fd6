import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import { IconButton } from './button.tsx'
import './toast.css'

type ToastTone = 'done' | 'problem'
type Toast = { toastId: number; tone: ToastTone; text: string }
type ShowToast = (text: string, tone?: ToastTone) => void

const ToastContext = createContext<ShowToast>(() => undefined)

const SHOWN_MS = 6000
const TOASTS_MAX = 3

/** Short news of what just happened. Nothing that a person must act on is told only here. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([])
  const region = useRef<HTMLDivElement>(null)
  const nextId = useRef(1)

  const drop = useCallback(
    (toastId: number) => setToasts((all) => all.filter((toast) => toast.toastId !== toastId)),
    [],
  )

  const show = useCallback<ShowToast>(
    (text, tone = 'done') => {
      const toastId = nextId.current++
      setToasts((all) => [...all.filter((toast) => toast.text !== text), { toastId, tone, text }].slice(-TOASTS_MAX))
      setTimeout(() => drop(toastId), SHOWN_MS)
    },
    [drop],
  )

  // Entering the top layer again puts the region above a dialog that was opened in between.
  useEffect(() => {
    const element = region.current
    if (!element?.showPopover) return
    if (element.matches(':popover-open')) element.hidePopover()
    if (toasts.length > 0) element.showPopover()
  }, [toasts])

  const list = useMemo(
    () =>
      toasts.map((toast) => (
        <div key={toast.toastId} className={`toast toast-${toast.tone}`}>
          {toast.tone === 'done' ? <CircleCheck aria-hidden="true" /> : <CircleAlert aria-hidden="true" />}
          <p>{toast.text}</p>
          <IconButton label="Dismiss" onClick={() => drop(toast.toastId)}>
            <X aria-hidden="true" />
          </IconButton>
        </div>
      )),
    [toasts, drop],
  )

  return (
    <ToastContext value={show}>
      {children}
      <div ref={region} className="toasts" popover="manual" role="status">
        {list}
      </div>
    </ToastContext>
  )
}

export function useToast(): ShowToast {
  return useContext(ToastContext)
}
