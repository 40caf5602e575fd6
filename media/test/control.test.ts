import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { controlCloseCodes, controlFrameBytesMax, controlMethods } from '../control.ts'
import { openSocket, TestApi } from './support/api.ts'
import { secret, withMediaNode } from './support/node.ts'

const refusedWith = async (socket: WebSocket): Promise<number | undefined> => {
  socket.on('error', () => undefined)
  const [, response] = await once(socket, 'unexpected-response')
  socket.terminate()
  return response.statusCode
}

describe('the control port lets in', () => {
  test('only who knows the secret, speaks the version and asks for the right path', async () => {
    const node = await withMediaNode()
    expect(await refusedWith(openSocket(node, { authorization: 'Bearer another-secret' }))).toBe(401)
    expect(await refusedWith(openSocket(node, { authorization: '' }))).toBe(401)
    expect(await refusedWith(openSocket(node, { authorization: secret }))).toBe(401)
    expect(await refusedWith(openSocket(node, { protocol: 'livelot-media.v0' }))).toBe(426)
    expect(await refusedWith(openSocket(node, { path: '/elsewhere' }))).toBe(404)
    const api = await TestApi.connect(node)
    expect((await api.ask('node-stats', {})).owners).toBe(1)
  })

  test('anybody to health and readiness, and the secret’s holder to the figures', async () => {
    const node = await withMediaNode()
    const get = async (path: string, authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const response = await fetch(node.url.replace('ws', 'http') + path, { headers })
      return { status: response.status, text: await response.text() }
    }
    expect(await get('/healthz')).toEqual({ status: 200, text: '{"ok":true}' })
    expect(await get('/readyz')).toEqual({ status: 200, text: '{"ready":true}' })
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/nothing')).status).toBe(404)
    const figures = await get('/metrics', `Bearer ${secret}`)
    expect(figures.status).toBe(200)
    expect(figures.text).toContain('livelot_media_objects{kind="rooms"} 0')
    expect(figures.text).toContain('livelot_media_worker_load{worker="0",figure="viewers"} 0')
  })
})

describe('a frame that is no request', () => {
  const closeCodeAfter = async (send: (socket: WebSocket) => void): Promise<number> => {
    const node = await withMediaNode()
    const api = await TestApi.connect(node)
    api.socket.on('error', () => undefined)
    const closed = once(api.socket, 'close')
    send(api.socket)
    const [code] = await closed
    // The node goes on, and the next connection is as good as any.
    expect((await (await TestApi.connect(node)).ask('node-stats', {})).ready).toBe(true)
    return code
  }

  test.each([
    ['not JSON', (socket: WebSocket) => socket.send('{"id":1,')],
    ['binary', (socket: WebSocket) => socket.send(Buffer.from([1, 2, 3]))],
    ['null', (socket: WebSocket) => socket.send('null')],
    ['an id that is no number', (socket: WebSocket) => socket.send('{"id":"1","method":"watch","params":{}}')],
    ['without parameters', (socket: WebSocket) => socket.send('{"id":1,"method":"watch"}')],
    ['an unknown field', (socket: WebSocket) => socket.send('{"id":1,"method":"watch","params":{},"more":1}')],
  ])('(%s) closes the connection', async (_name, send) => {
    expect(await closeCodeAfter(send)).toBe(controlCloseCodes.badFrame)
  })

  test('(too large) closes the connection', async () => {
    expect(await closeCodeAfter((socket) => socket.send('x'.repeat(controlFrameBytesMax + 1)))).toBe(1009)
  })
})

describe('a request', () => {
  test('of an unknown method, or of the name of an inherited property, is invalid', async () => {
    const api = await TestApi.connect(await withMediaNode())
    expect(await api.refusal('dance', {})).toBe('request.invalid')
    expect(await api.refusal('constructor', {})).toBe('request.invalid')
    expect(await api.refusal('__proto__', {})).toBe('request.invalid')
  })

  test('with wrong or missing parameters is invalid, for every method', async () => {
    const api = await TestApi.connect(await withMediaNode())
    for (const method of Object.keys(controlMethods)) {
      for (const params of [null, [], 'text', 1, { unknown: true }]) {
        expect({ method, code: await api.refusal(method, params) }).toEqual({ method, code: 'request.invalid' })
      }
    }
  })
})
