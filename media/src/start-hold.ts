import type { Logger } from 'pino'
import type { MediaLimits } from './limits.ts'
import type { Publisher } from './publisher.ts'
import type { Viewer } from './viewer.ts'

/**
 * Decides when the first picture of a new track goes out: at once when nobody waits for it, else when those who wait can
 * see it, or when they have had their time. Late ones ask for a key frame of their own, as in the middle of a show.
 */
export class StartHold {
  readonly #limits: MediaLimits
  readonly #log: Logger
  readonly #viewers: () => readonly Viewer[]
  #publisher: Publisher | undefined
  #timer: NodeJS.Timeout | undefined
  #firstIsReady = false
  #rejoinsExpected = 0
  #rejoinsUntilMs = 0

  constructor(limits: MediaLimits, log: Logger, viewers: () => readonly Viewer[]) {
    this.#limits = limits
    this.#log = log
    this.#viewers = viewers
  }

  /** So many viewers were told to join again; they will be here in a moment. */
  expectRejoins(viewers: number): void {
    this.#rejoinsExpected = viewers
    this.#rejoinsUntilMs = performance.now() + this.#limits.rejoinExpectedMs
  }

  viewerJoined(): void {
    this.#rejoinsExpected -= 1
  }

  isAwaited(): boolean {
    return this.#viewers().length > 0 || this.#expectsMore()
  }

  begin(publisher: Publisher): void {
    this.cancel()
    this.#publisher = publisher
    this.#timer = setTimeout(() => this.#letGo(), this.#limits.startHoldMs)
  }

  /** A viewer can see from now on. */
  viewerReady(): void {
    if (this.#publisher === undefined) return
    if (!this.#expectsMore() && this.#viewers().every((viewer) => viewer.ready)) {
      this.#letGo()
    } else if (!this.#firstIsReady) {
      this.#firstIsReady = true
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#letGo(), this.#limits.startHoldAfterFirstMs)
    }
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#publisher = undefined
    this.#firstIsReady = false
  }

  #expectsMore(): boolean {
    return this.#rejoinsExpected > 0 && performance.now() < this.#rejoinsUntilMs
  }

  #letGo(): void {
    const publisher = this.#publisher
    this.cancel()
    publisher?.letGo().catch((error: unknown) => this.#log.info({ err: error }, 'the track ended before it was seen'))
  }
}
