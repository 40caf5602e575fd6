import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import './tabs.css'

type Tab<T extends string> = { value: T; label: string; count?: number; panel: ReactNode }

type TabsProps<T extends string> = { label: string; value: T; onChange: (value: T) => void; tabs: readonly Tab<T>[] }

/** Arrows move between tabs, as the ARIA pattern asks. Panels stay mounted, so that a camera or a draft is not lost. */
export function Tabs<T extends string>({ label, value, onChange, tabs }: TabsProps<T>) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)

  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const at = tabs.findIndex((tab) => tab.value === value)
    const index = (at + step + tabs.length) % tabs.length
    const target = tabs[index]
    if (!target) return
    onChange(target.value)
    list.current?.querySelectorAll<HTMLButtonElement>('[role=tab]')[index]?.focus()
  }

  return (
    <div className="tabs">
      <div ref={list} className="tabs-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}-tab`}
            className="tabs-tab"
            aria-selected={tab.value === value}
            aria-controls={`${id}-${tab.value}`}
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
            {tab.count !== undefined && <span className="tabs-count figures">{tab.count}</span>}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.value}
          role="tabpanel"
          id={`${id}-${tab.value}`}
          className="tabs-panel"
          aria-labelledby={`${id}-${tab.value}-tab`}
          hidden={tab.value !== value}
        >
          {tab.panel}
        </div>
      ))}
    </div>
  )
}
