import type { DataOf, Operation, ShowId, ToldEvent } from '@livelot/client/contracts'
import { limitTold } from '@livelot/client/contracts'
import type { Socket } from 'socket.io'
import type { Actor } from '#kernel/actor'
import { nowMs } from '#kernel/now'
import { encode, type Packet } from './frame.ts'
import { limits } from './limits.ts'
import { faster, Rate } from './rate.ts'
import { Outlet } from './transport.ts'

export type LimitReason = DataOf<typeof limitTold>['reason']

/** Somewhere that a connection can be in and must be taken out of when it ends. */
export interface Place {
  remove(connection: Connection): void
}

export interface ConnectionCounters {
  shed(): void
  cut(reason: LimitReason): void
}

/** One open socket: who it is, what it may send, and how fast it reads. */
export class Connection {
  readonly socket: Socket
  readonly ip: string
  readonly places = new Map<ShowId, Place>()
  actor: Actor
  readonly #outlet: Outlet
  readonly #counters: ConnectionCounters
  readonly #rates = new Map<string, Rate>()
  #slowSinceMs: number | null = null
  #expiry: NodeJS.Timeout | undefined
  #isEnding = false

  constructor(socket: Socket, actor: Actor, ip: string, counters: ConnectionCounters, mayWriteDirectly = true) {
    this.socket = socket
    this.actor = actor
    this.ip = ip
    this.#counters = counters
    this.#outlet = new Outlet(socket.conn, mayWriteDirectly)
    this.#watchExpiry()
  }

  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Milliseconds to wait before this operation; 0 when it may go ahead. */
  takeRate(operation: Operation, paceFactor: number): number {
    const limit = operation.socket
    if (!limit) return 0
    let rate = this.#rates.get(operation.name)
    if (!rate) {
      rate = new Rate(faster(limit.rate, paceFactor))
      this.#rates.set(operation.name, rate)
    }
    return rate.take()
  }

  /** A fresh token of the same account; the connection lives as long as the token. */
  renew(actor: Actor): void {
    this.actor = actor
    this.#watchExpiry()
  }

  tell<E extends ToldEvent>(event: E, data: DataOf<E>): void {
    this.deliver(encode(event, data))
  }

  /**
   * Sends a packet. One that may be left out is left out while the connection reads too slowly; one that reads too
   * slowly for too long is cut, because its queue would grow in this process.
   */
  deliver(packet: Packet, mayBeLeftOut = false): void {
    if (this.#isEnding) return
    const { packets, bytes } = this.#outlet.backlog()
    if (packets < limits.slowPackets && bytes < limits.slowBytes) {
      this.#slowSinceMs = null
      this.#outlet.send(packet)
      return
    }
    const nowMs = performance.now()
    this.#slowSinceMs ??= nowMs
    const isHopeless = packets >= limits.cutPackets || bytes >= limits.cutBytes
    if (isHopeless || nowMs - this.#slowSinceMs >= limits.slowMs) this.limit('slow-reader', 1_000)
    else if (mayBeLeftOut) this.#counters.shed()
    else this.#outlet.send(packet)
  }

  /** Says why and closes. The client may come back after `retryAfterMs`; its cursor brings it up to date. */
  limit(reason: LimitReason, retryAfterMs: number): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#counters.cut(reason)
    this.leaveAll()
    this.#outlet.send(encode(limitTold, { reason, retryAfterMs }))
    this.#close()
  }

  /** Tells that the process is about to stop; the connection stays open until the client has another one. */
  warn(reason: LimitReason, retryAfterMs: number): void {
    this.tell(limitTold, { reason, retryAfterMs })
  }

  /** Closes such that the client comes back by itself. */
  close(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.leaveAll()
    this.#close()
  }

  /** The socket has ended, whoever ended it. */
  ended(): void {
    this.#isEnding = true
    clearTimeout(this.#expiry)
    this.leaveAll()
  }

  leaveAll(): void {
    for (const place of this.places.values()) place.remove(this)
    this.places.clear()
  }

  // NOTE: the namespace's own disconnect() would tell the client never to come back; the transport is closed instead.
  #close(): void {
    clearTimeout(this.#expiry)
    this.#outlet.close(limits.closeMs)
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry)
    if (this.actor.kind === 'guest') return
    this.#expiry = setTimeout(() => this.close(), Math.max(0, this.actor.expiresAtMs - nowMs()))
  }
}
