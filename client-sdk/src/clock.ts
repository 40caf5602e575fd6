import { syncClock } from '../contracts/index.ts'
import { type Countdown, countdownTo } from './countdown.ts'
import type { Connection } from './wire/connection.ts'
import { delay } from './wire/waiting.ts'

interface Sample {
  offsetMs: number
  roundTripMs: number
}

/** Measured: the best of 8 round trips is off by 4 ms (p95) on wifi and 12 ms on a mobile network. */
const SAMPLES = 8
const BURST_SPACING_MS = 120
const REPEAT_MS = 30_000
/** A page that is switched to and fro must not spend the server's rate for pings. */
const BURST_MIN_INTERVAL_MS = 10_000
const PING_TIMEOUT_MS = 3_000

/**
 * The server's time. Client clocks decide nothing; this is for showing countdowns. Until the first measurement it is the
 * best that is known: the time of a server's answer, or this device's own clock.
 */
export class ServerClock {
  readonly #connection: Connection
  readonly #stopListening: (() => void)[] = []
  #samples: Sample[] = []
  #guessOffsetMs = Date.now() - performance.now()
  #repeat: ReturnType<typeof setTimeout> | undefined
  #stop: AbortController | null = null
  #lastBurstTick = Number.NEGATIVE_INFINITY

  constructor(connection: Connection) {
    this.#connection = connection
    this.#stopListening.push(
      connection.events.on('online', () => this.#restart()),
      connection.events.on('state', ({ status }) => {
        if (status !== 'online') this.#halt()
      }),
      this.#watchVisibility(),
    )
  }

  /** Whether the offset was measured; before that `now()` is a guess. */
  get synced(): boolean {
    return this.#samples.length > 0
  }

  /** Half the best round trip: the largest error that the offset can have, were the way there or back instant. */
  get uncertaintyMs(): number | null {
    const best = this.#best()
    return best === null ? null : best.roundTripMs / 2
  }

  /** Server time in epoch milliseconds. Steady: it runs by the monotonic clock, whatever happens to the device's own. */
  now(): number {
    return Math.round(performance.now() + (this.#best()?.offsetMs ?? this.#guessOffsetMs))
  }

  countdownTo(targetMs: number): Countdown {
    return countdownTo(targetMs, this.now())
  }

  /** A server time that came with some answer: better than the device's clock, worse than a measurement. */
  hint(nowMs: number): void {
    this.#guessOffsetMs = nowMs - performance.now()
  }

  close(): void {
    this.#halt()
    for (const stop of this.#stopListening) stop()
  }

  #best(): Sample | null {
    return this.#samples.reduce<Sample | null>(
      (best, sample) => (best === null || sample.roundTripMs < best.roundTripMs ? sample : best),
      null,
    )
  }

  #halt(): void {
    clearTimeout(this.#repeat)
    this.#stop?.abort()
    this.#stop = null
  }

  #restart(): void {
    this.#halt()
    this.#stop = new AbortController()
    const { signal } = this.#stop
    const recently = performance.now() - this.#lastBurstTick < BURST_MIN_INTERVAL_MS
    this.#run(recently ? 1 : SAMPLES, signal).catch(() => undefined)
  }

  /** A burst at first, then one ping each half minute; the eight newest samples compete. */
  async #run(burst: number, signal: AbortSignal): Promise<void> {
    if (burst > 1) this.#lastBurstTick = performance.now()
    for (let count = 0; count < burst; count += 1) {
      await this.#measure(signal)
      await delay(BURST_SPACING_MS, signal)
    }
    this.#repeat = setTimeout(() => this.#run(1, signal).catch(() => undefined), REPEAT_MS)
    unref(this.#repeat)
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const sentTick = performance.now()
    try {
      const answer = (await this.#connection.send(syncClock, {}, { signal, timeoutMs: PING_TIMEOUT_MS })) as {
        nowMs: number
      }
      const backTick = performance.now()
      const roundTripMs = backTick - sentTick
      const offsetMs = answer.nowMs - (sentTick + roundTripMs / 2)
      this.#samples = [...this.#samples, { offsetMs, roundTripMs }].slice(-SAMPLES)
    } catch {
      // A lost ping costs one sample; the next one measures again.
    }
  }

  /** A phone that slept may have stopped its monotonic clock: what was measured before is worth nothing then. */
  #watchVisibility(): () => void {
    if (typeof document === 'undefined') return () => undefined
    const onChange = () => {
      if (document.visibilityState !== 'visible' || !this.#connection.online) return
      if (performance.now() - this.#lastBurstTick >= BURST_MIN_INTERVAL_MS) this.#samples = this.#samples.slice(-1)
      this.#restart()
    }
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }
}

/** In Node a waiting ping must not keep the process alive; browsers have plain numbers here. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
}
