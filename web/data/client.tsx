import { type Account, type Client, createClient } from '@livelot/client'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'

/** Undefined until it is known whether an earlier session goes on. */
export type KnownAccount = Account | null | undefined

type Session = {
  client: Client
  account: KnownAccount
  /** Shows a change that the server has confirmed, such as a new address. */
  showAccount: (account: Account) => void
  signOut: () => void
}

const SessionContext = createContext<Session | null>(null)

const rememberedKey = 'livelot.signed-in'

/**
 * Whether an earlier visit may have left a session. The cookie cannot be seen from here, and asking the server for one
 * that is not there costs each guest a refusal. Where storage is blocked, it is asked all the same.
 */
function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(rememberedKey) !== null
  } catch {
    return true
  }
}

function rememberSession(exists: boolean): void {
  try {
    if (exists) localStorage.setItem(rememberedKey, '1')
    else localStorage.removeItem(rememberedKey)
  } catch {
    // Without storage the server is asked at each visit.
  }
}

const listeners = new Set<(account: Account | null) => void>()

/** One client for the whole page: one session, one socket. */
const client = createClient({
  onSessionChanged: (account) => {
    rememberSession(account !== null)
    for (const listener of listeners) listener(account)
  },
})

export function SessionProvider({ children }: { children: ReactNode }) {
  const [account, setAccount] = useState<KnownAccount>(() => (mayHaveSession() ? undefined : null))

  useEffect(() => {
    listeners.add(setAccount)
    // Without an answer the visitor is a guest; signing in says why it does not work.
    const known = (resumed: Account | null) => {
      rememberSession(resumed !== null)
      setAccount(resumed)
    }
    if (mayHaveSession()) client.account.resume().then(known, () => setAccount(null))
    return () => {
      listeners.delete(setAccount)
    }
  }, [])

  const signOut = useCallback(() => {
    // The session ends here whatever the server says; its own refresh tokens run out.
    client.account.signOut().catch(() => undefined)
  }, [])

  const session = useMemo(() => ({ client, account, showAccount: setAccount, signOut }), [account, signOut])
  return <SessionContext value={session}>{children}</SessionContext>
}

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new TypeError('useSession needs a SessionProvider above it.')
  return session
}

/** Sends a guest to sign in and back here; gives the account once there is one. */
export function useRequiredAccount(): Account | undefined {
  const { account } = useSession()
  const navigate = useNavigate()
  useEffect(() => {
    if (account === null) navigate(signInPath(window.location.pathname), { replace: true })
  }, [account, navigate])
  return account ?? undefined
}

export function signInPath(next: string): string {
  return `/sign-in?next=${encodeURIComponent(next)}`
}
