import { protocolVersion } from '@livelot/client/contracts'
import { WebSocket } from 'ws'
import type { TestPlatform } from '../support/platform.ts'

const patienceMs = 10_000

interface On {
  readonly platform: Pick<TestPlatform, 'urls'>
}

/** A connection that speaks Engine.IO and Socket.IO by hand. */
export interface RawSocket {
  /** Sends a packet with an acknowledgement number; null when the connection ends before the answer. */
  ask(number: number, rest: string): Promise<string | null>
  send(data: string | Buffer): void
  /** Enters the main namespace as this caller: `entered`, `ended`, or the packet that refuses it. */
  enter(token: string | undefined): Promise<string>
  readonly ended: Promise<void>
  readonly told: readonly string[]
  close(): void
}

/** Opens the transport; nothing is said yet. */
export async function openRaw({ platform }: On, from = '192.0.2.1'): Promise<RawSocket> {
  const url = `${platform.urls.http.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`
  const socket = new WebSocket(url, { headers: { 'x-forwarded-for': from } })
  const waiting = new Map<number, (answer: string | null) => void>()
  const told: string[] = []
  const opened = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<void>()
  socket.on('error', () => undefined)
  socket.on('close', () => {
    for (const answer of waiting.values()) answer(null)
    opened.reject(new Error('the connection was refused'))
    entered.resolve('ended')
    ended.resolve()
  })
  socket.on('message', (data) => {
    const text = String(data)
    if (text.startsWith('0{')) opened.resolve()
    else if (text.startsWith('40')) entered.resolve('entered')
    else if (text.startsWith('44')) entered.resolve(text)
    else if (text === '2') socket.send('3')
    else if (text.startsWith('43')) {
      const number = Number(/^43(\d+)\[/.exec(text)?.[1])
      waiting.get(number)?.(text.slice(2 + String(number).length))
      waiting.delete(number)
    } else told.push(text)
  })
  await opened.promise
  return {
    ask: (number, rest) => {
      if (socket.readyState !== WebSocket.OPEN) return Promise.resolve(null)
      const answer = Promise.withResolvers<string | null>()
      waiting.set(number, answer.resolve)
      socket.send(`42${number}${rest}`)
      const late = setTimeout(() => answer.resolve('no answer'), patienceMs)
      return answer.promise.finally(() => clearTimeout(late))
    },
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
    },
    enter: (token) => {
      socket.send(`40${JSON.stringify({ protocol: protocolVersion, token })}`)
      return entered.promise
    },
    ended: ended.promise,
    told,
    close: () => socket.terminate(),
  }
}

/** Enters at once. Throws when it is not let in. */
export async function openEntered({ platform }: On, token: string | undefined, from?: string): Promise<RawSocket> {
  const socket = await openRaw({ platform }, from)
  const entered = await socket.enter(token)
  if (entered !== 'entered') throw new Error(`the socket was not let in: ${entered}`)
  return socket
}
