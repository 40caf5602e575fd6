import { z } from 'zod'
import { AccountId, BrandId, CreatorId } from './ids.ts'
import { operation, roles } from './operation.ts'
import { hiddenSentence, oneVisibleLine } from './text.ts'
import { EpochMs } from './time.ts'

export const Email = z.email().max(254).toLowerCase()
/** Length only, as OWASP advises: no composition rules. The server also refuses the best-known passwords. */
export const Password = z.string().min(8).max(128)
/** Shown beside everybody's lines in chat: nothing invisible, and nothing that turns the line around or breaks it. */
export const DisplayName = z.string().trim().min(1).max(40).regex(oneVisibleLine, hiddenSentence)
export const CountryCode = z
  .string()
  .regex(/^[A-Z]{2}$/)
  .meta({ description: 'ISO 3166-1 alpha-2.' })

export const Address = z.strictObject({
  name: z.string().trim().min(1).max(80),
  line1: z.string().trim().min(1).max(120),
  line2: z.string().trim().max(120).optional(),
  city: z.string().trim().min(1).max(80),
  region: z.string().trim().max(80).optional(),
  postalCode: z.string().trim().min(1).max(20),
  country: CountryCode,
})
export type Address = z.infer<typeof Address>

export const Account = z.strictObject({
  accountId: AccountId,
  email: z.string(),
  displayName: z.string(),
  roles: z.array(z.enum(roles)),
  creatorId: CreatorId.nullable(),
  brandIds: z.array(BrandId),
  address: Address.nullable(),
  createdAtMs: EpochMs,
})
export type Account = z.infer<typeof Account>

/** `refreshToken` is present for clients without cookies (Node); browsers get it as an httpOnly cookie instead. */
export const Session = z.strictObject({
  accessToken: z.string(),
  accessTokenExpiresAtMs: EpochMs,
  refreshToken: z.string().nullable(),
  account: Account,
})
export type Session = z.infer<typeof Session>

export const CreatorProfile = z.strictObject({
  creatorId: CreatorId,
  handle: z.string(),
  displayName: z.string(),
  bio: z.string(),
  pictureUrl: z.string(),
})
export type CreatorProfile = z.infer<typeof CreatorProfile>

export const BrandProfile = z.strictObject({
  brandId: BrandId,
  handle: z.string(),
  name: z.string(),
  story: z.string(),
  pictureUrl: z.string(),
})
export type BrandProfile = z.infer<typeof BrandProfile>

const transport = z.enum(['cookie', 'body']).default('body').meta({
  description: 'Where the refresh token travels: an httpOnly cookie (browsers) or the body (Node).',
})

export const register = operation({
  name: 'account:register',
  summary: 'Create an account and sign in.',
  access: 'anyone',
  http: { method: 'post', path: '/v1/accounts', status: 201 },
  request: z.strictObject({ email: Email, password: Password, displayName: DisplayName, transport }),
  response: Session,
  errors: ['auth.email_taken', 'auth.password_common'],
})

export const signIn = operation({
  name: 'account:sign-in',
  summary: 'Sign in with e-mail address and password.',
  access: 'anyone',
  http: { method: 'post', path: '/v1/sessions', status: 201 },
  request: z.strictObject({ email: Email, password: z.string().min(1).max(128), transport }),
  response: Session,
  errors: ['auth.wrong_credentials'],
})

export const refreshSession = operation({
  name: 'account:refresh-session',
  summary: 'Trade a refresh token (body or cookie) for a new session. Each refresh token works once.',
  access: 'anyone',
  http: { method: 'post', path: '/v1/sessions/refresh' },
  request: z.strictObject({ refreshToken: z.string().max(200).optional(), transport }),
  response: Session,
  errors: ['auth.required'],
})

export const signOut = operation({
  name: 'account:sign-out',
  summary: 'End the session: its refresh tokens stop working and its sockets are closed.',
  access: 'anyone',
  http: { method: 'post', path: '/v1/sessions/sign-out' },
  request: z.strictObject({ refreshToken: z.string().max(200).optional() }),
  response: z.strictObject({}),
  errors: [],
})

export const getMe = operation({
  name: 'account:get-me',
  summary: 'The account of the caller.',
  access: 'signed-in',
  http: { method: 'get', path: '/v1/me' },
  request: z.strictObject({}),
  response: Account,
  errors: [],
})

export const setAddress = operation({
  name: 'account:set-address',
  summary: 'Set the delivery address of the caller.',
  access: 'signed-in',
  http: { method: 'put', path: '/v1/me/address' },
  request: Address,
  response: Account,
  errors: [],
})

export const getCreator = operation({
  name: 'creator:get',
  summary: 'One creator by handle.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/creators/{handle}' },
  request: z.strictObject({ handle: z.string().min(1).max(40) }),
  response: CreatorProfile,
  errors: ['profile.not_found'],
})

export const renewSocket = operation({
  name: 'account:renew-socket',
  summary:
    'Give the open connection a fresh access token before the old one expires; it is closed at expiry otherwise.',
  access: 'anyone',
  socket: { rate: { burst: 4, perSecond: 0.2 } },
  request: z.strictObject({ token: z.string().max(2048) }),
  response: z.strictObject({ expiresAtMs: EpochMs }),
  errors: [],
})
