import { hkdfSync, randomUUID } from 'node:crypto'
import { AccountId, ShowId, StreamPurpose } from '@livelot/client/contracts'
import { jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { type RedisServers, serverOf } from '#infra/redis/client'
import { Refusal } from '#kernel/errors'
import { nowMs } from '#kernel/now'
import { streamTokenKey } from './keys.ts'

export type Purpose = z.infer<typeof StreamPurpose>

const lifeMs = 60_000
/** A used token is remembered for longer than it could be valid on a clock that goes a little wrong. */
const rememberMs = 2 * lifeMs
const audience = 'livelot-stream'
const algorithm = 'HS256'

const Claims = z.object({ jti: z.uuid(), show: ShowId, purpose: StreamPurpose, sub: AccountId.optional() })

export interface StreamPass {
  /** Who asked for the token; null for a guest. */
  readonly accountId: AccountId | null
}

export interface StreamTokens {
  issue(
    showId: ShowId,
    purpose: Purpose,
    accountId: AccountId | null,
  ): Promise<{ streamToken: string; expiresAtMs: number }>
  /** Takes a token once. Refuses: media.token_invalid, media.token_used. Repeats: refused. */
  redeem(streamToken: string, purpose: Purpose, showId: ShowId): Promise<StreamPass>
}

/** `secret`: any string that all processes share; the key is derived from it for this one use. */
export function createStreamTokens(redis: RedisServers, secret: string): StreamTokens {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'livelot stream tokens', 32))
  return {
    issue: async (showId, purpose, accountId) => {
      const expiresAtMs = Math.ceil((nowMs() + lifeMs) / 1_000) * 1_000
      const token = new SignJWT({ show: showId, purpose })
        .setProtectedHeader({ alg: algorithm })
        .setJti(randomUUID())
        .setAudience(audience)
        .setExpirationTime(expiresAtMs / 1_000)
      if (accountId) token.setSubject(accountId)
      return { streamToken: await token.sign(key), expiresAtMs }
    },
    redeem: async (streamToken, purpose, showId) => {
      const claims = await readClaims(streamToken, key)
      if (claims.show !== showId || claims.purpose !== purpose) throw new Refusal('media.token_invalid')
      const used = streamTokenKey(showId, claims.jti)
      const first = await serverOf(redis, used).set(used, '1', 'PX', rememberMs, 'NX')
      if (first !== 'OK') throw new Refusal('media.token_used')
      return { accountId: claims.sub ?? null }
    },
  }
}

async function readClaims(streamToken: string, key: Uint8Array): Promise<z.infer<typeof Claims>> {
  try {
    const options = {
      algorithms: [algorithm],
      audience,
      requiredClaims: ['exp', 'jti'],
      currentDate: new Date(nowMs()),
    }
    const { payload } = await jwtVerify(streamToken, key, options)
    return Claims.parse(payload)
  } catch {
    throw new Refusal('media.token_invalid')
  }
}
