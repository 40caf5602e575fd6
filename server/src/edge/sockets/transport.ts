import type { Socket as TcpSocket } from 'node:net'
import type { Socket } from 'socket.io'
import type { Packet } from './frame.ts'

type EngineSocket = Socket['conn']

/** The inner parts of a WebSocket of `ws` under Engine.IO; looked for, never taken for granted. */
interface InnerTransport {
  readonly name?: unknown
  readonly writable?: unknown
  readonly perMessageDeflate?: unknown
  readonly socket?: {
    readonly readyState?: unknown
    readonly extensions?: unknown
    readonly _socket?: unknown
    readonly _sender?: { readonly _bufferedBytes?: unknown; readonly _queue?: unknown }
    terminate?: () => void
    once?: (event: 'close', listener: () => void) => void
  }
}

const openState = 1
const closedState = 3

/** How much of what was sent is still waiting in this process. */
export interface Backlog {
  readonly packets: number
  readonly bytes: number
}

/**
 * The way out to one connection. A packet is written to the TCP connection as one buffer where the parts of `ws` are
 * as they were when this was written and nothing waits before it; in every other case Engine.IO sends it.
 */
export class Outlet {
  readonly #conn: EngineSocket
  readonly #tcp: TcpSocket | null

  constructor(conn: EngineSocket, mayWriteDirectly = true) {
    this.#conn = conn
    this.#tcp = mayWriteDirectly ? tcpOf(inner(conn)) : null
  }

  get isDirect(): boolean {
    return this.#tcp !== null
  }

  send(packet: Packet): void {
    if (this.#tcp !== null && this.#isIdle()) {
      this.#tcp.write(packet.frame)
      return
    }
    // NOTE: Engine.IO reads this option where it may skip its own framing; compress is its default.
    const options = this.#tcp === null ? {} : { wsPreEncodedFrame: [packet.frame] }
    this.#conn.write(packet.text, options as Parameters<EngineSocket['write']>[1])
  }

  /** Direct writes wait in the TCP socket, those of Engine.IO in its own queue: a slow reader shows in either. */
  backlog(): Backlog {
    const tcp = this.#tcp ?? tcpOf(inner(this.#conn))
    const { writeBuffer } = this.#conn as unknown as { writeBuffer?: unknown[] }
    return { packets: writeBuffer?.length ?? 0, bytes: tcp?.writableLength ?? 0 }
  }

  close(closeMs: number): void {
    endTransport(this.#conn, closeMs)
  }

  /** Nothing of Engine.IO or `ws` is waiting that a direct write would overtake. */
  #isIdle(): boolean {
    const conn = this.#conn as unknown as { readyState?: unknown; writeBuffer?: unknown[] }
    const transport = inner(this.#conn)
    const { socket } = transport
    return (
      conn.readyState === 'open' &&
      transport.writable === true &&
      conn.writeBuffer?.length === 0 &&
      socket?.readyState === openState &&
      socket._sender?._bufferedBytes === 0 &&
      this.#tcp?.writable === true
    )
  }
}

const inner = (conn: EngineSocket) => conn.transport as unknown as InnerTransport

/** The TCP connection below a plain WebSocket, or null where anything is not as expected. */
function tcpOf(transport: InnerTransport): TcpSocket | null {
  const { socket } = transport
  const tcp = socket?._socket as Partial<TcpSocket> | undefined
  const isKnown =
    transport.name === 'websocket' &&
    !transport.perMessageDeflate &&
    socket?.extensions === '' &&
    typeof socket._sender?._bufferedBytes === 'number' &&
    typeof tcp?.write === 'function' &&
    typeof tcp.writableLength === 'number'
  return isKnown ? (tcp as TcpSocket) : null
}

/**
 * Cuts what is left of a connection that Engine.IO has given up, by a missed heartbeat for one: a WebSocket waits half a
 * minute for a goodbye that nobody says any more, and the process could not stop before.
 */
export function cutWhenGivenUp(conn: EngineSocket, closeMs: number): void {
  const { socket } = inner(conn)
  conn.once('close', () => {
    if (socket?.readyState === closedState) return
    const timer = setTimeout(() => socket?.terminate?.(), closeMs)
    socket?.once?.('close', () => clearTimeout(timer))
  })
}

/**
 * Closes such that the client comes back by itself; a far end that does not answer within `closeMs` is cut, or its
 * backlog would stay for half a minute. The answer tells whether the WebSocket is gone.
 */
export function endTransport(conn: EngineSocket, closeMs: number): () => boolean {
  const { socket } = inner(conn)
  let isEnded = socket?.once === undefined
  const timer = setTimeout(() => socket?.terminate?.(), closeMs)
  // NOTE: Engine.IO says "closed" at once; the WebSocket itself tells when it is.
  socket?.once?.('close', () => {
    isEnded = true
    clearTimeout(timer)
  })
  conn.close()
  return () => isEnded
}
