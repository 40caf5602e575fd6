import { useEffect } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useSession } from '../../data/client.tsx'
import { sentenceOf } from '../../data/sentences.ts'
import { useTitle } from '../../data/use-title.ts'
import { SignInView } from './sign-in-view.tsx'

/** Only a path of this site: an address from outside could lead a person who has just signed in anywhere. */
function safePath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/'
}

export function Component() {
  const { client, account } = useSession()
  const navigate = useNavigate()
  const [params, setParams] = useSearchParams()
  const mode = params.get('mode') === 'register' ? 'register' : 'sign-in'
  const next = safePath(params.get('next'))
  useTitle(mode === 'register' ? 'Make an account' : 'Sign in')

  useEffect(() => {
    if (account) navigate(next, { replace: true })
  }, [account, next, navigate])

  return (
    <SignInView
      mode={mode}
      onMode={(to) => setParams({ mode: to, next }, { replace: true })}
      onSubmit={async ({ email, password, displayName }) => {
        try {
          if (mode === 'register') await client.account.register({ email, password, displayName })
          else await client.account.signIn({ email, password })
          return null
        } catch (error) {
          return sentenceOf(error)
        }
      }}
    />
  )
}
