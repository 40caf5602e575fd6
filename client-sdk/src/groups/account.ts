import {
  type Account,
  getCreator,
  getMe,
  type RequestInputOf,
  register,
  type Session,
  setAddress,
  signIn,
  signOut,
} from '../../contracts/index.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import type { Caller } from '../wire/caller.ts'
import type { CallOptions } from '../wire/operations.ts'
import { bind } from './bind.ts'

type RegisterRequest = Omit<RequestInputOf<typeof register>, 'transport'>
type SignInRequest = Omit<RequestInputOf<typeof signIn>, 'transport'>

/** Who is signed in, and how that changes. */
export function accountGroup(caller: Caller, session: SessionKeeper) {
  const me = bind(caller, getMe)
  const saveAddress = bind(caller, setAddress)
  const transport = () => (session.usesCookie ? 'cookie' : 'body')

  /** Sent past the caller: the session's own operations carry cookies and no access token. */
  async function open(operation: typeof register | typeof signIn, request: RegisterRequest | SignInRequest) {
    const { value, dateMs } = await session.send(operation, { ...request, transport: transport() })
    const opened = value as Session
    await session.adopt(opened, dateMs)
    return opened.account
  }

  return {
    /** The account of this client, as last told by the server; null for guests. */
    get current(): Account | null {
      return session.account
    },
    /** Refuses: auth.email_taken, auth.password_common. */
    register: (request: RegisterRequest): Promise<Account> => open(register, request),
    /** Refuses: auth.wrong_credentials. */
    signIn: (request: SignInRequest): Promise<Account> => open(signIn, request),
    /** Goes on with the session of an earlier visit, or gives null. Call it once when the application starts. */
    resume: async (): Promise<Account | null> => {
      await session.refresh()
      return session.account
    },
    /** Takes over a session that was opened elsewhere, such as on a server that renders pages. */
    adopt: (opened: Session): Promise<void> => session.adopt(opened),
    /** Ends the session here at once and on the server as soon as it can be reached. */
    signOut: async (): Promise<void> => {
      const request = await session.secret()
      try {
        await session.send(signOut, request)
      } finally {
        await session.clear()
      }
    },
    me: async (options?: CallOptions): Promise<Account> => {
      const account = await me({}, options)
      session.showAccount(account)
      return account
    },
    setAddress: async (...args: Parameters<typeof saveAddress>): Promise<Account> => {
      const account = await saveAddress(...args)
      session.showAccount(account)
      return account
    },
    /** One creator by handle. */
    creator: bind(caller, getCreator),
  }
}
