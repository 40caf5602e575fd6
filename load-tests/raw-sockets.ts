import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Server } from 'socket.io'
import * as webSockets from 'ws'
import { type WebSocket, WebSocketServer } from 'ws'

/**
 * The raw limits of live rooms, in a process of their own. `bare`: a WebSocket server of `ws` that frames a text once and
 * sends the frame to each socket. `library`: a stock Socket.IO server that emits each line of chat to everybody.
 */
export type RawCall =
  | { readonly do: 'listen'; readonly kind: 'bare' | 'library' }
  | { readonly do: 'send'; readonly text: string; readonly perSecond: number; readonly forMs: number }

interface FrameSender {
  sendFrame(list: readonly Buffer[]): void
}
// Its types do not name what frames are made by.
const { Sender } = webSockets as unknown as {
  Sender: { frame(data: Buffer, options: Record<string, unknown>): Buffer[] }
}
const textFrame = { fin: true, opcode: 1, mask: false, readOnly: true, rsv1: false }

const server = createServer()
const sockets = new Set<WebSocket>()

// A bench that is ended from outside must not leave this behind.
process.on('disconnect', () => process.exit())
process.on('message', ({ id, call }: { id: number; call: RawCall }) => {
  const answered = call.do === 'listen' ? listen(call.kind) : send(call)
  answered.then((value) => process.send?.({ id, value }))
})

async function listen(kind: 'bare' | 'library'): Promise<number> {
  if (kind === 'bare') {
    new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
    })
  } else {
    const io = new Server(server, { transports: ['websocket'] })
    io.on('connection', (socket) => {
      socket.on('chat:send', (line: unknown, acknowledge: (ack: unknown) => void) => {
        io.emit('chat:line', line)
        acknowledge({ ok: true })
      })
    })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** The same text at a steady pace; answers how many times. */
async function send({ text, perSecond, forMs }: Extract<RawCall, { do: 'send' }>): Promise<number> {
  const begin = performance.now()
  let sent = 0
  while (performance.now() - begin < forMs) {
    const packet = Sender.frame(Buffer.from(withTime(text)), textFrame)
    for (const socket of sockets) (socket as unknown as { _sender: FrameSender })._sender.sendFrame(packet)
    sent += 1
    await delay(Math.max(0, begin + (sent * 1_000) / perSecond - performance.now()))
  }
  return sent
}

const withTime = (text: string): string => text.replace(/"nowMs":\d+/, `"nowMs":${Date.now()}`)
