import type { RateLimit } from '@livelot/client/contracts'
import { limits } from './limits.ts'
import { Rate } from './rate.ts'

/**
 * Counts everything that one connection sends, read at the lowest layer, so that nothing comes in uncounted. What is
 * over the limit is refused; the third time in a row the connection is closed.
 */
export class PacketGate {
  readonly #rate: Rate
  #strikes = 0
  #strikeAtMs = 0
  #overs: number[] = []

  constructor(packets: RateLimit = limits.packets) {
    this.#rate = new Rate(packets)
  }

  /** Counts one packet. `over` is refused, `out` ends the connection. */
  pass(nowMs = performance.now()): 'ok' | 'over' | 'out' {
    const waitMs = this.#rate.take(nowMs)
    if (waitMs === 0) return 'ok'
    const forgiven = Math.floor((nowMs - this.#strikeAtMs) / limits.strikeForgivenMs)
    this.#strikes = Math.max(0, this.#strikes - forgiven) + 1
    this.#strikeAtMs = nowMs
    this.#overs.push(waitMs)
    return this.#strikes >= limits.strikesMax ? 'out' : 'over'
  }

  /** Milliseconds to wait for the packet that is answered next, 0 when none was over the limit. */
  takeOver(): number {
    return this.#overs.shift() ?? 0
  }
}
