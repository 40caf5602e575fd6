/** Browsers know when the device itself has no network; elsewhere there is nothing to know. */
export function deviceIsOffline(): boolean {
  return typeof navigator !== 'undefined' && navigator.onLine === false
}

/** Gives the function that stops watching. */
export function watchNetwork({ back, gone }: { back: () => void; gone: () => void }): () => void {
  if (typeof window === 'undefined' || typeof window.addEventListener !== 'function') return () => undefined
  window.addEventListener('online', back)
  window.addEventListener('offline', gone)
  return () => {
    window.removeEventListener('online', back)
    window.removeEventListener('offline', gone)
  }
}
