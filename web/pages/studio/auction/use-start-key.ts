import { useEffect, useRef } from 'react'

export const START_KEY = 's'

const typingIn = 'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=menu], dialog'

/** One key for the one thing that a host does every half minute. It is only a letter again where somebody types. */
export function useStartKey(start: () => void, isEnabled: boolean): void {
  const latest = useRef(start)
  latest.current = start
  useEffect(() => {
    if (!isEnabled) return
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== START_KEY || event.repeat || event.defaultPrevented) return
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest(typingIn)) return
      if (document.querySelector('dialog[open]')) return
      event.preventDefault()
      latest.current()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [isEnabled])
}
