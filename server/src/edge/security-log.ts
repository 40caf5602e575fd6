import type { ErrorCode } from '@livelot/client/contracts'
import type { Log } from '#kernel/log'
import { createBuckets } from './token-bucket.ts'

const authentication = new Set([
  'account:register',
  'account:sign-in',
  'account:sign-out',
  'account:refresh-session',
  'account:renew-socket',
])
/** An attack must not fill the disk; beyond this rate the figures by operation and code still count all of it. */
const linesOfAKind = { burst: 100, perSecond: 20, keysMax: 8 }

export interface SecurityEvent {
  readonly operation: string
  readonly code: ErrorCode | 'ok'
  /** Who asked, or who has signed in by it; null where that is not known. */
  readonly accountId: string | null
}

/** Logs what an investigation asks for later: who signed in or tried to, and who was refused by a right or a limit. */
export function createSecurityLog(log: Log): (event: SecurityEvent) => void {
  const lines = createBuckets(linesOfAKind)
  return ({ operation, code, accountId }) => {
    const security = kindOf(operation, code)
    if (security === null || lines.take(security) > 0) return
    log.info({ security, operation, code, accountId }, 'security event')
  }
}

function kindOf(operation: string, code: ErrorCode | 'ok'): string | null {
  if (authentication.has(operation)) return 'authentication'
  if (code === 'auth.forbidden') return 'authorisation'
  if (code === 'auth.required' || code === 'auth.token_expired') return 'token'
  return code === 'request.rate_limited' ? 'limit' : null
}
