import { useSyncExternalStore } from 'react'

/** The same boundary as in watch.css: below it the picture fills the screen and everything else lies over it. */
const phone = window.matchMedia('(max-width: 759px)')

function subscribe(changed: () => void): () => void {
  phone.addEventListener('change', changed)
  return () => phone.removeEventListener('change', changed)
}

export function usePhoneLayout(): boolean {
  return useSyncExternalStore(subscribe, () => phone.matches)
}
