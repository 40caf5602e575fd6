import { createPrivateKey, sign } from 'node:crypto'

export interface TokenFacts {
  accountId: string
  sessionId: string
  name: string
  roles: readonly string[]
  creatorId: string | null
}

/** Longer than the API's own, so that the longest bench needs no second one. */
const LIFE_MS = 60 * 60_000
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * Access tokens made with the bench platform's own key. Two thousand sign-ins would take two minutes of argon2, which is
 * not what is measured here, and they would only prove that the rate limit of sign-ins works. A token of another form
 * than the API's own is refused at its first use, so a change there cannot go unnoticed.
 */
export function tokenMaker(privateKey: string): (facts: TokenFacts) => { token: string; expiresAtMs: number } {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  return ({ accountId, sessionId, name, roles, creatorId }) => {
    const nowSeconds = Math.floor(Date.now() / 1000)
    const exp = nowSeconds + LIFE_MS / 1000
    const claims = { sid: sessionId, name, roles, cre: creatorId, brands: [], sub: accountId }
    const head = part({ alg: 'EdDSA', typ: 'at+jwt' })
    const body = part({ ...claims, iss: 'livelot', aud: 'livelot-api', iat: nowSeconds, exp })
    const signature = sign(null, Buffer.from(`${head}.${body}`), key).toString('base64url')
    return { token: `${head}.${body}.${signature}`, expiresAtMs: exp * 1000 }
  }
}
