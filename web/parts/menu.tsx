import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import './menu.css'

export type MenuItem = { label: string; icon?: ReactNode; danger?: boolean; onSelect: () => void }

type MenuProps = {
  label: string
  trigger: ReactNode
  triggerClassName?: string
  items: readonly MenuItem[]
  align?: 'start' | 'end'
}

/** A button with a popover of commands: arrows move, Escape and a press outside close, the focus returns to the button. */
export function Menu({ label, trigger, triggerClassName, items, align = 'end' }: MenuProps) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  const itemButtons = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('[role=menuitem]') ?? [])]

  const move = (event: KeyboardEvent) => {
    const all = itemButtons()
    const at = all.indexOf(document.activeElement as HTMLButtonElement)
    const target =
      event.key === 'ArrowDown'
        ? all[(at + 1) % all.length]
        : event.key === 'ArrowUp'
          ? all[(at - 1 + all.length) % all.length]
          : event.key === 'Home'
            ? all[0]
            : event.key === 'End'
              ? all.at(-1)
              : undefined
    if (event.key === 'Tab') list.current?.hidePopover()
    if (!target) return
    event.preventDefault()
    target.focus()
  }

  /** Placed by hand, because anchor positioning is not in every browser that we serve. */
  const place = () => {
    const element = list.current
    const anchor = button.current?.getBoundingClientRect()
    if (!element || !anchor) return
    const below = anchor.bottom + 6 + element.offsetHeight <= window.innerHeight
    const left = align === 'end' ? anchor.right - element.offsetWidth : anchor.left
    element.style.top = `${below ? anchor.bottom + 6 : Math.max(8, anchor.top - 6 - element.offsetHeight)}px`
    element.style.left = `${Math.min(Math.max(8, left), window.innerWidth - element.offsetWidth - 8)}px`
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={triggerClassName}
        aria-label={label}
        aria-haspopup="menu"
        popoverTarget={id}
      >
        {trigger}
      </button>
      <div
        ref={list}
        id={id}
        className="menu"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        popover="auto"
        onKeyDown={move}
        onToggle={(event) => {
          if (event.newState !== 'open') return
          place()
          itemButtons()[0]?.focus()
        }}
      >
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role="menuitem"
            className={item.danger ? 'menu-item menu-item-danger' : 'menu-item'}
            onClick={() => {
              list.current?.hidePopover()
              item.onSelect()
            }}
          >
            {item.icon}
            {item.label}
          </button>
        ))}
      </div>
    </>
  )
}
