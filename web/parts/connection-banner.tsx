import { LoaderCircle, WifiOff } from 'lucide-react'
import './connection-banner.css'

export type ConnectionState = 'connecting' | 'live' | 'reconnecting' | 'offline'

type ConnectionBannerProps = { state: ConnectionState; detail?: string }

const words: Record<Exclude<ConnectionState, 'live' | 'connecting'>, string> = {
  reconnecting: 'Reconnecting — prices and stock may be a moment old',
  offline: 'You are offline — buying is paused until you are back',
}

/** Lies over the page's top edge instead of pushing it down, so that nothing jumps under a finger. */
export function ConnectionBanner({ state, detail }: ConnectionBannerProps) {
  const shown = state === 'reconnecting' || state === 'offline'
  return (
    <div className="connection" role="status">
      {shown && (
        <p className={`connection-words connection-${state}`}>
          {state === 'offline' ? (
            <WifiOff aria-hidden="true" />
          ) : (
            <LoaderCircle className="connection-turning" aria-hidden="true" />
          )}
          {detail ?? words[state]}
        </p>
      )}
    </div>
  )
}
