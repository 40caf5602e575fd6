import type { ToldEvent } from '@livelot/client/contracts'

/** One event, encoded once for all who get it. */
export interface Packet {
  /** As Engine.IO carries it: a Socket.IO event of the main namespace. */
  readonly text: string
  /** As the TCP connection carries it: the whole WebSocket frame. */
  readonly frame: Buffer
}

// Engine.IO's type 4 (message) in front of Socket.IO's type 2 (event).
const engineMessage = '4'
const socketEvent = '2'
const finalTextFrame = 0x81

export function encode(event: ToldEvent, data: unknown): Packet {
  const text = `${socketEvent}${JSON.stringify([event.name, data])}`
  return { text, frame: frameOf(`${engineMessage}${text}`) }
}

/** One unmasked, final text frame. Source: RFC 6455 section 5.2, read 2026-11-22. */
export function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headerLength + length)
  frame[0] = finalTextFrame
  if (headerLength === 2) {
    frame[1] = length
  } else if (headerLength === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headerLength)
  return frame
}
