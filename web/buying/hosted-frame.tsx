import { useEffect, useMemo, useRef } from 'react'

/** What the provider's pages tell the page that frames them. */
export type HostedMessage =
  | { type: 'livelot-card-token'; token: string }
  | { type: 'livelot-card-height'; height: number }
  | { type: 'livelot-challenge-done' }

type HostedFrameProps = { url: string; title: string; heightPx: number; onMessage: (message: HostedMessage) => void }

const HEIGHT_MAX_PX = 1200

/** A page of the payment provider, inside ours. Only messages of that frame and that origin are heard. */
export function HostedFrame({ url, title, heightPx, onMessage }: HostedFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null)
  const hear = useRef(onMessage)
  hear.current = onMessage
  const themedUrl = useMemo(() => withTheme(url), [url])

  useEffect(() => {
    const { origin } = new URL(themedUrl)
    const receive = (event: MessageEvent<unknown>) => {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return
      const message = messageOf(event.data)
      if (message) hear.current(message)
    }
    window.addEventListener('message', receive)
    return () => window.removeEventListener('message', receive)
  }, [themedUrl])

  return <iframe ref={frame} className="hosted-frame" src={themedUrl} title={title} height={heightPx} />
}

function withTheme(url: string): string {
  const themed = new URL(url, window.location.href)
  const chosen = document.documentElement.dataset.theme
  const dark = chosen ? chosen === 'dark' : window.matchMedia('(prefers-color-scheme: dark)').matches
  themed.searchParams.set('origin', window.location.origin)
  themed.searchParams.set('theme', dark ? 'dark' : 'light')
  return themed.href
}

function messageOf(data: unknown): HostedMessage | null {
  if (typeof data !== 'object' || data === null || !('type' in data)) return null
  if (data.type === 'livelot-challenge-done') return { type: data.type }
  if (data.type === 'livelot-card-token' && 'token' in data && typeof data.token === 'string')
    return { type: data.type, token: data.token }
  if (data.type === 'livelot-card-height' && 'height' in data && Number.isFinite(data.height))
    return { type: data.type, height: Math.min(HEIGHT_MAX_PX, Math.max(0, Number(data.height))) }
  return null
}
