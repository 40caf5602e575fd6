import type { Connection } from './connection.ts'
import type { Packet } from './frame.ts'
import { limits } from './limits.ts'

/**
 * What may wait a moment on its way to a large room: chat and pulses. They are sent to a slice of the members in each
 * turn of the event loop, so that a bid waits for a slice and not for three thousand writes. One packet after the other.
 */
export class SideLane {
  readonly #members: ReadonlySet<Connection>
  readonly #waiting: { packet: Packet; mayBeLeftOut: boolean; members: Iterator<Connection>; fromMs: number }[] = []
  #isRunning = false
  #roundMs = 0

  constructor(members: ReadonlySet<Connection>) {
    this.#members = members
  }

  /** How long the last packet took from the first member to the last: the busier this process, the longer. */
  get roundMs(): number {
    return this.#roundMs
  }

  /** To those who are members now, and still are when their turn comes. */
  send(packet: Packet, mayBeLeftOut: boolean): void {
    this.#waiting.push({ packet, mayBeLeftOut, members: [...this.#members].values(), fromMs: performance.now() })
    if (!this.#isRunning) this.#sendSlice()
  }

  #sendSlice(): void {
    const first = this.#waiting[0]
    this.#isRunning = first !== undefined
    if (!first) return
    for (let sent = 0; sent < limits.sideLaneSlice; sent += 1) {
      const { value: member, done } = first.members.next()
      if (done) {
        this.#waiting.shift()
        this.#roundMs = performance.now() - first.fromMs
        break
      }
      if (this.#members.has(member)) member.deliver(first.packet, first.mayBeLeftOut)
    }
    if (this.#waiting.length > 0) setImmediate(() => this.#sendSlice())
    else this.#isRunning = false
  }
}
