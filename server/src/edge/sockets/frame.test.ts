import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { frameOf } from './frame.ts'

describe('a frame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    'of %i bytes is read by a WebSocket client',
    async (bytes) => {
      const server = createServer()
      const sockets = new WebSocketServer({ server, perMessageDeflate: false })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const text = 'é'.repeat(Math.floor(bytes / 2)) + 'x'.repeat(bytes % 2)
      sockets.on('connection', (socket) => (socket as unknown as { _socket: Socket })._socket.write(frameOf(text)))
      const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
      const heard = await new Promise<string>((resolve) => client.once('message', (data) => resolve(String(data))))
      expect(heard).toBe(text)
      client.terminate()
      sockets.close()
      await new Promise((resolve) => server.close(resolve))
    },
  )
})
