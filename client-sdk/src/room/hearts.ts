import { addHearts } from '../../contracts/index.ts'
import type { Connection } from '../wire/connection.ts'

const INTERVAL_MS = 1_000
/** What one request may carry; a faster thumb than this is not counted. */
const HEARTS_MAX = 20
const TIMEOUT_MS = 2_000

/** Collects taps and sends them at most once a second. Hearts may be lost: they are never sent again. */
export class Hearts {
  readonly #connection: Connection
  readonly #showId: string
  #waiting = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(connection: Connection, showId: string) {
    this.#connection = connection
    this.#showId = showId
  }

  add(hearts: number): void {
    this.#waiting = Math.min(HEARTS_MAX, this.#waiting + Math.max(0, Math.floor(hearts)))
    if (this.#timer === undefined) this.#flush()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting = 0
  }

  #flush(): void {
    this.#timer = undefined
    if (this.#waiting === 0) return
    const request = { showId: this.#showId, hearts: this.#waiting }
    this.#waiting = 0
    this.#timer = setTimeout(() => this.#flush(), INTERVAL_MS)
    if (!this.#connection.online) return
    this.#connection.send(addHearts, request, { timeoutMs: TIMEOUT_MS }).catch(() => undefined)
  }
}
