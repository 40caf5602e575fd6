import { WebSocket } from 'ws'

/**
 * One connection to the live rooms that does as little as it can: thousands of whole clients in the process of a bench
 * would measure the crowd. It speaks what the SDK speaks (Engine.IO 4, Socket.IO 5) and reads of an answer only what is
 * asked for. Sources: github.com/socketio/engine.io-protocol, github.com/socketio/socket.io-protocol, read 2026-11-22.
 */
export interface LeanSocket {
  /** Emits, and answers the acknowledgement as its text: `[{"ok":true,…}]`. */
  ask(operation: string, request: unknown): Promise<string>
  /** Told events, as their text: `["show:feed",{…}]`. */
  onTold: (text: string) => void
  close(): void
}

const handshakeMsMax = 20_000

export function openLeanSocket(baseUrl: string, token?: string): Promise<LeanSocket> {
  const socket = new WebSocket(`${baseUrl.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  })
  const waiting = new Map<number, (text: string) => void>()
  let lastId = 0
  const lean: LeanSocket = {
    ask: (operation, request) =>
      new Promise((resolve, reject) => {
        if (socket.readyState !== WebSocket.OPEN) return reject(new Error('The connection is closed.'))
        lastId += 1
        waiting.set(lastId, resolve)
        socket.send(`42${lastId}${JSON.stringify([operation, request])}`)
      }),
    onTold: () => undefined,
    close: () => socket.close(),
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The handshake took too long.')), handshakeMsMax)
    const fail = (error: Error) => {
      clearTimeout(timer)
      reject(error)
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('The connection was closed.')))
    socket.on('message', (data) => {
      const text = String(data)
      if (text === '2') return socket.send('3')
      if (text.startsWith('43')) {
        const bracket = text.indexOf('[')
        const id = Number(text.slice(2, bracket))
        waiting.get(id)?.(text.slice(bracket))
        waiting.delete(id)
        return
      }
      if (text.startsWith('42')) return lean.onTold(text.slice(2))
      if (text.startsWith('0')) return socket.send(`40${JSON.stringify({ protocol: 1, token })}`)
      if (text.startsWith('44')) return fail(new Error(`Refused: ${text.slice(2, 200)}`))
      if (text.startsWith('40')) {
        clearTimeout(timer)
        resolve(lean)
      }
    })
  })
}

export const isOk = (ack: string): boolean => ack.startsWith('[{"ok":true')

/** An integer of an answer, by its name, without reading the whole of it. */
export function numberIn(text: string, field: string): number | null {
  const at = text.indexOf(`"${field}":`)
  if (at < 0) return null
  const value = Number.parseInt(text.slice(at + field.length + 3), 10)
  return Number.isNaN(value) ? null : value
}

/** A text of an answer, by its name. */
export function textIn(text: string, field: string): string | null {
  const at = text.indexOf(`"${field}":"`)
  if (at < 0) return null
  const from = at + field.length + 4
  return text.slice(from, text.indexOf('"', from))
}
