import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { OutcomeUnknown, ProviderUnavailable } from '../../modules/payments/provider.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { JsonCaller } from './json-caller.ts'
import { createSandboxProvider } from './sandbox-provider.ts'

const post = { method: 'POST', path: '/', idempotencyKey: 'k', body: { a: 1 } } as const

async function startPeer(onConnection: (socket: net.Socket) => void) {
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const wary = () => new CircuitBreaker({ windowCalls: 4, failureShareMax: 0.5, openMs: 60_000 })

function newCaller(baseUrl: string, timeoutMs = 2_000, connectionsMax = 4, breaker = wary()) {
  const caller = new JsonCaller({ baseUrl, bearer: 'key', timeoutMs, connectionsMax, breaker })
  return Object.assign(caller, { [Symbol.dispose]: () => caller.close() })
}

const answer = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

test('a reply that is cut is lost, whether none of it or half of it came', async () => {
  for (const reply of ['', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":']) {
    await using peer = await startPeer((socket) => socket.once('data', () => socket.end(reply)))
    using caller = newCaller(peer.url)
    expect(await caller.call(post)).toMatchObject({ kind: 'lost' })
  }
})

test('a reply that drips past the time-out is lost', async () => {
  await using peer = await startPeer((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{')),
  )
  using caller = newCaller(peer.url, 100)
  expect(await caller.call(post)).toMatchObject({ kind: 'lost', why: 'no answer within 100 ms' })
})

test('a reply without end is cut off', async () => {
  await using peer = await startPeer((socket) =>
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 400000\r\n\r\n${'x'.repeat(400_000)}`)
    }),
  )
  using caller = newCaller(peer.url)
  expect(await caller.call(post)).toMatchObject({ kind: 'lost', why: 'the answer broke off' })
})

test('what is no JSON is an answer without a body', async () => {
  await using peer = await startPeer((socket) => socket.once('data', () => socket.end(answer('<html>'))))
  using caller = newCaller(peer.url)
  expect(await caller.call(post)).toEqual({ kind: 'answered', status: 200, body: undefined })
})

test('a request that found no free connection in time was not sent', async () => {
  await using peer = await startPeer(() => undefined)
  using caller = newCaller(peer.url, 100, 1)
  const outcomes = await Promise.all([caller.call(post), caller.call(post)])
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(['lost', 'not-sent'])
})

test('a connection that went stale is replaced and the request repeated, once', async () => {
  let connections = 0
  await using peer = await startPeer((socket) => {
    const isFirst = ++connections === 1
    let requests = 0
    socket.on('data', () => {
      if (isFirst && ++requests === 2) socket.resetAndDestroy()
      else socket.write(answer(`{"connection":${connections}}`))
    })
  })
  using caller = newCaller(peer.url)
  expect(await caller.call(post)).toMatchObject({ body: { connection: 1 } })
  expect(await caller.call(post)).toMatchObject({ body: { connection: 2 } })
  expect(connections).toBe(2)
})

test('a request that a stale connection swallowed is lost when nobody answers its repeat', async () => {
  const server = net.createServer()
  server.on('connection', (socket) => {
    let requests = 0
    socket.on('data', () => {
      if (++requests === 1) return void socket.write(answer('{}'))
      // The peer took the request before it went away: nothing listens any more when it is repeated.
      server.close()
      socket.resetAndDestroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  using caller = newCaller(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  expect(await caller.call(post)).toMatchObject({ kind: 'answered' })
  expect(await caller.call(post)).toMatchObject({ kind: 'lost' })
})

test('a request that a stale connection swallowed is lost when its repeat is put off', async () => {
  let connections = 0
  await using peer = await startPeer((socket) => {
    const isFirst = ++connections === 1
    let requests = 0
    socket.on('data', () => {
      if (!isFirst) socket.write('HTTP/1.1 429 Too Many Requests\r\ncontent-length: 2\r\n\r\n{}')
      else if (++requests === 2) socket.resetAndDestroy()
      else socket.write(answer('{}'))
    })
  })
  const provider = createSandboxProvider({ baseUrl: peer.url, publicUrl: peer.url, apiKey: 'k', webhookSecrets: [] })
  const refund = { idempotencyKey: 'k', intentRef: 'pi_1', amount: { amountMinor: 1, currency: 'USD' } } as const
  await expect(provider.getIntent('pi_1')).rejects.toThrow(ProviderUnavailable)
  await expect(provider.refund(refund)).rejects.toThrow(OutcomeUnknown)
  provider.close()
})

test('a request that cannot be written was not sent, says nothing about the peer, and a call may try again', async () => {
  await using peer = await startPeer((socket) => socket.on('data', () => socket.write(answer('{}'))))
  const breaker = new CircuitBreaker({ windowCalls: 2, failureShareMax: 0.5, openMs: 0 })
  using caller = newCaller(peer.url, 2_000, 1, breaker)
  breaker.admit()?.(false)
  breaker.admit()?.(false)
  expect(await caller.call({ ...post, idempotencyKey: 'line\nbreak' })).toMatchObject({ kind: 'not-sent' })
  expect(await caller.call(post)).toMatchObject({ kind: 'answered' })
})

test('a new connection that is reset is lost, not repeated', async () => {
  let connections = 0
  await using peer = await startPeer((socket) => {
    connections++
    socket.once('data', () => socket.resetAndDestroy())
  })
  using caller = newCaller(peer.url)
  expect(await caller.call(post)).toMatchObject({ kind: 'lost' })
  expect(connections).toBe(1)
})

test('connections are kept and their number is bounded', async () => {
  let connections = 0
  await using peer = await startPeer((socket) => {
    connections++
    socket.on('data', () => setImmediate(() => socket.write(answer('{}'))))
  })
  using caller = newCaller(peer.url)
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => caller.call(post)))
  expect(outcomes.every((outcome) => outcome.kind === 'answered')).toBe(true)
  expect(connections).toBe(4)
})

test('after many lost calls no more are made', async () => {
  let requests = 0
  await using peer = await startPeer((socket) =>
    socket.once('data', () => {
      requests++
      socket.end()
    }),
  )
  using caller = newCaller(peer.url)
  for (let call = 0; call < 4; call++) expect(await caller.call(post)).toMatchObject({ kind: 'lost' })
  expect(await caller.call(post)).toEqual({ kind: 'not-sent', why: 'too many calls failed lately' })
  expect(requests).toBe(4)
})

test('the breaker lets one call try after its time, and all again after a success', () => {
  let nowMs = 0
  const breaker = new CircuitBreaker({ windowCalls: 2, failureShareMax: 0.5, openMs: 100, nowMs: () => nowMs })
  const late = breaker.admit()
  breaker.admit()?.(false)
  breaker.admit()?.(false)
  expect(breaker.admit()).toBeNull()
  nowMs = 100
  const probe = breaker.admit()
  expect(breaker.admit()).toBeNull()
  late?.(true)
  expect(breaker.admit()).toBeNull()
  probe?.(false)
  nowMs = 199
  expect(breaker.admit()).toBeNull()
  nowMs = 200
  breaker.admit()?.(true)
  expect([breaker.admit(), breaker.admit()]).toEqual([expect.any(Function), expect.any(Function)])
})

test('answers of the wrong form are unknown for commands and unavailable for questions', async () => {
  const server = http.createServer((_request, response) => response.end('{"id":"pi_1","object":"payment_intent"}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = createSandboxProvider({ baseUrl, publicUrl: baseUrl, apiKey: 'k', webhookSecrets: [] })
  const amount = { amountMinor: 1, currency: 'USD' } as const
  await expect(provider.capture({ idempotencyKey: 'k', intentRef: 'pi_1', amount })).rejects.toThrow(OutcomeUnknown)
  await expect(provider.getIntent('pi_1')).rejects.toThrow(ProviderUnavailable)
  provider.close()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
