import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { AccountId, BrandId, CreatorId, roles } from '@livelot/client/contracts'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { AccountActor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { nowMs } from '#kernel/now'
import type { AccountRecord } from './account.ts'

export const accessTokenLifeMs = 10 * 60 * 1_000
const issuer = 'livelot'
const audience = 'livelot-api'
const tokenType = 'at+jwt'
const algorithm = 'EdDSA'

const Claims = z.object({
  sub: AccountId,
  sid: z.uuid(),
  name: z.string(),
  roles: z.array(z.enum(roles)),
  cre: CreatorId.nullable(),
  brands: z.array(BrandId),
  exp: z.int(),
})

export interface AccessTokens {
  issue(account: AccountRecord, sessionId: string): Promise<{ token: string; expiresAtMs: number }>
  /** Refuses: auth.token_expired, auth.required (anything else that is not a good token). */
  read(token: string): Promise<AccountActor>
  /** The refresh token that one is traded for. */
  nextRefreshToken(token: string): string
}

/** `privateKey`: Ed25519, PKCS8, base64 of the DER form. Throws at start when it is not such a key. */
export function createAccessTokens(privateKey: string): AccessTokens {
  const key = parseKey(privateKey)
  const publicKey = createPublicKey(key)
  return {
    nextRefreshToken: createRefreshChain(privateKey),
    issue: async (account, sessionId) => {
      const expiresAtMs = Math.floor((nowMs() + accessTokenLifeMs) / 1_000) * 1_000
      const token = await new SignJWT({
        sid: sessionId,
        name: account.displayName,
        roles: account.roles,
        cre: account.creatorId,
        brands: account.brandIds,
      })
        .setProtectedHeader({ alg: algorithm, typ: tokenType })
        .setSubject(account.accountId)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(Math.floor(nowMs() / 1_000))
        .setExpirationTime(expiresAtMs / 1_000)
        .sign(key)
      return { token, expiresAtMs }
    },
    read: async (token) => {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: [algorithm],
          typ: tokenType,
          issuer,
          audience,
          requiredClaims: ['sub', 'exp', 'sid'],
          currentDate: new Date(nowMs()),
        })
        return toActor(Claims.parse(payload))
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw new Refusal('auth.token_expired')
        throw new Refusal('auth.required')
      }
    },
  }
}

function toActor(claims: z.infer<typeof Claims>): AccountActor {
  return {
    kind: 'account',
    accountId: claims.sub,
    sessionId: claims.sid,
    displayName: claims.name,
    roles: claims.roles,
    creatorId: claims.cre,
    brandIds: claims.brands,
    expiresAtMs: claims.exp * 1_000,
  }
}

function parseKey(privateKey: string): KeyObject {
  try {
    const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key')
    return key
  } catch {
    throw new Error('AUTH_PRIVATE_KEY must be an Ed25519 private key: PKCS8, DER, in base64')
  }
}

export const newRefreshToken = (): string => randomBytes(32).toString('base64url')

/**
 * The refresh token that follows another: the same whoever asks and however often, so that two pages which trade at once
 * hold one token, and a spent token leads to the session that it once belonged to.
 */
export function createRefreshChain(privateKey: string): (token: string) => string {
  const key = Buffer.from(hkdfSync('sha256', privateKey, '', 'livelot refresh tokens', 32))
  return (token) => createHmac('sha256', key).update(token).digest('base64url')
}

/** Refresh tokens are random, so a plain hash is enough to keep them unreadable in the database. */
export const hashRefreshToken = (token: string): Buffer => createHash('sha256').update(token).digest()
