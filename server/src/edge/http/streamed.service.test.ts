import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getLedger } from '@livelot/client/contracts'
import compression from 'compression'
import express from 'express'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { guest } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { route } from '#kernel/route'
import { StreamedJson } from '#kernel/streamed-json'
import { bindHttp } from './bind.ts'
import { createHttpMetrics } from './metrics.ts'

const piece = 'x'.repeat(64 * 1_024)

/** A server whose only answer has these parts. */
async function serving(parts: () => AsyncIterable<string>) {
  const app = express()
  app.use(compression({ filter: () => false }))
  bindHttp(app, [route(getLedger, async () => new StreamedJson(parts()))], {
    authenticate: async () => guest,
    log: pino({ level: 'silent' }),
    metrics: createHttpMetrics(new Registry()),
    cookieSecure: false,
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/v1/auctions/${newId()}/ledger`, close: () => server.close() }
}

it('sends a long answer in parts, as one JSON document', async () => {
  const one = await serving(async function* () {
    yield '["a"'
    yield ',"b"'
    yield ']'
  })
  const answer = await fetch(one.url)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  expect(await answer.json()).toEqual(['a', 'b'])
  one.close()
})

it('reads no further than it can send, and stops when the client has gone', async () => {
  let taken = 0
  const stopped = Promise.withResolvers<void>()
  const one = await serving(async function* () {
    try {
      for (; ; taken += 1) yield piece
    } finally {
      stopped.resolve()
    }
  })
  const leaving = new AbortController()
  await fetch(one.url, { signal: leaving.signal })
  await expect.poll(() => taken).toBeGreaterThan(0)
  leaving.abort()
  await stopped.promise
  expect(taken).toBeLessThan(2_000)
  one.close()
})

it('cuts the connection where a part cannot be read, so that nobody takes half for the whole', async () => {
  const one = await serving(async function* () {
    yield '["a"'
    throw new Error('the store is gone')
  })
  await expect(fetch(one.url).then((answer) => answer.text())).rejects.toThrow()
  one.close()
})
