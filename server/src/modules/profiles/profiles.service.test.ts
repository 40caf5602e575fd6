import { generateKeyPairSync } from 'node:crypto'
import type { Session } from '@livelot/client/contracts'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { statement } from '#infra/postgres/pool'
import { newId } from '#kernel/ids'
import { type Edge, startEdge } from '../../../test/support/edge.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.close())

const password = 'a calm sea at dawn'
let counter = 0
const newPerson = () => ({ email: `person${++counter}@example.com`, password, displayName: `Person ${counter}` })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const register = async (): Promise<Session> => (await edge.call('POST', '/v1/accounts', newPerson())).body as Session
const refresh = (refreshToken: string) => edge.call('POST', '/v1/sessions/refresh', { refreshToken })

describe('accounts', () => {
  it('[PR1] makes one account of eight registrations at once', async () => {
    const person = newPerson()
    const answers = await Promise.all(Array.from({ length: 8 }, () => edge.call('POST', '/v1/accounts', person)))
    const codes = answers.map((answer) => (answer.status === 201 ? 'created' : answer.body.code)).sort()
    expect(codes).toEqual([
      'auth.email_taken',
      'auth.email_taken',
      'auth.email_taken',
      'auth.email_taken',
      'auth.email_taken',
      'auth.email_taken',
      'auth.email_taken',
      'created',
    ])
    const rows = await edge.db.query(statement('test.count_accounts', 'SELECT id FROM accounts WHERE email = $1'), [
      person.email,
    ])
    expect(rows).toHaveLength(1)
  })

  it('answers with the account and a session that works', async () => {
    const session = await register()
    const me = await edge.call('GET', '/v1/me', undefined, bearer(session.accessToken))
    expect(me.status).toBe(200)
    expect(me.body).toEqual(session.account)
    expect(me.body).toMatchObject({ roles: ['buyer'], creatorId: null, brandIds: [], address: null })
    expect(JSON.stringify(me.body)).not.toContain('argon2')
  })

  it('refuses the best-known passwords and short ones', async () => {
    const common = await edge.call('POST', '/v1/accounts', { ...newPerson(), password: 'password123' })
    const short = await edge.call('POST', '/v1/accounts', { ...newPerson(), password: 'short' })
    expect([common.body.code, short.body.code]).toEqual(['auth.password_common', 'request.invalid'])
  })

  it('[PR2] answers a wrong address and a wrong password alike', async () => {
    const { account } = await register()
    const attempt = (email: string) => edge.call('POST', '/v1/sessions', { email, password: 'not the password' })
    const [wrongPassword, wrongEmail] = [await attempt(account.email), await attempt('nobody@example.com')]
    expect(wrongPassword.status).toBe(401)
    expect(wrongPassword.body).toEqual(wrongEmail.body)
    expect(wrongPassword.body.code).toBe('auth.wrong_credentials')
  })

  it('limits guesses of one account’s password', async () => {
    const { account } = await register()
    const codes: string[] = []
    for (let attempt = 0; attempt < 11; attempt++)
      codes.push(
        (await edge.call('POST', '/v1/sessions', { email: account.email, password: 'a guess of many' })).body.code,
      )
    expect(codes.filter((code) => code === 'auth.wrong_credentials').length).toBeLessThanOrEqual(10)
    expect(codes.at(-1)).toBe('request.rate_limited')
  })
})

