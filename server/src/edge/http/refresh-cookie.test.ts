import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, expect, it } from 'vitest'
import { createApp } from './app.ts'
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from './refresh-cookie.ts'

const token = 'a-refresh-token-of-some-length'
const server = createServer()
afterEach(async () => {
  server.removeAllListeners('request')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const listen = async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('belongs to this very host wherever the pages are https', async () => {
  const app = express()
  app.get('/set', (request, response) => {
    setRefreshCookie(response, token, request.query.secure === 'yes')
    response.end()
  })
  app.get('/clear', (request, response) => {
    clearRefreshCookie(response, request.query.secure === 'yes')
    response.end()
  })
  app.get('/read', (request, response) => void response.json({ token: readRefreshCookie(request) ?? null }))
  server.on('request', app)
  const url = await listen()
  const cookie = async (path: string) => (await fetch(url + path)).headers.get('set-cookie') ?? ''
  expect((await cookie('/set?secure=yes')).replace(/Expires=[^;]*; /, '')).toBe(
    `__Host-livelot_refresh=${token}; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Lax`,
  )
  expect((await cookie('/set?secure=no')).replace(/Expires=[^;]*; /, '')).toBe(
    `livelot_refresh=${token}; Max-Age=2592000; Path=/v1/sessions; HttpOnly; SameSite=Lax`,
  )
  expect(await cookie('/clear?secure=yes')).toContain('__Host-livelot_refresh=; Path=/;')
  const read = async (header: string) => (await fetch(`${url}/read`, { headers: { cookie: header } })).json()
  for (const name of ['livelot_refresh', '__Host-livelot_refresh'])
    expect(await read(`other=1; ${name}=${token}`)).toEqual({ token })
  expect(await read(`x-livelot_refresh=${token}`)).toEqual({ token: null })
})

it('goes with a promise of https for a year, subdomains included', async () => {
  const silent = pino({ level: 'silent' })
  const app = createApp({
    routes: [],
    authenticate: async () => ({ kind: 'guest' }),
    log: silent,
    registry: new Registry(),
    allowedOrigins: ['https://shop.test'],
    publicUrl: 'https://shop.test',
    trustProxyHops: 0,
    paymentOrigin: 'https://pay.test',
    webDistDir: '/nonexistent',
    picturesDir: null,
    openApi: { paths: {} },
    eventCatalogue: {},
    paymentWebhook: (_request, response) => void response.status(204).end(),
    readiness: async () => ({}),
  })
  server.on('request', app)
  const answer = await fetch(`${await listen()}/healthz`)
  expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
})
