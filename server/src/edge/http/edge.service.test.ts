import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { type AccountId, type Operation, operation, placeBid } from '@livelot/client/contracts'
import express from 'express'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { guest } from '#kernel/actor'
import { route } from '#kernel/route'
import { type Edge, startEdge } from '../../../test/support/edge.ts'
import { bindHttp } from './bind.ts'
import { createHttpMetrics } from './metrics.ts'

let edge: Edge
beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.close())

it('answers every refusal as a problem document', async () => {
  const answer = await edge.call('GET', '/v1/me')
  expect(answer.status).toBe(401)
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(answer.body).toEqual({
    type: 'urn:livelot:problem:auth.required',
    title: 'Sign in first.',
    status: 401,
    code: 'auth.required',
    retry: 'never',
  })
})

it('names what is wrong with a request without repeating its values', async () => {
  const answer = await edge.call('POST', '/v1/accounts', { email: 'secret-thing', password: 5, role: 'operator' })
  expect(answer.status).toBe(400)
  expect(answer.body.details.issues.map((issue: { path: string }) => issue.path).sort()).toEqual([
    '',
    'displayName',
    'email',
    'password',
  ])
  expect(JSON.stringify(answer.body)).not.toContain('secret-thing')
})

it.each([
  ['broken JSON', '{"a":', 400, 'request.invalid'],
  ['a bare value', '5', 400, 'request.invalid'],
  ['an array', '[]', 400, 'request.invalid'],
  ['a prototype', '{"__proto__":{"admin":true}}', 400, 'request.invalid'],
  ['a large body', JSON.stringify({ email: 'x'.repeat(20_000) }), 413, 'request.too_large'],
])('refuses %s', async (_name, body, status, code) => {
  const answer = await edge.call('POST', '/v1/accounts', body)
  expect([answer.status, answer.body.code]).toEqual([status, code])
})

it.each([
  ['a zero character', { displayName: 'a\u0000b' }],
  ['half a character', { displayName: 'a\ud800b' }],
  ['text that turns the line around', { displayName: '\u202Egnirut' }],
  ['a name of two lines', { displayName: 'Host\nMara' }],
])('refuses %s in text', async (_name, field) => {
  const account = { email: 'zero@shop.test', password: 'a long enough one', ...field }
  const answer = await edge.call('POST', '/v1/accounts', account)
  expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
})

it('refuses a zero character in an address', async () => {
  const answer = await edge.call('GET', '/v1/creators/%00')
  expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid'])
})

it('tells figures to callers from this machine, and never through a proxy', async () => {
  expect((await fetch(`${edge.baseUrl}/metrics`)).status).toBe(200)
  for (const header of ['x-forwarded-for', 'forwarded'])
    expect((await edge.call('GET', '/metrics', undefined, { [header]: 'for=10.0.0.1' })).status).toBe(404)
})

it('refuses another content type, an unknown address and another site', async () => {
  const type = await edge.call('POST', '/v1/accounts', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' })
  const address = await edge.call('GET', '/v1/nothing-here')
  const site = await edge.call('POST', '/v1/sessions/sign-out', {}, { origin: 'http://evil.test' })
  expect([type.body.code, address.body.code, site.body.code]).toEqual([
    'request.unsupported_media_type',
    'request.not_found',
    'request.origin_refused',
  ])
  const own = await edge.call('POST', '/v1/sessions/sign-out', {}, { origin: 'http://shop.test' })
  expect(own.headers.get('access-control-allow-origin')).toBe('http://shop.test')
})

it('sets the headers that keep pages safe', async () => {
  const { headers } = await edge.call('GET', '/healthz')
  expect(headers.get('content-security-policy')).toContain("script-src 'self';")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-powered-by')).toBeNull()
})

it('survives half a request and garbage on the socket', async () => {
  const { port } = new URL(edge.baseUrl)
  for (const bytes of [
    'POST /v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{"a',
    '\u0000\u0001garbage\r\n\r\n',
  ]) {
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.end(bytes)
    await once(socket.resume(), 'close')
  }
  expect((await edge.call('GET', '/healthz')).body).toEqual({ ok: true })
})

it('lets nobody try tokens without end', async () => {
  const codes = new Set<string>()
  for (let i = 0; i < 40; i += 1) {
    const tries = Array.from({ length: 25 }, () =>
      edge.call('GET', '/v1/me', undefined, { authorization: 'Bearer x.y.z' }),
    )
    for (const answer of await Promise.all(tries)) codes.add(answer.body.code)
    if (codes.has('request.rate_limited')) break
  }
  expect([...codes].sort()).toEqual(['auth.required', 'request.rate_limited'])
})

it('[AU40] takes from one account over HTTP as many calls as over sockets', async () => {
  expect(placeBid.socket.rate).toEqual({ burst: 10, perSecond: 5 })
  const bid: Operation = {
    ...placeBid,
    http: { method: 'post', path: '/v1/bids' },
    socket: { rate: { burst: 3, perSecond: 0.001 } },
    request: z.object({}),
  }
  const session = { sessionId: 's', displayName: 'Ada', creatorId: null, brandIds: [], expiresAtMs: 0 }
  const buyer = { kind: 'account' as const, roles: ['buyer' as const], ...session }
  const app = express()
  bindHttp(app, [route(bid, async () => ({}))], {
    authenticate: async (token) => ({ ...buyer, accountId: token as AccountId }),
    log: pino({ level: 'silent' }),
    metrics: createHttpMetrics(new Registry()),
    cookieSecure: false,
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const place = async (token: string) => {
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'one' }
    const answer = await fetch(`http://127.0.0.1:${port}/v1/bids`, { method: 'POST', headers })
    return [answer.status, Number(answer.headers.get('retry-after')) > 0]
  }
  const answers = [await place('ada'), await place('ada'), await place('ada'), await place('ada'), await place('ben')]
  server.close()
  expect(answers).toEqual([
    [200, false],
    [200, false],
    [200, false],
    [429, true],
    [200, false],
  ])
})

it('does not start with an operation that does not say who may call it', () => {
  const nobody = operation({
    name: 'test:nobody',
    summary: '',
    access: [],
    http: { method: 'get', path: '/v1/test' },
    request: z.strictObject({}),
    response: z.strictObject({}),
    errors: [],
  })
  const bind = () =>
    bindHttp(express.Router(), [route(nobody, async () => ({}))], {
      authenticate: async () => guest,
      log: pino({ level: 'silent' }),
      metrics: createHttpMetrics(new Registry()),
      cookieSecure: false,
    })
  expect(bind).toThrow('test:nobody does not say who may call it')
})
