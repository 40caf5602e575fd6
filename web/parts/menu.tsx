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

function itemsOf(list: HTMLElement | null): HTMLButtonElement[] {
  return [...(list?.querySelectorAll<HTMLButtonElement>('[role=menuitem]') ?? [])]
}

/** Where the focus goes with this key; the ends meet. */
function targetOf(key: string, items: readonly HTMLButtonElement[]): HTMLButtonElement | undefined {
  const at = items.indexOf(document.activeElement as HTMLButtonElement)
  switch (key) {
    case 'ArrowDown':
      return items[(at + 1) % items.length]
    case 'ArrowUp':
      return items.at(at - 1)
    case 'Home':
      return items[0]
    case 'End':
      return items.at(-1)
  }
  return undefined
}

/** Placed by hand, because anchor positioning is not in every browser that we serve. */
function place(list: HTMLElement | null, button: HTMLElement | null, align: 'start' | 'end'): void {
  const anchor = button?.getBoundingClientRect()
  if (!list || !anchor) return
  const below = anchor.bottom + 6 + list.offsetHeight <= window.innerHeight
  const left = align === 'end' ? anchor.right - list.offsetWidth : anchor.left
  list.style.top = `${below ? anchor.bottom + 6 : Math.max(8, anchor.top - 6 - list.offsetHeight)}px`
  list.style.left = `${Math.min(Math.max(8, left), window.innerWidth - list.offsetWidth - 8)}px`
}

/** A button with a popover of commands: arrows move, Escape and a press outside close, the focus returns to the button. */
export function Menu({ label, trigger, triggerClassName, items, align = 'end' }: MenuProps) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  const move = (event: KeyboardEvent) => {
    const items = itemsOf(list.current)
    const target = targetOf(event.key, items)
    if (event.key === 'Tab') list.current?.hidePopover()
    if (!target) return
    event.preventDefault()
    target.focus()
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
          place(list.current, button.current, align)
          itemsOf(list.current)[0]?.focus()
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
