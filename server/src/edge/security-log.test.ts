import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getMe, type Operation, signIn, signOut } from '@livelot/client/contracts'
import express from 'express'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, expect, it } from 'vitest'
import type { Actor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { bindHttp } from './http/bind.ts'
import { createHttpMetrics } from './http/metrics.ts'
import { createSecurityLog } from './security-log.ts'

const lines: Record<string, unknown>[] = []
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
const server = createServer()
afterEach(async () => {
  lines.length = 0
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
const told = () => lines.map(({ security, operation, code, accountId }) => [security, operation, code, accountId])

it('tells who signed in, who failed to, and who was refused, and nothing that they sent', async () => {
  const { accountId } = { accountId: '018f0000-0000-7000-8000-000000000001' }
  const buyer = { kind: 'account', accountId, roles: ['buyer'] } as unknown as Actor
  const handle = async (request: unknown) => {
    if ((request as { password: string }).password === 'wrong') throw new Refusal('auth.wrong_credentials')
    return { account: { accountId }, refreshToken: null }
  }
  const forOperators: Operation = { ...getMe, access: ['operator'] }
  const router = express.Router().use(express.json())
  const routes = [
    { operation: signIn, handle },
    { operation: forOperators, handle: async () => ({}) },
    { operation: signOut, handle: async () => ({}) },
  ]
  const authenticate = async () => buyer
  bindHttp(router, routes, { authenticate, log, metrics: createHttpMetrics(new Registry()), cookieSecure: false })
  server.on('request', express().use(router))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const enter = (password: string) =>
    fetch(`${url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'somebody@canary.test', password }),
    })
  expect([(await enter('right')).status, (await enter('wrong')).status]).toEqual([201, 401])
  const headers = { authorization: 'Bearer a.good.token' }
  expect([(await fetch(`${url}/v1/me`, { headers })).status, (await fetch(`${url}/v1/me`)).status]).toEqual([403, 401])
  expect(told()).toEqual([
    ['authentication', 'account:sign-in', 'ok', accountId],
    ['authentication', 'account:sign-in', 'auth.wrong_credentials', null],
    ['authorisation', 'account:get-me', 'auth.forbidden', accountId],
    ['token', 'account:get-me', 'auth.required', null],
  ])
  expect(JSON.stringify(lines)).not.toMatch(/canary|wrong"|a\.good\.token/)
})

it('does not let a flood fill the disk', () => {
  const tell = createSecurityLog(log)
  for (let i = 0; i < 5_000; i += 1) tell({ operation: 'product:list', code: 'request.rate_limited', accountId: null })
  tell({ operation: 'product:list', code: 'ok', accountId: null })
  tell({ operation: 'account:sign-in', code: 'auth.wrong_credentials', accountId: null })
  expect(lines.length).toBeGreaterThanOrEqual(101)
  expect(lines.length).toBeLessThan(200)
  expect(told().at(-1)).toEqual(['authentication', 'account:sign-in', 'auth.wrong_credentials', null])
})
