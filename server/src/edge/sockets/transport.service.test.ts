import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { io } from 'socket.io-client'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { encode } from './frame.ts'
import { Outlet } from './transport.ts'

const counted = { name: 'test:counted', version: 1, summary: '', data: z.unknown() }

/** One connection, and everything that its client hears of the counted event. */
async function connect(perMessageDeflate: boolean | { threshold: number }) {
  const httpServer = createServer()
  const server = new Server(httpServer, { transports: ['websocket'], perMessageDeflate })
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  const heard: number[] = []
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const client = io(`http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`, { transports: ['websocket'] })
  client.on('test:counted', (n: number) => heard.push(n))
  const socket = await accepted
  const close = async () => {
    client.disconnect()
    await server.close()
  }
  return { socket, client, heard, close }
}

describe.each([
  ['written straight to the connection', false, true, true],
  ['by Engine.IO because it was asked to', false, false, false],
  ['by Engine.IO because frames are compressed', { threshold: 0 }, true, false],
])('packets %s', (_title, deflate, mayWriteDirectly, isDirect) => {
  it('arrive whole and in order, also between ordinary emits', async () => {
    const { socket, client, heard, close } = await connect(deflate)
    const outlet = new Outlet(socket.conn, mayWriteDirectly)
    expect(outlet.isDirect).toBe(isDirect)
    const count = 500
    for (let n = 0; n < count; n++) {
      if (n % 3 === 0) socket.emit(counted.name, n)
      else outlet.send(encode(counted, n))
      if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await new Promise<void>((resolve) => {
      client.on('last', () => resolve())
      socket.emit('last')
    })
    expect(heard).toEqual(Array.from({ length: count }, (_, n) => n))
    await close()
  })
})
