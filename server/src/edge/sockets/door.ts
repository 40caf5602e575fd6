import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { Handshake, type RateLimit } from '@livelot/client/contracts'
import type { Socket } from 'socket.io'
import { type Actor, guest } from '#kernel/actor'
import { Addresses, addressOf } from './addresses.ts'
import type { Connection } from './connection.ts'
import { type AddressLimits, limits } from './limits.ts'
import { PacketGate } from './packet-gate.ts'
import { Rate } from './rate.ts'
import { cutWhenGivenUp, endTransport } from './transport.ts'

export type EngineSocket = Socket['conn']

export interface DoorOptions {
  readonly allowedOrigins: readonly string[]
  readonly trustProxyHops: number
  readonly addressLimits: AddressLimits
  readonly packets: RateLimit
  readonly handshakes: RateLimit
}

/** Somebody who came in, before and after the socket has entered the namespace. */
export interface Arrival {
  readonly ip: string
  readonly gate: PacketGate
  connection: Connection | null
}

const closeEveryMs = 20

/** Who may come in at all, and what is counted of everybody from the first byte. */
export class Door {
  readonly #options: DoorOptions
  readonly #allowed: ReadonlySet<string>
  readonly #addresses: Addresses
  readonly #handshakes: Rate
  readonly #arrivals = new Map<EngineSocket, Arrival>()
  #isClosed = false

  constructor(options: DoorOptions) {
    this.#options = options
    this.#allowed = new Set(options.allowedOrigins)
    this.#addresses = new Addresses(options.addressLimits)
    this.#handshakes = new Rate(options.handshakes)
  }

  /** From now on nobody new comes in. */
  shut(): void {
    this.#isClosed = true
  }

  /** Why this request may not even begin, told as Engine.IO tells it; null when it may. */
  refusalOf(request: IncomingMessage): string | null {
    const { origin } = request.headers
    // Browsers always send their origin; programs of other kinds have none, and no cookies to misuse.
    if (origin !== undefined && !this.#allowed.has(origin)) return 'request.origin_refused'
    if (this.#isClosed) return 'server.busy'
    if (!this.#addresses.mayOpen(addressOf(request, this.#options.trustProxyHops))) return 'request.rate_limited'
    // Asked last: whoever is refused for something else must not take the turn of somebody who is let in.
    return this.#handshakes.take() === 0 ? null : 'server.busy'
  }

  arrive(conn: EngineSocket): void {
    const ip = addressOf(conn.request, this.#options.trustProxyHops)
    const arrival: Arrival = { ip, gate: new PacketGate(this.#options.packets), connection: null }
    this.#arrivals.set(conn, arrival)
    this.#addresses.opened(ip)
    cutWhenGivenUp(conn, limits.closeMs)
    conn.once('close', () => {
      this.#arrivals.delete(conn)
      this.#addresses.closed(ip)
    })
    conn.on('packet', ({ type }: { type: string }) => {
      if (type === 'pong' || arrival.gate.pass() !== 'out') return
      const { connection } = arrival
      if (connection && !connection.isEnding) connection.limit('rate', 10_000)
      else endTransport(conn, 0)
    })
    // What is left of the HTTP request is a third of an idle connection's memory.
    ;(conn as { request: unknown }).request = null
  }

  find(conn: EngineSocket): Arrival | undefined {
    return this.#arrivals.get(conn)
  }

  /** Closes everybody, and cuts who has not closed within `withinMs`. */
  async closeAll(withinMs: number): Promise<void> {
    const ends = [...this.#arrivals.keys()].map((conn) => endTransport(conn, withinMs))
    const endsAtMs = performance.now() + withinMs + closeEveryMs
    while (ends.some((isEnded) => !isEnded()) && performance.now() < endsAtMs) await delay(closeEveryMs)
  }
}

/** Refuses: request.invalid (another protocol, unknown fields), auth.token_expired, auth.required. */
export async function identify(socket: Socket, authenticate: (token: string) => Promise<Actor>): Promise<Actor> {
  const { token } = Handshake.parse(socket.handshake.auth)
  // The token stays with us no longer than it takes to read it.
  socket.handshake.auth = {}
  return token === undefined ? guest : await authenticate(token)
}