describe('sessions', () => {
  it('[PR3] trades a refresh token, and once more within the grace time when the reply was lost', async () => {
    const first = (await register()).refreshToken as string
    const second = await refresh(first)
    expect(second.status).toBe(200)
    const again = await refresh(first)
    expect(again.status).toBe(200)
    // Two pages that trade at once hold one token, whichever answer comes last.
    expect(again.body.refreshToken).toBe(second.body.refreshToken)
    expect(again.body.refreshToken).not.toBe(first)
    expect((await refresh(again.body.refreshToken)).status).toBe(200)
  })

  it('[PR4] ends the session when a spent token is shown after the grace time', async () => {
    const session = await register()
    const first = session.refreshToken as string
    const second = (await refresh(first)).body as Session
    await edge.db.query(
      statement(
        'test.age_rotation',
        `UPDATE sessions SET rotated_at = now() - interval '1 minute' WHERE account_id = $1`,
      ),
      [session.account.accountId],
    )
    expect((await refresh(first)).body.code).toBe('auth.required')
    expect((await refresh(second.refreshToken as string)).body.code).toBe('auth.required')
    expect((await edge.call('GET', '/v1/me', undefined, bearer(second.accessToken))).status).toBe(401)
  })

  it('[PR4] ends the session also when the thief has traded more than once', async () => {
    const session = await register()
    const stolen = session.refreshToken as string
    const second = (await refresh(stolen)).body as Session
    const third = (await refresh(second.refreshToken as string)).body as Session
    expect((await refresh(stolen)).body.code).toBe('auth.required')
    expect((await refresh(third.refreshToken as string)).body.code).toBe('auth.required')
    expect((await edge.call('GET', '/v1/me', undefined, bearer(third.accessToken))).status).toBe(401)
  })

  it('ends the session of an access token that signs out without its refresh token', async () => {
    const session = await register()
    const { status } = await edge.call('POST', '/v1/sessions/sign-out', {}, bearer(session.accessToken))
    expect(status).toBe(200)
    expect((await edge.call('GET', '/v1/me', undefined, bearer(session.accessToken))).status).toBe(401)
    expect((await refresh(session.refreshToken as string)).body.code).toBe('auth.required')
  })

  it('[PR5] stops the access tokens of an ended session on every process, and on one that starts later', async () => {
    const session = await register()
    const other = await edge.newProfiles()
    expect((await other.authenticate(session.accessToken)).kind).toBe('account')
    expect((await edge.call('POST', '/v1/sessions/sign-out', { refreshToken: session.refreshToken })).status).toBe(200)
    expect((await edge.call('GET', '/v1/me', undefined, bearer(session.accessToken))).body.code).toBe('auth.required')
    await expect
      .poll(() => other.authenticate(session.accessToken).catch((error) => error.code), { timeout: 2_000 })
      .toBe('auth.required')
    const later = await edge.newProfiles()
    await expect(later.authenticate(session.accessToken)).rejects.toMatchObject({ code: 'auth.required' })
  })

  it('keeps the refresh token of a browser in a cookie that scripts cannot read', async () => {
    const answer = await edge.call('POST', '/v1/accounts', { ...newPerson(), transport: 'cookie' })
    expect(answer.body.refreshToken).toBeNull()
    const cookie = answer.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^livelot_refresh=[\w-]{43}; .*Path=\/v1\/sessions;.*HttpOnly; SameSite=Lax$/)
    const pair = cookie.split(';')[0] ?? ''
    const refreshed = await edge.call('POST', '/v1/sessions/refresh', { transport: 'cookie' }, { cookie: pair })
    expect(refreshed.status).toBe(200)
    expect(refreshed.body.refreshToken).toBeNull()
    const next = refreshed.headers.get('set-cookie')?.split(';')[0] ?? ''
    const asked = await edge.call('POST', '/v1/sessions/refresh', { transport: 'body' }, { cookie: next })
    expect(asked.body.refreshToken).toBeNull()
    expect(asked.headers.get('set-cookie')).toMatch(/^livelot_refresh=[\w-]{43};/)
  })

  it('[PR6] refuses tokens of another key, algorithm, kind, audience, and expired ones', async () => {
    const session = await register()
    const claims = { sid: newId(), name: 'x', roles: ['operator'], cre: null, brands: [] }
    const sign = (
      key: Parameters<SignJWT['sign']>[0],
      alg: string,
      typ = 'at+jwt',
      audience = 'livelot-api',
      exp: string | number = '5m',
    ) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, typ })
        .setSubject(session.account.accountId)
        .setIssuer('livelot')
        .setAudience(audience)
        .setExpirationTime(exp)
        .sign(key)
    const { privateKey: foreign } = generateKeyPairSync('ed25519')
    const { createPrivateKey } = await import('node:crypto')
    const own = createPrivateKey({ key: Buffer.from(edge.privateKey, 'base64'), format: 'der', type: 'pkcs8' })
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${session.accessToken.split('.')[1]}.`
    const tokens = {
      foreign: await sign(foreign, 'EdDSA'),
      symmetric: await sign(new TextEncoder().encode(edge.privateKey), 'HS256'),
      kind: await sign(own, 'EdDSA', 'JWT'),
      audience: await sign(own, 'EdDSA', 'at+jwt', 'elsewhere'),
      expired: await sign(own, 'EdDSA', 'at+jwt', 'livelot-api', Math.floor(Date.now() / 1_000) - 60),
      none,
      garbage: 'x.y.z',
    }
    const codes: Record<string, string> = {}
    for (const [name, token] of Object.entries(tokens))
      codes[name] = (await edge.call('GET', '/v1/me', undefined, bearer(token))).body.code
    expect(codes).toEqual({
      foreign: 'auth.required',
      symmetric: 'auth.required',
      kind: 'auth.required',
      audience: 'auth.required',
      expired: 'auth.token_expired',
      none: 'auth.required',
      garbage: 'auth.required',
    })
  })
})
